import { array, assert, asyncProperty, constantFrom, double, integer, record } from 'fast-check'
import { test } from 'tap'
import { diskStore } from '../../src/adapters/disk-store.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import { driver, STEPS } from './numbered-state.js'
import type { Step } from './numbered-state.js'
import { powerCutDisk } from './power-cut-disk.js'
import type { PowerCutDisk } from './power-cut-disk.js'

const open = (disk: PowerCutDisk) =>
  diskStore('/data', {
    fileSystem: disk,
    lock: async () => ({ release: async () => undefined }),
    now: () => 1_700_000_000_000,
  })

const steps = array(constantFrom(...STEPS), { minLength: 1, maxLength: 25 })
const randoms = array(double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 })

function replaying(numbers: readonly number[]): () => number {
  let index = 0
  return () => numbers[index++ % numbers.length] ?? 0
}

test('a power cut at any operation loses and doubles nothing that was confirmed', async () => {
  const run = async (
    lives: readonly { steps: Step[]; cutAt: number; random: number[] }[],
  ): Promise<void> => {
    let disk = powerCutDisk()
    let previous: ReturnType<typeof driver> | undefined
    for (const life of lives) {
      // The cut may also come while the state is loaded and repaired.
      disk.cutAt(life.cutAt)
      const store = open(disk)
      const found = await Promise.race([store.load(), disk.cut])
      if (found !== undefined) {
        const problem = previous?.problemOf(found)
        if (problem !== undefined) throw new Error(problem)
        const numbers = driver(store, found)
        await Promise.race([numbers.run(life.steps), disk.cut])
        previous = numbers
      }
      disk = disk.survivor(replaying(life.random))
    }
    const problem = previous?.problemOf(await open(disk).load())
    if (problem !== undefined) throw new Error(problem)
  }
  const life = record({ steps, cutAt: integer({ min: 1, max: 120 }), random: randoms })
  await assert(asyncProperty(array(life, { minLength: 1, maxLength: 5 }), run), {
    numRuns: 1500,
  })
})

const SESSION: readonly Step[] = [
  ...(['append', 'save', 'settle', 'appendTwo', 'append', 'settle', 'fold', 'append'] as const),
  ...(['settle', 'save', 'append', 'settle', 'fold', 'settle', 'append', 'save', 'fold'] as const),
  ...(['append', 'settle', 'append', 'settle'] as const),
]

for (const then of ['work', 'fail'] as const) {
  test(`each single operation may fail, the later ones ${then}: no confirmed value is lost`, async (t) => {
    const whole = powerCutDisk()
    const store = open(whole)
    await store.load()
    const before = whole.operations()
    await driver(store).run(SESSION)
    const operations = whole.operations() - before
    t.ok(operations > 40, `${operations} operations`)
    for (let number = 1; number <= operations; number++) {
      const disk = powerCutDisk()
      const failing = open(disk)
      const numbers = driver(failing, await failing.load())
      disk.failAt(number, then)
      await numbers.run(SESSION)
      for (const random of [0, 0.5, 0.99]) {
        const state = await open(disk.survivor(() => random)).load()
        t.equal(numbers.problemOf(state), undefined, `operation ${number}, survives ${random}`)
      }
      await failing.close()
    }
  })
}

test('after a single failure later writes succeed again', async (t) => {
  const disk = powerCutDisk()
  const store = open(disk)
  await store.load()
  for (let operation = 1; operation <= 12; operation++) {
    const calls = (): Promise<void>[] => [
      store.append([{ type: 'a' }]),
      store.saveDepot({ operation }),
      store.fold({ operation }),
    ]
    disk.failAt(operation, 'work')
    await Promise.allSettled(calls())
    await t.resolves(Promise.all(calls()), `after operation ${operation} failed`)
  }
})

test('failing storage does not fill the folder', async (t) => {
  const disk = powerCutDisk()
  const store = open(disk)
  await store.load()
  await store.append([{ type: 'first' }])
  await store.saveDepot({ version: 1 })
  for (let attempt = 0; attempt < 50; attempt++) {
    disk.failAt(2 + (attempt % 4), 'work')
    await Promise.allSettled([store.append([{ type: 'more' }]), store.saveDepot({ attempt })])
  }
  await store.fold({ all: true })
  await store.fold({ all: true })
  const names = [...disk.files().keys()]
  t.ok(names.length < 25, names.join(' '))
  t.notOk(
    names.some((name) => name.endsWith('.tmp')),
    'no temporary files',
  )
})

test('any bit of a document may flip: its previous copy and the longer journal are used', async (t) => {
  const disk = powerCutDisk()
  const store = open(disk)
  const numbers = driver(store, await store.load())
  await numbers.run(['append', 'save', 'settle', 'fold', 'settle', 'append', 'save', 'settle'])
  await numbers.run(['fold', 'settle', 'appendTwo'])
  await store.close()
  const files = disk.files()
  for (const name of ['depot.json', 'history.json']) {
    const good = files.get(name) ?? Buffer.alloc(0)
    for (let offset = 0; offset < good.length; offset++) {
      const damaged = Buffer.from(good)
      damaged[offset] = (damaged[offset] ?? 0) ^ 0x04
      const state = await open(powerCutDisk(new Map([...files, [name, damaged]]))).load()
      // The previous depot is one save older; the previous history has its journal still.
      t.equal(state.depot?.['number'], name === 'depot.json' ? 1 : 2, `${name} byte ${offset}`)
      const problem = numbers.problemOf({ ...state, depot: { number: 2 } })
      t.equal(problem, undefined, `${name} byte ${offset}`)
      t.match(state.recovered.join(), /previous copy/, `${name} byte ${offset} is told`)
    }
  }
})

test('the store in memory loads the same as the one on disk after any sequence', async () => {
  const lives = array(steps, { minLength: 1, maxLength: 4 })
  const property = asyncProperty(lives, async (sequence) => {
    let disk = powerCutDisk()
    let memory = memoryStore()
    for (const life of sequence) {
      const onDisk = open(disk)
      const found = await onDisk.load()
      const kept = await memory.load()
      if (JSON.stringify(kept) !== JSON.stringify(found))
        throw new Error(`memory ${JSON.stringify(kept)}, disk ${JSON.stringify(found)}`)
      const drivers = [driver(onDisk, found), driver(memory, found)]
      for (const numbers of drivers) await numbers.run(life)
      for (const numbers of drivers) numbers.begin(life)
      // Nothing of the unconfirmed part survives in either.
      disk = disk.survivor(() => 0)
      memory = memory.crash()
    }
  })
  await assert(property, { numRuns: 300 })
})

test('close does not wait for ever for a stalled disk, and then keeps the lock', async (t) => {
  const disk = powerCutDisk()
  let releases = 0
  const errors: string[] = []
  const ignore = (): void => {}
  const log = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (event: string) => errors.push(event),
  }
  const store = diskStore('/data', {
    fileSystem: disk,
    lock: async () => ({
      release: async () => {
        releases += 1
      },
    }),
    closeWithinMs: 1,
    log,
  })
  await store.load()
  disk.cutAt(2)
  // Neither call ever settles, like a write to a dead disk.
  Promise.allSettled([store.append([{ type: 'a' }]), store.saveDepot({})]).catch(ignore)
  await store.close()
  t.same([releases, errors], [0, ['storeStalled']])
})
