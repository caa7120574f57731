/**
 * The only place that may raise a charger's limit. Turns a plan into the profiles that may be sent
 * now: decreases first, a raise only where everything fits with it counted in full (I1, I2).
 */
import { isMeasured, isMetered } from '../limits/measured.js'
import { downToStep } from '../current-steps.js'
import { addLoad, EPSILON_A, fits, noLoad } from '../load.js'
import type { Load } from '../load.js'
import { roomOf } from '../plan/room.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import type { Site } from '../site/state.js'
import { candidates, NOISE_DECREASE_A } from './candidates.js'
import type { Candidate, Change } from './candidate.js'
import { raisedSinceA } from './evse-ledger.js'
import type { ProfilePurpose } from './evse-ledger.js'
import { highestOf } from './fallback-schedule.js'
import type { FallbackSchedule } from './fallback-schedule.js'
import { markBefore } from './marks.js'
import type { Mark } from './marks.js'
import { CUT_OFF_FORM } from './profile-form.js'
import type { ProfileForm } from './profile-form.js'
import type { Cleared } from './told.js'

export interface ProfileCommand {
  readonly type: 'profile'
  readonly chargePointId: string
  readonly connectorId: number
  readonly purpose: ProfilePurpose
  readonly form: ProfileForm
  readonly limitA: number
  /** Of a fallback: how it goes on. */
  readonly schedule?: FallbackSchedule | undefined
  /** Undefined where none runs. */
  readonly transactionId: number | undefined
  readonly change: Change
}

/** The running transaction has a limit of its own, or the watchdog has let go. */
export interface ClearCommand {
  readonly type: 'clear'
  readonly what: Cleared
  readonly chargePointId: string
  readonly connectorId: number
}

/** The mark must be durable before the raise it is for can be decided. */
export interface MarkCommand {
  readonly type: 'mark'
  readonly chargePointId: string
  readonly connectorId: number
  readonly mark: Mark
}

/** The charger is asked what limit it has. */
export interface AskCommand {
  readonly type: 'ask'
  readonly chargePointId: string
  readonly connectorId: number
}

export type LedgerCommand = ProfileCommand | ClearCommand | AskCommand | MarkCommand

/** A raise has reached the base load estimate of an unmeasured car: it follows, and is read. */
const SHOWS_AFTER_MS = 17_000

/** `isBusy`: the charge point's only call slot is taken; it gets nothing now. */
export function decide(
  site: Site,
  plan: Plan,
  isBusy: (chargePointId: string) => boolean,
  nowMs: number,
): readonly LedgerCommand[] {
  const headroom = headroomOf(site, plan, nowMs)
  const commands: LedgerCommand[] = []
  const served = new Set<string>()
  for (const candidate of candidates(site, plan, nowMs)) {
    const { item, connector } = candidate
    const chargePointId = item.evse.chargePointId ?? ''
    if (served.has(chargePointId) || isBusy(chargePointId)) continue
    // Without samples of its own, what a car takes comes back as base load: room for both.
    const behindMeter = item.evse.path.some((node) => isMetered(site, node))
    const isDoubled = behindMeter && !isMeasured(site, connector, nowMs)
    const raisedA =
      candidate.change === 'increase'
        ? raiseNow(site, plan, candidate, headroom, isDoubled)
        : candidate.limitA
    if (raisedA === undefined) continue
    const limitA = tellable(raisedA, candidate)
    served.add(chargePointId)
    const { purpose, change, form, schedule } = candidate
    const address = { chargePointId, connectorId: connector.id }
    if (purpose === 'clear') {
      const what = form.purpose === CUT_OFF_FORM.purpose ? 'cutOff' : 'admission'
      commands.push({ type: 'clear', what, ...address })
      continue
    }
    if (purpose === 'ask') {
      commands.push({ type: 'ask', ...address })
      continue
    }
    const highestA = schedule ? highestOf(schedule) : limitA
    const mark = markBefore(connector.ledger, purpose, highestA, item.targetA ?? limitA)
    if (mark) {
      commands.push({ type: 'mark', ...address, mark })
      continue
    }
    const transactionId = purpose === 'transaction' ? connector.transactionId : undefined
    const told = { purpose, form, limitA, transactionId, change }
    commands.push({ type: 'profile', ...address, ...told, ...(schedule && { schedule }) })
    if (change === 'increase') reserve(site, item, headroom, limitA, isDoubled)
  }
  return commands
}

