import { test } from 'tap'
import { journalWriter } from '../../src/control/journal-writer.js'
import type { JournalWriter } from '../../src/control/journal-writer.js'
import type { JournalEvent } from '../../src/core/site/events.js'
import type { Log } from '../../src/ports.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import type { MemoryStore } from '../../src/testing/memory-store.js'

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** Numbered, so that the order can be told. */
function record(number: number): JournalEvent {
  return { type: 'uplinkAcknowledged', seq: number }
}

function records(first: number, count: number): readonly JournalEvent[] {
  return Array.from({ length: count }, (_, index) => record(first + index))
}

async function aJournal(): Promise<{ store: MemoryStore; journal: JournalWriter }> {
  const store = memoryStore()
  await store.load()
  return { store, journal: journalWriter(store, SILENT) }
}

/** The numbers on disk. */
async function onDisk(store: MemoryStore): Promise<readonly unknown[]> {
  const { journal } = await store.crash().load()
  return journal.map((kept) => kept['seq'])
}

function outcomes(calls: readonly Promise<void>[]): Promise<readonly string[]> {
  return Promise.all(
    calls.map((call) =>
      call.then(
        () => 'on disk',
        () => 'refused',
      ),
    ),
  )
}

test('records keep their order however many writes fail', async (t) => {
  const { store, journal } = await aJournal()
  store.failNext(2)
  const both = [journal.durable([record(1), record(2)]), journal.durable([record(3)])]
  t.same(await outcomes(both), ['refused', 'refused'])
  store.failNext(1)
  t.same(await outcomes([journal.durable([record(4)])]), ['refused'])
  journal.lazy(record(5))
  await journal.durable([record(6)])
  t.same(await onDisk(store), [1, 2, 3, 4, 5, 6])
  t.equal(journal.written(), 6)
})

test('what comes while the disk is busy goes with the next write, in order', async (t) => {
  const { store, journal } = await aJournal()
  const release = store.hangNext(1)
  const calls = [1, 2, 3].map((number) => journal.durable([record(number)]))
  journal.lazy(record(4))
  store.failNext(1)
  release()
  // The one failure is that of the first write or of the second, never of all.
  const ends = await outcomes(calls)
  t.ok(ends.includes('on disk') && ends.includes('refused'), ends.join(', '))
  await journal.flush()
  t.same(await onDisk(store), [1, 2, 3, 4])
})

test('a barrier waits for what is at the disk, and so does a flush', async (t) => {
  const { store, journal } = await aJournal()
  const release = store.hangNext(1)
  const passed: string[] = []
  const calls = [
    journal.durable([record(1)]).then(() => passed.push('record')),
    journal.durable([]).then(() => passed.push('barrier')),
    journal.flush().then(() => passed.push('flush')),
  ]
  await Promise.resolve()
  t.same(passed, [])
  release()
  await Promise.all(calls)
  t.same(passed, ['record', 'barrier', 'flush'])
})

test('a barrier is refused with what it waits for', async (t) => {
  const { store, journal } = await aJournal()
  store.failNext(2)
  t.same(await outcomes([journal.durable([record(1)])]), ['refused'])
  t.same(await outcomes([journal.durable([])]), ['refused'])
  await journal.durable([])
  t.same(await onDisk(store), [1])
})

test('after an outage of any length everything reaches the disk', async (t) => {
  const { store, journal } = await aJournal()
  // More than the store takes at once.
  store.failNext(1)
  t.same(await outcomes([journal.durable(records(1, 12_500))]), ['refused'])
  for (const event of records(12_501, 3_000)) journal.lazy(event)
  await journal.durable([record(15_501)])
  t.same(
    await onDisk(store),
    records(1, 15_501).map((_, index) => index + 1),
  )
})

test('a refused attempt is not written later', async (t) => {
  const { store, journal } = await aJournal()
  store.failNext(3)
  for (const number of [1, 2]) {
    t.same(await outcomes([journal.attempt([record(number)])]), ['refused'])
  }
  const calls = [journal.durable([record(3)]), journal.attempt([record(4)])]
  t.same(await outcomes(calls), ['refused', 'on disk'], 'its own write is made')
  await journal.attempt([record(5)])
  t.same(await onDisk(store), [3, 4, 5])
})

test('only lazy records are dropped when too many wait', async (t) => {
  const { store, journal } = await aJournal()
  journal.lazy(record(-1))
  store.failNext(1)
  t.same(await outcomes([journal.durable(records(1, 20_000))]), ['refused'])
  for (const event of records(90_000, 50)) journal.lazy(event)
  await journal.durable([record(20_001)])
  t.same(
    await onDisk(store),
    records(1, 20_001).map((_, index) => index + 1),
  )
})

test('memory is bounded even when nothing may be dropped', async (t) => {
  const { store, journal } = await aJournal()
  store.failNext(1)
  t.same(await outcomes([journal.durable(records(1, 100_000))]), ['refused'])
  await t.rejects(journal.durable([record(100_001)]), /100000 journal records wait for the disk/)
  await journal.flush()
  await journal.durable([record(100_002)])
  t.same((await onDisk(store)).slice(-2), [100_000, 100_002])
})

test('it tells what records on disk have reached, never what still waits or was refused', async (t) => {
  const store = memoryStore()
  await store.load()
  let reached = 7
  const journal = journalWriter(store, SILENT, () => reached)
  t.equal(journal.durableTo(), 7, 'what was restored')
  const release = store.hangNext(1)
  reached = 9
  const first = journal.durable(records(1, 2))
  reached = 10
  const second = journal.durable([record(3)])
  t.equal(journal.durableTo(), 7)
  release()
  await first
  t.ok(journal.durableTo() >= 9)
  await second
  t.equal(journal.durableTo(), 10)
  store.failNext(1)
  reached = 11
  t.same(await outcomes([journal.durable([record(4)])]), ['refused'])
  t.equal(journal.durableTo(), 10)
  await journal.flush()
  t.equal(journal.durableTo(), 11)
})
