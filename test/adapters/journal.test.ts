import { test } from 'tap'
import { crc32 } from '../../src/adapters/crc32.js'
import { journal, MAX_PENDING_RECORDS } from '../../src/adapters/journal.js'
import type { Journal } from '../../src/adapters/journal.js'
import { readSegments } from '../../src/adapters/journal-files.js'
import { parseSegment, segmentHeader, segmentLine } from '../../src/adapters/journal-segment.js'
import { replayJournal } from '../../src/adapters/journal-replay.js'
import type { JournalRecord } from '../../src/ports.js'
import { powerCutDisk } from './power-cut-disk.js'
import type { PowerCutDisk } from './power-cut-disk.js'

const folder = '/data'
const record = (number: number): JournalRecord => ({ type: 'counted', number })
const begin = (disk: PowerCutDisk): Journal =>
  journal({ fs: disk, folder, start: { end: { segment: 0, bytes: 0 }, next: 1 } })

async function numbersOn(disk: PowerCutDisk, first?: number): Promise<readonly unknown[]> {
  const { records, notes } = replayJournal(await readSegments(disk, folder), first)
  return [...records.map(({ number }) => number), ...notes]
}

/** The operation of an append to an open segment that is its sync. */
const SYNC = 2

test('the checksum is the common CRC-32', async (t) => {
  t.equal(crc32(Buffer.from('123456789')), 'cbf43926')
  t.equal(crc32(Buffer.alloc(0)), '00000000')
})

test('what is appended while the disk syncs shares the next sync', async (t) => {
  const disk = powerCutDisk()
  const log = begin(disk)
  const before = disk.operations()
  const order: number[] = []
  const appends = Array.from({ length: 500 }, async (_, index) => {
    // The first is on its way when the others come.
    if (index > 0) await Promise.resolve()
    await log.append([record(index)])
    order.push(index)
  })
  await Promise.all(appends)
  t.ok(disk.operations() - before <= 6, `${disk.operations() - before} operations`)
  t.same(order, [...order.keys()], 'confirmed in order')
  t.same(await numbersOn(disk), [...order.keys()])
})

test('an empty append waits for all before it', async (t) => {
  const disk = powerCutDisk()
  const log = begin(disk)
  let written = false
  const append = log.append([record(1)]).then(() => {
    written = true
  })
  await log.append([])
  t.ok(written)
  await append
  const before = disk.operations()
  await log.append([])
  t.equal(disk.operations(), before, 'and needs no disk of its own')
})

test('after a failed sync all that wait are refused and a new segment is begun', async (t) => {
  const disk = powerCutDisk()
  const log = begin(disk)
  await log.append([record(1)])
  disk.failAt(SYNC, 'work')
  const refused = [log.append([record(2)])]
  // Let the first of them reach the disk, so that the second waits behind it.
  await Promise.resolve()
  await Promise.resolve()
  refused.push(log.append([record(3)]), log.append([]))
  for (const result of await Promise.allSettled(refused))
    t.match(result, { status: 'rejected', reason: { code: 'io' } })
  t.same(await numbersOn(disk), [1, 2], 'whole on the medium, but refused')
  await log.append([record(4)])
  t.same(await numbersOn(disk), [1, 4], 'what was refused is void')
  t.same([...disk.files().keys()].length, 2)
})

test('a segment that a later one passes over is void, whatever it holds', async (t) => {
  const lines = (number: number): Buffer => segmentLine(JSON.stringify(record(number)))
  const first = Buffer.concat([segmentHeader(1, { segment: 0, bytes: 0 }), lines(1)])
  const after = { segment: 1, bytes: first.length }
  for (const passedOver of [
    Buffer.concat([segmentHeader(2, after), lines(2)]),
    Buffer.alloc(80),
    Buffer.alloc(0),
  ]) {
    const segments = [
      parseSegment(1, Buffer.concat([first, lines(7), Buffer.from('torn')])),
      parseSegment(2, passedOver),
      parseSegment(3, Buffer.concat([segmentHeader(3, after), lines(3)])),
    ]
    const { records, notes, damage } = replayJournal(segments, undefined)
    t.same(records, [record(1), record(3)])
    t.same([notes, damage], [[], undefined])
  }
})

test('each append to a failing disk is tried afresh and leaves no file behind', async (t) => {
  const disk = powerCutDisk()
  const log = begin(disk)
  for (let attempt = 0; attempt < 50; attempt++) {
    // Operations of a new segment: create, write, sync, syncFolder.
    disk.failAt(1 + (attempt % 4), 'work')
    await t.rejects(log.append([record(attempt)]), { code: 'io' })
  }
  t.equal(disk.files().size, 0)
  await log.append([record(99)])
  t.same(await numbersOn(disk), [99])
})

test('a stalled disk refuses more than the cap, at once, and only that', async (t) => {
  const disk = powerCutDisk()
  const log = begin(disk)
  const half = Array.from({ length: MAX_PENDING_RECORDS / 2 }, (_, index) => record(index))
  const waiting = [log.append(half), log.append(half.slice(1)), log.append([])]
  await t.rejects(log.append([record(0)]), { code: 'full', message: /10000 journal records/ })
  await t.rejects(log.append([]), { code: 'full' })
  await Promise.all(waiting)
  await log.append([record(1)])
  const large = { type: 'large', text: 'x'.repeat(65 * 1024 * 1024) }
  await t.rejects(log.append([large]), { code: 'full' })
})

test('records appended before a rotation go below it, later ones above, also when writes fail', async (t) => {
  for (let failing = 0; failing <= 12; failing++) {
    const disk = powerCutDisk()
    const log = begin(disk)
    await log.append([record(0)])
    if (failing > 0) disk.failAt(failing, 'work')
    const calls: Promise<void>[] = []
    const firsts: number[] = []
    for (let round = 1; round <= 3; round++) {
      calls.push(log.append([record(round)]))
      if (round === 2) await Promise.resolve()
      firsts.push(log.rotate())
    }
    calls.push(log.append([record(4)]))
    const results = await Promise.allSettled(calls)
    const [first = 0, second = 0, third = 0] = firsts
    t.ok(first < second && second < third)
    for (const [index, boundary] of firsts.entries()) {
      const after = (await numbersOn(disk, boundary)).filter((value) => typeof value === 'number')
      t.notOk(
        after.some((number) => number <= index + 1),
        `${after.join(' ')} after rotation ${index + 1}, failing ${failing}`,
      )
      for (const [call, { status }] of results.entries())
        if (status === 'fulfilled' && call > index) t.ok(after.includes(call + 1))
    }
  }
})

test('close waits for the records and closes the file', async (t) => {
  const disk = powerCutDisk()
  const log = begin(disk)
  const append = log.append([record(1)])
  await log.close()
  t.same(await numbersOn(disk), [1])
  await append
})
