/** Whose turn it is: brought up to date with each round, so that turns and waits have a length. */
import type { Turn } from '../site/state.js'
import { isOverdue } from './admit.js'
import type { AdmissionRules } from './admit.js'

export interface Round {
  readonly targetA: number
  /** The offer is really there; until then the turn has not begun. */
  readonly isThere: boolean
}

export function newTurn(nowMs: number): Turn {
  return {
    targetA: 0,
    sinceMs: nowMs,
    guaranteed: false,
    waitsSinceMs: undefined,
    underDrawSinceMs: undefined,
    capA: undefined,
    restsUntilMs: undefined,
    restMs: 0,
  }
}

export function noteTurn(turn: Turn, round: Round, rules: AdmissionRules, nowMs: number): void {
  const wasOn = turn.targetA > 0
  const isOn = round.targetA > 0
  turn.targetA = round.targetA
  if (isOn && !wasOn) {
    turn.guaranteed = isOverdue({ isOn: wasOn, sinceMs: turn.sinceMs }, rules.maxWaitMs, nowMs)
    turn.waitsSinceMs = turn.sinceMs
    turn.sinceMs = nowMs
    // What it did not take in an earlier turn says nothing of this one: it has to wake up first.
    turn.underDrawSinceMs = undefined
  } else if (wasOn && !isOn) {
    turn.guaranteed = false
    // A turn that never began ends no wait.
    turn.sinceMs = turn.waitsSinceMs ?? nowMs
    turn.waitsSinceMs = undefined
  } else if (isOn && !round.isThere) {
    turn.sinceMs = nowMs
  } else if (isOn) {
    turn.waitsSinceMs = undefined
  }
}
