/** What is learned of a car, and how it is unlearned. */
import { test } from 'tap'
import { isResting, learnFrom, takesOf } from '../../src/core/balance/car.js'
import { newTurn, noteTurn } from '../../src/core/balance/turns.js'
import type { Turn } from '../../src/core/site/state.js'
import { RULES } from './a-depot.js'

const MINUTE_MS = 60_000

function charging(): Turn {
  return { ...newTurn(0), targetA: 32 }
}

/** A sample each ten seconds. */
function report(
  turn: Turn,
  offerA: number,
  takenA: number,
  fromMs: number,
  minutes: number,
): number {
  const untilMs = fromMs + minutes * MINUTE_MS
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 10_000) {
    learnFrom(turn, { offerA, takenA }, nowMs)
  }
  return untilMs
}

test('a car that takes 16 of 32 A is offered little more, and more as soon as it takes that', async (t) => {
  const turn = charging()
  const nowMs = report(turn, 32, 15.9, 0, 1)
  t.equal(turn.capA, 17.2)
  report(turn, 17.2, 15.9, nowMs, 120)
  t.equal(turn.capA, 17.2, 'the cap does not wander')
  report(turn, 17.2, 16.8, nowMs + 121 * MINUTE_MS, 0)
  t.equal(turn.capA, undefined, 'nothing is learned for good')
})

test('a car that wakes up slowly loses nothing by it', async (t) => {
  const turn = charging()
  const nowMs = report(turn, 6, 0, 0, 2)
  t.equal(takesOf(turn, 6, nowMs), 1)
  report(turn, 6, 5.8, nowMs, 0)
  t.equal(turn.capA, undefined)
  t.notOk(isResting(turn, nowMs))
})

test('a car that tapers off claims less and less, and after its turn as much as it took last', async (t) => {
  const turn = charging()
  const nowMs = report(turn, 6, 2.9, 0, 5)
  t.equal(takesOf(turn, 6, nowMs), 0.5)
  noteTurn(turn, { targetA: 0, isThere: true }, RULES, nowMs)
  t.equal(takesOf(turn, 6, nowMs + MINUTE_MS), 0.5)
})

test('a car that takes nothing rests, longer each time, until it takes something', async (t) => {
  const turn = charging()
  let nowMs = report(turn, 6, 0.1, 0, 3)
  t.ok(isResting(turn, nowMs))
  t.notOk(isResting(turn, nowMs + 60 * MINUTE_MS))
  nowMs = report(turn, 6, 0.1, nowMs + 60 * MINUTE_MS, 1)
  t.ok(isResting(turn, nowMs + 118 * MINUTE_MS), 'two hours now')
  report(turn, 6, 3, nowMs, 0)
  t.notOk(isResting(turn, nowMs))
  nowMs = report(turn, 6, 0.1, nowMs, 4)
  t.notOk(isResting(turn, nowMs + 61 * MINUTE_MS), 'an hour again')
})

test('what it did not take in an earlier turn does not count in a new one', async (t) => {
  const turn = charging()
  const nowMs = report(turn, 6, 0.1, 0, 3)
  noteTurn(turn, { targetA: 0, isThere: true }, RULES, nowMs)
  const againMs = nowMs + 90 * MINUTE_MS
  noteTurn(turn, { targetA: 6, isThere: true }, RULES, againMs)
  report(turn, 6, 0, againMs, 2)
  t.notOk(isResting(turn, againMs + 2 * MINUTE_MS), 'it has three minutes to wake up')
})
