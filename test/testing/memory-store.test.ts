import { array, assert, asyncProperty, constantFrom, double } from 'fast-check'
import { test } from 'tap'
import type { Clock, JournalRecord } from '../../src/ports.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import type { MemoryStore } from '../../src/testing/memory-store.js'
import { driver, STEPS } from '../adapters/numbered-state.js'

const record = (number: number): JournalRecord => ({ type: 'counted', number })
const IO = { code: 'io' }

async function loaded(store = memoryStore()): Promise<MemoryStore> {
  await store.load()
  return store
}

/** A clock whose timers run when told. */
function steppedClock(): { readonly clock: Clock; tick(): Promise<void>; waiting(): number } {
  const runs = new Set<() => void>()
  return {
    clock: {
      now: () => 0,
      monotonic: () => 0,
      every(_, run) {
        runs.add(run)
        return () => runs.delete(run)
      },
      epoch: undefined,
      soon: (run) => run(),
    },
    waiting: () => runs.size,
    async tick() {
      for (const run of runs) run()
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    },
  }
}

test('an initial state is loaded, and copied', async (t) => {
  const depot = { limitA: 1 }
  const store = memoryStore({ initial: { depot, journal: [record(1)] } })
  depot.limitA = 2
  const state = await store.load()
  t.same(state, {
    depot: { limitA: 1 },
    history: undefined,
    journal: [record(1)],
    recovered: [],
  })
  t.not(await store.load(), state)
  t.not((await store.load()).depot, state.depot, 'each load is a copy of its own')
})

test('it refuses what the store on disk refuses', async (t) => {
  const store = memoryStore()
  await t.rejects(store.append([record(1)]), { code: 'notLoaded' })
  await store.load()
  await t.rejects(store.saveDepot({ value: 1n }), { code: 'notSerialisable' })
  const many = Array.from({ length: 9_999 }, (_, index) => record(index))
  const waiting = [store.append(many), store.append([])]
  await t.rejects(store.append([record(1)]), { code: 'full' })
  await Promise.all(waiting)
  await store.close()
  await store.close()
  await t.rejects(store.fold({}), { code: 'closed' })
  await t.rejects(store.load(), { code: 'closed' })
  t.throws(() => memoryStore({ delayMs: 5 }), /needs a clock/)
})

test('with a delay nothing is confirmed or survives before it; what waits goes together', async (t) => {
  const stepped = steppedClock()
  const store = await loaded(memoryStore({ clock: stepped.clock, delayMs: 20 }))
  const order: string[] = []
  const calls = [
    store.append([record(1)]).then(() => order.push('first')),
    store.append([record(2)]).then(() => order.push('second')),
  ]
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  t.same(order, [])
  t.equal(stepped.waiting(), 1)
  t.same((await store.load()).journal, [])
  await stepped.tick()
  await Promise.all(calls)
  t.same(order, ['first', 'second'])
  t.equal(stepped.waiting(), 0)
  const last = store.append([record(3)])
  await store.close()
  await t.resolves(last, 'close does not wait for the clock')
})

test('failing operations reject, with what waits behind them in the journal', async (t) => {
  const store = await loaded()
  store.failNext(2)
  await t.rejects(store.saveDepot({ limitA: 1 }), IO)
  const results = await Promise.allSettled([store.append([record(1)]), store.append([record(2)])])
  t.same(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  await store.append([record(3)])
  await store.saveDepot({ limitA: 2 })
  t.match(await store.load(), { depot: { limitA: 2 }, journal: [record(3)] })
})

test('hanging operations wait for their release; others do not', async (t) => {
  const store = await loaded()
  const release = store.hangNext(1)
  let appended = false
  const hanging = store.append([record(1)]).then(() => {
    appended = true
  })
  await store.saveDepot({ limitA: 1 })
  await store.fold({ upTo: 1 })
  t.notOk(appended)
  release()
  await hanging
  t.same((await store.load()).journal, [], 'the history contains it already')
  store.hangNext(1)
  const stuck = store.append([record(2)])
  await store.close()
  await t.rejects(stuck, { code: 'closed' })
})

test('after a crash the old store is dead and the new one has what was confirmed', async (t) => {
  const store = await loaded()
  await store.append([record(1)])
  const pending = [store.append([record(2), record(3)]), store.saveDepot({ limitA: 1 })]
  const next = store.crash()
  for (const result of await Promise.allSettled([...pending, store.append([]), store.load()]))
    t.match(result, { status: 'rejected', reason: { code: 'closed' } })
  await store.close()
  t.match(await next.load(), { depot: undefined, journal: [record(1)] })
  await next.append([record(9)])
  t.match(await next.load(), { journal: [record(1), record(9)] })
})

test('with randomness a part of what was not confirmed survives, in order', async (t) => {
  for (const [random, kept] of [
    [0, []],
    [0.5, [record(1), record(2)]],
    [0.99, [record(1), record(2), record(3)]],
  ] as const) {
    const store = await loaded()
    const pending = [store.append([record(1)]), store.append([record(2), record(3)])]
    t.same((await store.crash(() => random).load()).journal, kept)
    await Promise.allSettled(pending)
  }
})

test('no crash loses or doubles what was confirmed', async () => {
  const life = array(constantFrom(...STEPS), { minLength: 1, maxLength: 20 })
  const lives = array(life, { minLength: 1, maxLength: 4 })
  const randoms = array(double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 })
  const property = asyncProperty(lives, randoms, async (sequence, numbers) => {
    let index = 0
    let store = memoryStore()
    for (const steps of sequence) {
      const counter = driver(store, await store.load())
      await counter.run(steps)
      counter.begin(steps)
      store = store.crash(() => numbers[index++ % numbers.length] ?? 0)
      const problem = counter.problemOf(await store.load())
      if (problem !== undefined) throw new Error(problem)
    }
  })
  await assert(property, { numRuns: 500 })
})
