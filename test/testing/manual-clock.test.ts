import { test } from 'tap'
import { manualClock } from '../../src/testing/manual-clock.js'

test('time stands still until it is advanced', async (t) => {
  const clock = manualClock({ startMs: 5_000_000 })
  const monotonicMs = clock.monotonic()
  t.equal(clock.now(), 5_000_000)
  t.not(monotonicMs, 0, 'the monotonic clock is not the time since the start')
  await clock.advance(1500)
  t.equal(clock.now(), 5_001_500)
  t.equal(clock.monotonic(), monotonicMs + 1500)
})

test('timers run in order of time, at one instant in the order they were set', async (t) => {
  const clock = manualClock()
  const startMs = clock.monotonic()
  const ran: string[] = []
  const note = (name: string) => () => ran.push(`${name} at ${clock.monotonic() - startMs}`)
  clock.after(300, note('late'))
  clock.after(100, note('first'))
  clock.after(100, note('second'))
  clock.every(150, note('tick'))
  clock.after(200, () => clock.after(50, note('set meanwhile')))
  await clock.advance(300)
  t.same(ran, [
    'first at 100',
    'second at 100',
    'tick at 150',
    'set meanwhile at 250',
    'late at 300',
    'tick at 300',
  ])
})

test('nothing due after the end runs, and it runs when its time comes', async (t) => {
  const clock = manualClock()
  let runs = 0
  clock.after(1001, () => (runs += 1))
  await clock.advance(1000)
  t.equal(runs, 0)
  await clock.advance(1)
  t.equal(runs, 1)
  await clock.advance(10_000)
  t.equal(runs, 1)
})

test('a cancelled timer runs no more, not even when cancelled by itself', async (t) => {
  const clock = manualClock()
  let ticks = 0
  const cancel = clock.every(10, () => {
    ticks += 1
    if (ticks === 3) cancel()
  })
  const cancelOther = clock.after(25, () => t.fail('ran although cancelled'))
  clock.after(5, cancelOther)
  await clock.advance(100)
  t.equal(ticks, 3)
  cancel()
  await clock.advance(100)
  t.equal(ticks, 3)
})

for (const isClosedWorld of [false, true]) {
  const where = isClosedWorld ? ', also in a closed world' : ''
  test(`promises settle at the instant they belong to, however long the chain${where}`, async (t) => {
    const clock = manualClock({ isClosedWorld })
    const startMs = clock.monotonic()
    const resolvedAtMs: number[] = []
    const chain = async (): Promise<void> => {
      for (let link = 0; link < 500; link += 1) await Promise.resolve()
      resolvedAtMs.push(clock.monotonic() - startMs)
      await new Promise<void>((resolve) => clock.after(30, resolve))
      for (let link = 0; link < 500; link += 1) await Promise.resolve()
      resolvedAtMs.push(clock.monotonic() - startMs)
    }
    const whole = chain()
    clock.every(1, () => {})
    await clock.advance(100)
    t.same(resolvedAtMs, [0, 30])
    await whole
  })
}

test('a step moves the wall clock and leaves timers and the monotonic clock alone', async (t) => {
  const clock = manualClock({ startMs: 1_000_000 })
  let runs = 0
  clock.every(1000, () => (runs += 1))
  const monotonicMs = clock.monotonic()
  clock.step(-500_000)
  t.equal(clock.now(), 500_000)
  t.equal(clock.monotonic(), monotonicMs)
  await clock.advance(2000)
  t.equal(runs, 2)
  t.equal(clock.now(), 502_000)
})

test('advanceUntil stops at the instant its condition holds, or says that it never did', async (t) => {
  const clock = manualClock()
  const startMs = clock.monotonic()
  let ticks = 0
  clock.every(100, () => (ticks += 1))
  await clock.advanceUntil(() => ticks === 4, 10_000)
  t.equal(clock.monotonic() - startMs, 400)
  await t.rejects(
    clock.advanceUntil(() => ticks > 1000, 500),
    /not reached within 500 ms/,
  )
})

test('misuse is refused: overlapping advances, periods of nothing, time backwards', async (t) => {
  const clock = manualClock()
  const first = clock.advance(10)
  await t.rejects(clock.advance(10), /already/)
  await first
  t.throws(() => clock.every(0, () => {}), /at least 1 ms/)
  await t.rejects(clock.advance(-1), /cannot advance/)
  await t.rejects(clock.advance(Number.NaN), /cannot advance/)
})

test('what a timer throws reaches whoever advances, and the clock goes on', async (t) => {
  const clock = manualClock()
  clock.after(10, () => {
    throw new Error('broken timer')
  })
  await t.rejects(clock.advance(20), /broken timer/)
  let ran = false
  clock.after(5, () => (ran = true))
  await clock.advance(5)
  t.ok(ran)
})

test('what else is due at the instant of a timer that throws still runs, in its order', async (t) => {
  const clock = manualClock()
  const ran: string[] = []
  clock.after(10, () => {
    throw new Error('broken timer')
  })
  const cancel = clock.after(10, () => ran.push('cancelled'))
  clock.after(10, () => ran.push('second'))
  clock.every(10, () => ran.push('third'))
  await t.rejects(clock.advance(20), /broken timer/)
  cancel()
  await clock.advance(10)
  t.same(ran, ['second', 'third', 'third'])
})
