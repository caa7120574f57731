import { Low } from 'lowdb'
import { test } from 'tap'
import { encodeEnvelope } from '../../src/adapters/document-envelope.js'
import { durableJson } from '../../src/adapters/durable-json.js'
import type { DurableJson } from '../../src/adapters/durable-json.js'
import { powerCutDisk } from './power-cut-disk.js'
import type { PowerCutDisk } from './power-cut-disk.js'

type Counter = Readonly<{ number: number }>

function isCounter(data: unknown): data is Counter {
  return typeof data === 'object' && data !== null && 'number' in data
}

function begin(fs: PowerCutDisk, written?: (data: Counter) => void): DurableJson<Counter> {
  const now = (): number => 7
  return durableJson({
    fs,
    folder: '/data',
    name: 'c.json',
    now,
    accepts: isCounter,
    ...(written && { written }),
  })
}

const MAIN = 'c.json'
const PREVIOUS = 'c.json.prev'
const envelope = (number: number, name = MAIN): Buffer =>
  encodeEnvelope(name, number, JSON.stringify({ number }))

async function numberOn(disk: PowerCutDisk): Promise<number | undefined> {
  return (await begin(disk).read())?.number
}

test('lowdb reads what it wrote', async (t) => {
  const disk = powerCutDisk()
  const db = new Low<Counter | null>(begin(disk) as DurableJson<Counter | null>, null) // null is never written
  await db.read()
  t.equal(db.data, null)
  db.data = { number: 5 }
  await db.write()
  t.equal(await numberOn(disk), 5)
  const [header = '', body = ''] = (disk.files().get(MAIN) ?? '').toString().split('\n')
  t.match(JSON.parse(header), {
    format: 'c.json',
    version: 1,
    generation: 1,
    length: 12,
    sha256: /^[0-9a-f]{64}$/,
  })
  t.equal(body, '{"number":5}')
})

test('values that wait for the disk are replaced by the latest; all callers learn of it', async (t) => {
  const disk = powerCutDisk()
  const generations: number[] = []
  const adapter = begin(disk, ({ number }) => generations.push(number))
  const calls: Promise<void>[] = []
  const onDisk: (number | undefined)[] = []
  for (let number = 1; number <= 100; number++) {
    const saved = adapter.write({ number }).then(() => generations.at(-1))
    calls.push(saved.then((latest) => void onDisk.push(latest)))
    if (number === 30) for (let turn = 0; turn < 4; turn++) await Promise.resolve()
  }
  await Promise.all(calls)
  t.same(generations, [30, 100], 'one write was on its way, the others went together')
  for (const [index, latest] of onDisk.entries()) t.ok((latest ?? 0) > index)
})

test('a steady stream of writes does not keep the first caller waiting', async (t) => {
  const adapter = begin(powerCutDisk())
  const caller = { settled: false }
  const first = adapter.write({ number: 0 }).then(() => {
    caller.settled = true
  })
  const later: Promise<void>[] = []
  for (let number = 1; !caller.settled && number < 1000; number++) {
    later.push(adapter.write({ number }))
    await Promise.resolve()
  }
  t.ok(caller.settled)
  await Promise.all([first, ...later])
})

test('a failing write rejects its callers only; the next is tried afresh', async (t) => {
  const disk = powerCutDisk()
  const adapter = begin(disk)
  for (const number of [1, 2, 3]) await adapter.write({ number })
  let refusals = 0
  // create, write, sync, close, duplicate, rename, rename, syncFolder
  for (let operation = 1; operation <= 8; operation++) {
    disk.failAt(operation, 'work')
    const failing = [adapter.write({ number: 10 }), adapter.write({ number: 10 * operation })]
    for (let turn = 0; turn < 2; turn++) await Promise.resolve()
    const next = adapter.write({ number: 10 * operation + 1 })
    for (const call of failing)
      await call.catch((error: unknown) => {
        t.match(error, { code: 'io' })
        refusals += 1
      })
    await next
    t.same([...disk.files().keys()].toSorted(), [MAIN, PREVIOUS], 'nothing is left over')
    t.equal(await numberOn(disk), 10 * operation + 1)
  }
  t.equal(refusals, 16)
})

test('the previous copy follows, also after a write that failed half-way', async (t) => {
  const disk = powerCutDisk()
  const adapter = begin(disk)
  for (const number of [1, 2, 3]) await adapter.write({ number })
  disk.failAt(7, 'work')
  await t.rejects(adapter.write({ number: 4 }))
  for (const number of [5, 6, 7]) await adapter.write({ number })
  const files = new Map(disk.files()).set(MAIN, Buffer.from('damaged'))
  t.equal(await numberOn(powerCutDisk(files)), 6)
})

const newer = (() => {
  const text = envelope(9).toString()
  return Buffer.from(text.replace('"version":1', '"version":2'))
})()

for (const [title, main, previous, expected, note] of [
  ['only the previous', undefined, envelope(1), 1, /c\.json is missing/],
  ['a copy of another document', envelope(9, 'd.json'), envelope(1), 1, /a copy of d\.json/],
  ['a value of another kind', encodeEnvelope(MAIN, 9, '[]'), envelope(1), 1, /another kind/],
  ['a version flipped by damage', newer, envelope(1), 1, /checksum does not match/],
  ['no header', Buffer.from('x'), undefined, undefined, /header line cannot be read/],
] as const) {
  test(`with ${title} on disk the result is ${expected}, and the reason is told`, async (t) => {
    const files = [
      [MAIN, main],
      [PREVIOUS, previous],
    ] as const
    const present = files.flatMap(([name, bytes]) => (bytes ? [[name, bytes] as const] : []))
    const adapter = begin(powerCutDisk(new Map(present)))
    t.equal((await adapter.read())?.number, expected)
    t.match(adapter.recovered().join('\n'), note)
  })
}

test('a damaged file that cannot be moved aside is not overwritten', async (t) => {
  const disk = powerCutDisk(
    new Map([
      [MAIN, Buffer.from('bad')],
      [PREVIOUS, envelope(1)],
    ]),
  )
  const adapter = begin(disk)
  // list, read, list for a free name, rename
  disk.failAt(4, 'work')
  t.same(await adapter.read(), { number: 1 })
  t.match(adapter.recovered().join('\n'), /could not be moved aside/)
  t.equal(disk.files().get(MAIN)?.toString(), 'bad')
  await adapter.write({ number: 2 })
  t.equal(disk.files().get('corrupt-7-c.json')?.toString(), 'bad')
  t.same(disk.files().get(PREVIOUS), envelope(1), 'the good previous copy stays')
})

test('leftovers of a crash are removed', async (t) => {
  const disk = powerCutDisk(
    new Map([
      [MAIN, envelope(1)],
      ['c.json.1-1.tmp', Buffer.from('half')],
    ]),
  )
  t.equal(await numberOn(disk), 1)
  t.same([...disk.files().keys()], [MAIN])
})

test('callers that wait for a stalled disk are capped', async (t) => {
  const adapter = begin(powerCutDisk())
  const waiting = Array.from({ length: 10_000 }, (_, number) => adapter.write({ number }))
  await t.rejects(adapter.write({ number: 1 }), { code: 'full' })
  await Promise.all(waiting)
  await t.resolves(adapter.write({ number: 2 }))
})
