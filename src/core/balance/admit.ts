/**
 * Who may charge at all: IEC 61851 knows nothing between 0 and 6 A, so each gets its minimum or waits
 * for its turn. First turns that were promised, then who waited too long whatever its priority; then
 * by priority, and within one the turns that last, then by value less what the crowded limits cost.
 */
import { addLoad, EPSILON_A, fits, noLoad } from '../load.js'
import type { Load } from '../load.js'
import type { Demand } from './demand.js'
import { reducedValues } from './prices.js'
import { fitsFor, take } from './room.js'
import { patienceMs, valueOf } from './value.js'

export interface AdmissionRules {
  /** Shortest turn, ms. */
  readonly minOnMs: number
  /** Whoever waited longer than this comes first whatever its priority, ms. */
  readonly maxWaitMs: number
}

/** Who was just switched off does not come again at once. */
const MIN_OFF_MS = 300_000
/** Who takes less than this share of its minimum keeps no turn from others. */
const WORTH_KEEPING = 0.5

export interface Admission {
  readonly admitted: readonly Demand[]
  readonly waiting: readonly Demand[]
}

/** Takes the minimum of each that is admitted from `room`. */
export function admit(
  demands: readonly Demand[],
  room: readonly Load[],
  rules: AdmissionRules,
  nowMs: number,
): Admission {
  const admitted: Demand[] = []
  const waiting: Demand[] = []
  const offer = (demand: Demand): void => {
    if (takeMinimum(demand, room)) admitted.push(demand)
    else waiting.push(demand)
  }
  const [keeping, others] = [
    demands.filter(({ evse }) => evse.cannotPause),
    demands.filter(({ evse }) => !evse.cannotPause),
  ]
  // Those whose session would end for good come first, who has begun before who has not.
  keeping
    .toSorted(
      (a, b) =>
        Number(b.isOn) - Number(a.isOn) || b.priority - a.priority || a.evse.index - b.evse.index,
    )
    .forEach(offer)
  const stages = stagesOf(others, rules, nowMs)
  stages.promised.forEach(offer)
  stages.overdue.forEach(offer)
  for (const { locked, open } of stages.classes) {
    locked.forEach(offer)
    inOrderOfValue(open, room, nowMs).forEach(offer)
  }
  return { admitted, waiting }
}

/** Its minimum, if there is room for it. */
export function takeMinimum(demand: Demand, room: readonly Load[]): boolean {
  const { minA, floorA, capA } = demand
  const missingA = Math.max(0, minA - floorA)
  if (missingA > 0 && isTopFull(demand, room, missingA)) return false
  const fitsA = missingA === 0 ? 0 : fitsFor(demand, room)
  if (fitsA < missingA - EPSILON_A || capA < minA || !fitsTwice(demand, room, missingA))
    return false
  take(demand, room, missingA)
  for (const node of demand.twiceAt) addLoad(room[node] ?? noLoad(), demand.unit, -missingA)
  return true
}

/** Where too little is left for many, as a rule it is the top that has it: looked at before all others. */
function isTopFull({ evse, unit }: Demand, room: readonly Load[], missingA: number): boolean {
  const top = room[evse.path.at(-1) ?? -1]
  return top !== undefined && fits(top, unit) < missingA - 2 * EPSILON_A
}

export function isOverdue(
  turn: { readonly isOn: boolean; readonly sinceMs: number },
  maxWaitMs: number,
  nowMs: number,
): boolean {
  return !turn.isOn && nowMs - turn.sinceMs >= maxWaitMs
}

interface Stages {
  readonly promised: readonly Demand[]
  readonly overdue: readonly Demand[]
  /** Highest priority first. */
  readonly classes: readonly { readonly locked: readonly Demand[]; readonly open: Demand[] }[]
}

function stagesOf(
  demands: readonly Demand[],
  { minOnMs, maxWaitMs }: AdmissionRules,
  nowMs: number,
): Stages {
  const promised: Demand[] = []
  const overdue: Demand[] = []
  const classes = new Map<number, { locked: Demand[]; open: Demand[] }>()
  for (const demand of demands) {
    const lasts = demand.isOn && nowMs - demand.sinceMs < minOnMs && demand.takes >= WORTH_KEEPING
    // Its turn lasts, or it would be off again at once.
    if (lasts && demand.guaranteed) promised.push(demand)
    else if (isOverdue(demand, patienceMs(demand, maxWaitMs), nowMs)) overdue.push(demand)
    else {
      const own = classes.get(demand.priority) ?? { locked: [], open: [] }
      classes.set(demand.priority, own)
      if (lasts) own.locked.push(demand)
      else own.open.push(demand)
    }
  }
  for (const { locked } of classes.values()) locked.sort(byLatestChange)
  return {
    promised: promised.toSorted(byLatestChange),
    overdue: overdue.toSorted((a, b) => -byLatestChange(a, b)),
    classes: [...classes].toSorted(([a], [b]) => b - a).map(([, own]) => own),
  }
}

function byLatestChange(a: Demand, b: Demand): number {
  return b.sinceMs - a.sinceMs
}

function inOrderOfValue(
  open: readonly Demand[],
  room: readonly Load[],
  nowMs: number,
): readonly Demand[] {
  const values = reducedValues(open, open.map(valueOf), room)
  const ranked = open.map((demand, index) => ({
    demand,
    isTooSoon: !demand.isOn && nowMs - demand.sinceMs < MIN_OFF_MS && demand.deliveredWh > 0,
    value: values[index] ?? 0,
  }))
  ranked.sort(
    (a, b) =>
      Number(a.isTooSoon) - Number(b.isTooSoon) ||
      b.value - a.value ||
      Number(a.demand.isOn) - Number(b.demand.isOn) ||
      a.demand.sinceMs - b.demand.sinceMs,
  )
  return ranked.map(({ demand }) => demand)
}

function fitsTwice({ unit, twiceAt }: Demand, room: readonly Load[], currentA: number): boolean {
  return twiceAt.every((node) => fits(room[node] ?? noLoad(), unit) >= 2 * currentA - EPSILON_A)
}
