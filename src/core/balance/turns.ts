/** Whose turn it is: brought up to date with each round, so that turns and waits have a length. */
import type { Turn } from '../site/state.js'
import { isOverdue } from './admit.js'
import type { AdmissionRules } from './admit.js'

export interface Round {
  readonly targetA: number
  /** The offer is really there; until then the turn has not begun. */
  readonly isThere: boolean
}

export function noteTurn(turn: Turn, round: Round, rules: AdmissionRules, nowMs: number): void {
  const wasOn = turn.targetA > 0
  const isOn = round.targetA > 0
  turn.targetA = round.targetA
  if (isOn && !wasOn) {
    turn.guaranteed = isOverdue({ isOn: wasOn, sinceMs: turn.sinceMs }, rules.maxWaitMs, nowMs)
    turn.waitsSinceMs = turn.sinceMs
    turn.sinceMs = nowMs
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
