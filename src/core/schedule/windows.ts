import type { PhaseA } from '../phases.js'

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/** Which entries of a schedule win where several hold: the last of these; among equals the lowest. */
export type WindowKind = 'default' | 'weekly' | 'exception' | 'event'

/**
 * One entry of the schedule of a node. Times are local wall time in the zone of the schedule; `from`
 * is inclusive, `to` exclusive, `24:00` is allowed as `to`. Of a recurring entry they are `HH:MM`:
 * `to` at or before `from` runs past midnight and belongs to the day it starts on. Of an event they
 * are `YYYY-MM-DDTHH:MM`. An entry that limits nothing leaves the node's own limits alone.
 */
export interface LimitWindow {
  /** Absent: weekly. */
  readonly kind?: WindowKind
  readonly name?: string
  /** Weekly. Absent: every day. */
  readonly days?: readonly Weekday[]
  /** Weekly. Absent: all the year. */
  readonly season?: Season
  /** Exception: `YYYY-MM-DD`, or a range `YYYY-MM-DD/YYYY-MM-DD`, both ends included. */
  readonly dates?: readonly string[]
  /** Exception: name of a list of dates in the settings. */
  readonly holidays?: string
  readonly from: string
  readonly to: string
  readonly maxPowerKw?: number
  readonly maxCurrentA?: PhaseA
  /** Of the sessions of each class together, ascending. */
  readonly ceilings?: readonly ClassCeiling[]
}

/**
 * A class is the sessions of a priority from this one on to the next ceiling; those below the first
 * get nothing. It bounds the class alone, whatever the others take.
 */
export interface ClassCeiling {
  readonly fromPriority: number
  /** Per phase, A. */
  readonly maxCurrentA: number
}

/** Both included; `MM-DD` of each year (`to` before `from` runs over New Year), or `YYYY-MM-DD`. */
export interface Season {
  readonly from: string
  readonly to: string
}

/** Of each list of holidays its dates, `YYYY-MM-DD`. */
export type Holidays = ReadonlyMap<string, readonly string[]>

/**
 * With the dates of the lists it names. A list that is not there leaves `holidays` in place: such an
 * entry holds each day, beside what else holds.
 */
export function withHolidays(window: LimitWindow, lists: Holidays | undefined): LimitWindow {
  const { holidays: list, ...others } = window
  if (list === undefined) return window
  const dates = lists?.get(list)
  return dates ? { ...others, dates: [...(window.dates ?? []), ...dates] } : window
}
