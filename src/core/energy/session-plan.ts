/** What is wanted of one session, over what its vehicle says; and how that may be changed. */
import type { Problem } from '../site/edit.js'
import type { Target } from '../site/vehicle.js'

export interface SessionPlan {
  readonly target?: Target
  /** Wall ms. */
  readonly departureMs?: number
  readonly priority?: PriorityOverride
  /** State of charge as somebody stated it. */
  readonly soc?: SocSeen
}

export interface PriorityOverride {
  readonly value: number
  /** Wall ms; absent: until the session ends. */
  readonly untilMs?: number
}

/** The state of charge when the session had taken so much. */
export interface SocSeen {
  readonly soc: number
  readonly energyWh: number
}

/** Undefined stays, null clears. */
export interface PlanChange {
  readonly target?: Target | null | undefined
  readonly departureMs?: number | null | undefined
  readonly priority?: number | null | undefined
  readonly priorityUntilMs?: number | null | undefined
  readonly soc?: number | null | undefined
}

export type Planned =
  | { readonly ok: true; readonly plan: SessionPlan }
  | { readonly ok: false; readonly problem: Problem }

export interface PlanFacts {
  readonly wallMs: number
  /** Of the session by now. */
  readonly energyWh: number
  readonly batteryKwh: number | undefined
}

const YEAR_MS = 366 * 86_400_000

/** The plan after the change, or which field of it cannot be. */
export function planAfter(
  before: SessionPlan | undefined,
  change: PlanChange,
  { wallMs, energyWh, batteryKwh }: PlanFacts,
): Planned {
  const { target, departureMs, soc } = change
  if (target?.type === 'soc' && batteryKwh === undefined) {
    const message =
      'says nothing without the battery of its vehicle: give the vehicle this id tag and ' +
      'battery_kwh, or state energy_kwh'
    return invalid('targetSoc', message)
  }
  const badDeparture = badInstant(departureMs, wallMs)
  if (badDeparture !== undefined) return invalid('departure', badDeparture)
  const badUntil = badInstant(change.priorityUntilMs, wallMs)
  if (badUntil !== undefined) return invalid('priorityUntil', badUntil)
  const priority = priorityAfter(before?.priority, change, wallMs)
  if (priority === 'alone') {
    return invalid('priorityUntil', 'ends a priority of the session, and there is none: give both')
  }
  const kept = {
    target: after(before?.target, target),
    departureMs: after(before?.departureMs, departureMs),
    priority,
    soc: after(before?.soc, typeof soc === 'number' ? { soc, energyWh } : soc),
  }
  return {
    ok: true,
    plan: {
      ...(kept.target && { target: kept.target }),
      ...(kept.departureMs !== undefined && { departureMs: kept.departureMs }),
      ...(kept.priority && { priority: kept.priority }),
      ...(kept.soc && { soc: kept.soc }),
    },
  }
}

/** An override is over when its time is, without anybody acting. */
export function overrideNow(
  plan: SessionPlan | undefined,
  wallMs: number,
): PriorityOverride | undefined {
  const { priority } = plan ?? {}
  return priority && wallMs < (priority.untilMs ?? Infinity) ? priority : undefined
}

function priorityAfter(
  before: PriorityOverride | undefined,
  { priority, priorityUntilMs }: PlanChange,
  wallMs: number,
): PriorityOverride | 'alone' | undefined {
  if (priority === null) return undefined
  const standing = overrideNow({ ...(before && { priority: before }) }, wallMs)
  const value = priority ?? standing?.value
  if (value === undefined) return typeof priorityUntilMs === 'number' ? 'alone' : undefined
  const untilMs = after(standing?.untilMs, priorityUntilMs)
  return { value, ...(untilMs !== undefined && { untilMs }) }
}

function after<T>(before: T | undefined, change: T | null | undefined): T | undefined {
  return change === undefined ? before : (change ?? undefined)
}

function badInstant(instantMs: number | null | undefined, wallMs: number): string | undefined {
  if (typeof instantMs !== 'number') return undefined
  if (instantMs <= wallMs) return 'is in the past'
  return instantMs > wallMs + YEAR_MS ? 'is more than a year ahead' : undefined
}

function invalid(field: string, message: string): Planned {
  return { ok: false, problem: { kind: 'invalid', field, message } }
}
