import { test } from 'tap'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import type { EvOptions, SimulatedEv } from '../../src/testing/simulated-ev.js'

function charge(ev: SimulatedEv, offeredA: number, seconds: number): number {
  for (let second = 0; second < seconds; second += 1) {
    ev.tick({ offeredA, phases: 3, elapsedMs: 1000 })
  }
  return ev.drawA()
}

const car = (options: Partial<EvOptions> = {}): SimulatedEv =>
  simulatedEv({ energyNeedWh: 20_000, ...options })

test('a car draws what it is offered, as far as it can', async (t) => {
  t.equal(charge(car({ maxCurrentA: 16 }), 10, 10), 10)
  t.equal(charge(car({ maxCurrentA: 16 }), 32, 10), 16)
})

test('below its minimum it draws nothing', async (t) => {
  t.equal(charge(car(), 5.9, 10), 0)
  t.equal(charge(car(), 6, 10), 6)
  t.equal(charge(car({ minCurrentA: 8 }), 7, 10), 0)
})

test('after an offer it wakes up for a while, each time', async (t) => {
  const ev = car({ wakeUpMs: 5000 })
  t.equal(charge(ev, 10, 4), 0)
  t.equal(charge(ev, 10, 1), 10)
  t.equal(charge(ev, 0, 1), 0)
  t.equal(charge(ev, 10, 4), 0)
  t.equal(charge(ev, 10, 1), 10)
})

test('a car that pauses draws nothing for a while, counted from the plug', async (t) => {
  const ev = car({ wakeUpMs: 0, suspends: { afterMs: 10_000, forMs: 5_000 } })
  t.equal(charge(ev, 10, 9), 10)
  t.equal(charge(ev, 10, 1), 0)
  t.equal(charge(ev, 10, 4), 0)
  t.equal(charge(ev, 10, 1), 10, 'and goes on without waking up again')
})

test('energy is current times the phases both have times time', async (t) => {
  for (const [phases, offered, expectedWh] of [
    [1, 3, 2300],
    [2, 3, 4600],
    [3, 3, 6900],
    [3, 1, 2300],
  ] as const) {
    const ev = car({ phases, wakeUpMs: 0 })
    for (let second = 0; second <= 3600; second += 1) {
      ev.tick({ offeredA: 10, phases: offered, elapsedMs: 1000 })
    }
    t.ok(Math.abs(ev.chargedWh() - expectedWh) < 1, `${phases} of ${offered}: ${ev.chargedWh()} Wh`)
  }
})

test('near its end the current falls in a line to the minimum, then it is full', async (t) => {
  const ev = car({ energyNeedWh: 10_000, maxCurrentA: 16, taperShare: 0.5, wakeUpMs: 0 })
  const draws: number[] = []
  while (!ev.isFull() && draws.length < 10_000) draws.push(charge(ev, 32, 1))
  t.equal(draws[0], 16)
  const taper = draws.slice(draws.findIndex((draw) => draw < 16))
  t.ok(taper.every((draw, index) => index === 0 || draw <= (taper[index - 1] ?? 0)))
  t.equal(taper.at(-2), 6)
  t.equal(charge(ev, 32, 60), 0)
  t.ok(ev.chargedWh() < 10_010)
})

test('a car that sleeps after a pause wakes only when it is plugged in again', async (t) => {
  const ev = car({ sleepsAfterMs: 60_000 })
  charge(ev, 10, 60)
  charge(ev, 0, 59)
  t.equal(charge(ev, 10, 60), 10, 'a shorter pause does no harm')
  charge(ev, 0, 60)
  t.equal(charge(ev, 10, 600), 0)
  ev.pluggedIn()
  t.equal(charge(ev, 10, 60), 10)
})

test('a disobedient car draws more than it is offered, but not at 0', async (t) => {
  const ev = car({ overdrawA: 4, maxCurrentA: 16 })
  t.equal(charge(ev, 10, 10), 14)
  t.equal(charge(ev, 15, 10), 16)
  t.equal(charge(ev, 0, 1), 0)
})

test('a car that wakes only by the plug is lost after one moment without an offer', async (t) => {
  const ev = car({ wakesOnlyByReplug: true })
  t.equal(charge(ev, 0, 600), 0)
  t.equal(charge(ev, 10, 10), 10, 'before the first ampere it can wait')
  charge(ev, 0, 1)
  t.equal(charge(ev, 10, 600), 0)
  ev.pluggedIn()
  t.equal(charge(ev, 10, 10), 10)
  t.equal(charge(ev, 6, 10), 6, 'less is not nothing')
})

test('a car that delays goes on for some seconds when the offer falls, and follows a rise at once', async (t) => {
  for (const to of [6, 0]) {
    const ev = car({ delaysStopMs: 5000 })
    charge(ev, 16, 10)
    const draws = Array.from({ length: 8 }, () => charge(ev, to, 1))
    t.same(draws, [16, 16, 16, 16, 16, to, to, to])
  }
  const ev = car({ delaysStopMs: 5000 })
  charge(ev, 10, 10)
  t.equal(charge(ev, 16, 1), 16)
  charge(ev, 0, 3)
  t.equal(charge(ev, 16, 1), 16, 'a short fall it never felt')
  const beforeWh = ev.chargedWh()
  charge(ev, 0, 4)
  t.ok(ev.chargedWh() - beforeWh > 16 * 690 * (4 / 3600) - 1, 'what it goes on to draw is energy')
})

test('an open contactor ends the draw of any car at once', async (t) => {
  const ev = car({ delaysStopMs: 5000 })
  charge(ev, 16, 10)
  ev.tick({ offeredA: 0, phases: 0, elapsedMs: 0 })
  t.equal(ev.drawA(), 0)
})

test('the draw of an oscillating car swings between two values, never below its minimum', async (t) => {
  const ev = car({ oscillates: { byA: 4, periodMs: 20_000 }, energyNeedWh: 1e6, wakeUpMs: 0 })
  const draws = Array.from({ length: 40 }, () => charge(ev, 32, 1))
  t.equal(draws.filter((draw) => draw === 16).length, 20)
  t.equal(draws.filter((draw) => draw === 12).length, 20)
  t.equal(draws.filter((draw, index) => draw !== (draws[index - 1] ?? draw)).length, 4)
  const deep = car({ oscillates: { byA: 40, periodMs: 20_000 }, energyNeedWh: 1e6 })
  const lowest = Math.min(...Array.from({ length: 60 }, () => charge(deep, 32, 1)).slice(5))
  t.equal(lowest, 6)
})

test('a car that changes its phases goes on with the others, energy and all', async (t) => {
  const ev = car({ changesPhases: { afterWh: 2000, to: 1 }, wakeUpMs: 0, energyNeedWh: 1e6 })
  t.equal(ev.phases, 3)
  while (ev.chargedWh() < 2000) charge(ev, 10, 1)
  t.equal(ev.phases, 1)
  const beforeWh = ev.chargedWh()
  charge(ev, 10, 360)
  t.ok(Math.abs(ev.chargedWh() - beforeWh - 230) < 1, `${ev.chargedWh() - beforeWh} Wh in 0.1 h`)
})
