/**
 * The depot as it is configured: constraints, charge groups, chargers and EVSEs. What is live
 * (connections, transactions, offers) is not here. Objects are replaced, never changed in place.
 */
import type { SecurityProfile } from '../security/security-types.js'
import type { PhaseA } from '../phases.js'
import type { LimitWindow } from '../schedule/windows.js'
import type { Quirks } from './quirks.js'
import type { Vehicle } from './vehicle.js'

/** A node of the tree with a limit; a charge group is a constraint that holds chargers. */
export interface Constraint {
  readonly id: string
  readonly name: string
  readonly type: 'constraint' | 'charge_group'
  /** Absent: a root, directly below the grid connection. */
  readonly parentId?: string
  /** Higher is better; inherited by everything below that states none. Absent: inherited itself. */
  readonly priority?: number
  /** Total power of everything below, kW. */
  readonly maxPowerKw: number
  /** Per phase, A. */
  readonly maxCurrentA?: PhaseA
  /** Load at this node that is neither metered nor controlled, A on each phase. */
  readonly baseLoadA: number
  /** Limits over time, on top of the two above. */
  readonly schedule: readonly LimitWindow[]
  /** IANA zone of the schedule; absent: that of the site. */
  readonly scheduleTimezone?: string
  /** What cars of some priorities are sure of here, or may not exceed together. */
  readonly classes?: readonly PriorityClass[]
  /** The relay that cuts off everything below, the watchdog's last means. */
  readonly cutOffRelay?: string
}

/** Cars from one priority to another, both included, and what they may have together at a node. */
export interface PriorityClass {
  readonly fromPriority: number
  /** Absent: and all above. */
  readonly toPriority?: number
  /** Guaranteed as far as they want it, A per phase. */
  readonly minCurrentA?: number
  /** Their ceiling, A per phase. */
  readonly maxCurrentA?: number
}

export type PhaseRotation = 'RST' | 'RTS' | 'SRT' | 'STR' | 'TRS' | 'TSR'

export interface Evse {
  /** OCPP 1.6 connectorId, from 1. */
  readonly id: number
  readonly maxPowerKw: number
  readonly currentType: 'AC' | 'DC'
  readonly phases: 1 | 3
  /** Which site phase the EVSE's L1, L2, L3 are wired to (R = L1, S = L2, T = L3). */
  readonly phaseRotation: PhaseRotation
  /** Smallest current that is not a pause (IEC 61851: 6 A). */
  readonly minCurrentA: number
  /** Hardware maximum per phase, A. */
  readonly maxCurrentA: number
  /** What it can be told, A; absent: tenths. */
  readonly currentStepA?: 0.1 | 0.5 | 1
  /** What the EVSE does when left alone; auto: as much of the minimum as the dead-man rule allows. */
  readonly fallbackCurrentA: number | 'auto'
  /** As given at creation; what the charger reports afterwards is live state. */
  readonly status: string
  /** Reported by the charger but never configured: offered nothing until adopted. */
  readonly discovered?: boolean
}

/** What a probe found out about a charger. What is absent was not probed or stayed unclear. */
export interface ProbeRecord {
  /** Of the last probe, wall ms. */
  readonly atMs: number
  readonly vendor?: string | undefined
  readonly model?: string | undefined
  readonly firmware?: string | undefined
  /** Another model or firmware has booted since: nothing of it counts any more. */
  readonly outdated?: boolean | undefined
  /** What became of a TxProfile at the end of its duration. */
  readonly expiry?: 'honoured' | 'ignored' | 'unclear' | undefined
  /** Drawn per phase after that, A. */
  readonly fallbackAfterExpiryA?: number | undefined
  /** It was no more than the TxDefaultProfile allows. */
  readonly fallbackSeen?: boolean | undefined
  readonly keepsOverReconnect?: boolean | undefined
  readonly keepsOverReboot?: boolean | undefined
  readonly resumesFromZero?: boolean | undefined
  /** Units of limits that it says or was seen to take. */
  readonly units?: readonly ('A' | 'W')[] | undefined
  /** From the acknowledgement of a lower limit to a current below it. */
  readonly timeToEffectMs?: number | undefined
  /** Site phases that its L1, L2, L3 were seen on. */
  readonly phaseRotation?: PhaseRotation | undefined
  /** How many phases the car of the probe used. */
  readonly phasesUsed?: number | undefined
  /** What the figures do not say, each with the step it is of: `expiry: ...`. */
  readonly notes: readonly string[]
}

/** One charge point. `id` is ours (REST), `ocppChargePointId` is how it calls itself on the wire. */
export interface Charger {
  readonly id: string
  readonly name: string
  readonly maxPowerKw: number
  readonly parentChargeGroup: string
  /** False: 0 A, and new transactions are refused. */
  readonly isActive: boolean
  readonly status: string
  /** Absent: inherits the priority of its charge group. */
  readonly priority?: number
  readonly ocppChargePointId?: string
  /** Breaker open, stated by the operator: counts nothing until it connects. */
  readonly isolated: boolean
  /** The operator knows that it honours profile expiry; unverified chargers count the worse value. */
  readonly expiryVerified: boolean
  /** Absent: that of all chargers. */
  readonly profileDurationS?: number
  readonly profileTimeoutMs?: number
  /** It is taken on no listener of a lower profile (OCPP 1.6 security whitepaper); absent: 0. */
  readonly securityProfile?: SecurityProfile
  readonly probe?: ProbeRecord
  /** Who may charge here; absent: who has an id tag that may. */
  readonly authorisation?: AuthorisationMode
  /** Stands for the charger itself; absent: its charge point id. */
  readonly ownIdTag?: string
  /** What the operator states of it, over what is known of its model. */
  readonly quirks?: Quirks
  readonly evses: readonly Evse[]
}

/** `by-charger`: it presents a tag of its own for each car, beside those of the list. */
export type AuthorisationMode = 'id-tag' | 'free-vend' | 'by-charger'

export interface IdTag {
  /** As it is written; compared without case. */
  readonly idTag: string
  readonly priority?: number
  readonly blocked?: boolean
  /** Its group: each of them may stop what another started. */
  readonly parentIdTag?: string
  /** Accepted until then, wall ms. */
  readonly expiresWallMs?: number
  /** Absent: any number. */
  readonly maxActiveTransactions?: number
}

export interface Depot {
  readonly constraints: ReadonlyMap<string, Constraint>
  readonly chargers: ReadonlyMap<string, Charger>
  /** Empty: every tag is accepted. Keys are folded to lower case (OCPP 1.6: CiString20). */
  readonly idTags: ReadonlyMap<string, IdTag>
  /** By id. */
  readonly vehicles: ReadonlyMap<string, Vehicle>
}

export const EMPTY_DEPOT: Depot = {
  constraints: new Map(),
  chargers: new Map(),
  idTags: new Map(),
  vehicles: new Map(),
}
