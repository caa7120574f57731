/** The settings the core works by: the part of the process settings that is not about I/O. */
import type { AuthorisationRules } from '../authorisation/backend-answers.js'
import type { PhaseA } from '../phases.js'
import type { Holidays } from '../schedule/windows.js'
import type { QuirkRecord } from './quirks.js'

export interface MeterRule {
  readonly id: string
  /** Undefined: the whole site. */
  readonly constraintId: string | undefined
  /** Assumed uncontrolled load once the meter is silent, A per phase. */
  readonly worstBaseLoadA: PhaseA
  /** False: nothing behind it feeds in, and a negative current is none. Default true. */
  readonly exports?: boolean | undefined
}

export interface LimitSourceRule {
  readonly id: string
  readonly constraintId: string | undefined
  readonly unit: 'A' | 'W'
  /** In force at start and while the source is silent. */
  readonly fallback: number
  readonly holdMs: number
}

export interface SiteRules {
  readonly siteId: string
  readonly siteName: string
  readonly timezone: string
  /** Lists of dates that schedules name. */
  readonly holidays?: Holidays
  readonly nominalVoltageV: number
  /** Absent: who may charge is decided by the id tags of the depot alone. */
  readonly authorisation?: AuthorisationRules | undefined
  readonly fuseA: number | undefined
  readonly contractKw: number | undefined
  readonly meters: readonly MeterRule[]
  readonly limitSources: readonly LimitSourceRule[]
  /** TxProfile duration D, ms; refreshed at a third. */
  readonly profileDurationMs: number
  readonly profileTimeoutMs: number
  /** Interval of MeterValues asked of the chargers, ms. */
  readonly meterValueIntervalMs: number
  readonly settleMs: number
  readonly minOnMs: number
  readonly maxWaitMs: number
  /** What is measured may be above a limit for so long before the watchdog acts. */
  readonly watchdogAfterMs: number
  /** What is known of models of chargers; default: nothing. */
  readonly quirkRecords?: readonly QuirkRecord[]
}
