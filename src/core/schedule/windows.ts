import type { PhaseA } from '../phases.js'

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'

/**
 * A recurring time in which a lower limit applies. `from` inclusive, `to` exclusive, local wall time
 * `HH:MM` in the site's zone; `to` at or before `from` runs past midnight and belongs to the day it
 * starts on; `24:00` is allowed as `to`. Outside all windows only the node's own limits apply.
 */
export interface LimitWindow {
  /** Absent: every day. */
  readonly days?: readonly Weekday[]
  readonly from: string
  readonly to: string
  readonly maxPowerKw?: number
  readonly maxCurrentA?: PhaseA
}