/** Who knows whole amperes only may take more than a fraction it is told. */
function tellable(limitA: number, { item, purpose }: Candidate): number {
  return purpose === 'clear' || purpose === 'ask' ? limitA : downToStep(limitA, item.evse.stepsPerA)
}

function headroomOf(site: Site, plan: Plan, nowMs: number): Load[] {
  const headroom = plan.nodes.map(({ countLimit, base, exposure }): Load => {
    const room = roomOf(countLimit, base.mostA)
    return [
      room[0] - exposure[0],
      room[1] - exposure[1],
      room[2] - exposure[2],
      room[3] - exposure[3],
    ]
  })
  for (const { connector, connected, committedA, unit, evse } of plan.evses) {
    if (!connector || !connected || isMeasured(site, connector, nowMs)) continue
    // Raised without samples of its own: it has not come back as base load yet, but it will.
    const raisedA = Math.min(committedA, raisedSinceA(connector.ledger, nowMs - SHOWS_AFTER_MS))
    if (raisedA === 0) continue
    for (const node of evse.path) {
      if (isMetered(site, node)) addLoad(headroom[node] ?? noLoad(), unit, -raisedA)
    }
  }
  return headroom
}

/** How far it may be raised now; undefined: not at all. */
function raiseNow(
  site: Site,
  plan: Plan,
  { item, limitA, purpose }: Candidate,
  headroom: readonly Load[],
  isDoubled: boolean,
): number | undefined {
  const { evse, exposureA } = item
  const fallbackA = site.fallbackA[evse.index] ?? 0
  const mayRise = evse.path.every((node) => {
    const nodePlan = plan.nodes[node]
    if (nodePlan?.within !== true) return false
    // The dead-man sum fits with the worst base load, which is what counts in failsafe.
    return !nodePlan.base.noRaise || (nodePlan.base.failsafe && limitA <= fallbackA)
  })
  // Also within what still settles: while the node does not fit, nothing below it rises.
  if (!mayRise) return undefined
  if (limitA <= exposureA + EPSILON_A) return limitA
  const minA = evse.evse.minCurrentA
  // Half the way: what it takes comes back as base load, and the other half is for that.
  const wantedA = isDoubled ? Math.max(minA, exposureA + (limitA - exposureA) / 2) : limitA
  let addA = Infinity
  for (const node of evse.path) {
    const fitsA = fits(headroom[node] ?? noLoad(), item.unit)
    addA = Math.min(addA, isDoubled && isMetered(site, node) ? fitsA / 2 : fitsA)
  }
  const mostA = Math.min(wantedA, exposureA + addA)
  if (mostA >= limitA - EPSILON_A) return limitA
  const roundedA = Math.floor((mostA + EPSILON_A) * evse.stepsPerA) / evse.stepsPerA
  // A part of a raise is worth sending only if it is a legal and a noticeable one.
  const isUseful = roundedA >= minA && roundedA - item.committedA >= NOISE_DECREASE_A
  return purpose === 'transaction' && isUseful ? roundedA : undefined
}

function reserve(
  site: Site,
  item: EvsePlan,
  headroom: readonly Load[],
  limitA: number,
  isDoubled: boolean,
): void {
  const addA = Math.max(0, limitA - item.exposureA)
  for (const node of item.evse.path) {
    const factor = isDoubled && isMetered(site, node) ? 2 : 1
    addLoad(headroom[node] ?? noLoad(), item.unit, -addA * factor)
  }
}
