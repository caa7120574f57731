/** A started controller: the site, and who acts on it. */
import type { Plan } from '../core/plan/plan-types.js'
import type { SecurityProfile } from '../core/security/security-types.js'
import type { Site } from '../core/site/state.js'
import type { CapabilityDesk } from './capability-desk.js'
import type { CareDesk } from './care-desk.js'
import type { ListenerState } from '../ports.js'
import type { Cycle } from './cycle.js'
import type { DepartureDesk } from './departure-desk.js'
import type { DepotDesk } from './depot-desk.js'
import type { FileDesk } from './file-desk.js'
import type { FrontDesk } from './front-desk.js'
import type { JournalWriter } from './journal-writer.js'
import type { OperationsDesk } from './operations-desk.js'
import type { KeyDesk } from './key-desk.js'
import type { ListenerWatch } from './listener-watch.js'
import type { LocalListDesk } from './local-list-desk.js'
import type { OverrideDesk } from './override-desk.js'
import type { PendingChargers } from './pending-chargers.js'
import type { ProbeDesk } from './probe-desk.js'
import type { SecurityDesk } from './security-desk.js'
import type { Sessions } from './sessions.js'
import type { TransactionDesk } from './transaction-desk.js'
import type { Uplink } from './uplink.js'
import type { WatchdogDesk } from './watchdog-desk.js'

export interface Running {
  readonly site: Site
  readonly journal: JournalWriter
  readonly sessions: Sessions
  readonly security: SecurityDesk
  readonly keys: KeyDesk
  readonly listenerWatch: ListenerWatch
  readonly listeners: () => readonly ListenerState[]
  /** Resolves when it is on disk and in force. */
  readonly setUsedProfile: (chargePointId: string, profile: SecurityProfile) => Promise<void>
  readonly frontDesk: FrontDesk
  readonly capabilities: CapabilityDesk
  readonly care: CareDesk
  readonly cycle: Cycle
  readonly desk: DepotDesk
  readonly overrides: OverrideDesk
  readonly probes: ProbeDesk
  readonly uplink: Uplink | undefined
  readonly watchdog: WatchdogDesk
  readonly departures: DepartureDesk
  readonly transactions: TransactionDesk
  readonly localLists: LocalListDesk
  readonly pending: PendingChargers
  readonly operations: OperationsDesk
  readonly files: FileDesk
  plan: Plan
}
