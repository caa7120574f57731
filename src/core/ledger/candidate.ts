/** One thing that could be sent to an EVSE now. */
import type { EvsePlan } from '../plan/plan-types.js'
import type { Connector } from '../site/state.js'
import type { ProfilePurpose } from './evse-ledger.js'
import type { FallbackSchedule } from './fallback-schedule.js'
import type { ProfileForm } from './profile-form.js'

export type Change = 'decrease' | 'refresh' | 'increase'

export interface Candidate {
  readonly item: EvsePlan
  readonly connector: Connector
  /**
   * `clear`: of the admission profile, once the transaction has a limit of its own, or of what the
   * watchdog told the whole charge point. `ask`: the charger is asked what limit it has.
   */
  readonly purpose: ProfilePurpose | 'clear' | 'ask'
  readonly form: ProfileForm
  readonly limitA: number
  /** Of a fallback: how it goes on. */
  readonly schedule?: FallbackSchedule | undefined
  readonly change: Change
  /** Lower goes first. */
  readonly rank: number
}
