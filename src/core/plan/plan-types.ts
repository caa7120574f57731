/** What one look at the site says; made by `plan`, used by the ledger and the view. */
import type { BaseLoad } from '../limits/base-load.js'
import type { LimitInForce } from '../limits/in-force.js'
import type { Load } from '../load.js'
import type { PhaseA } from '../phases.js'
import type { Reason } from '../reason.js'
import type { Connector } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'

export interface Plan {
  readonly nodes: readonly NodePlan[]
  /** By EVSE index. */
  readonly evses: readonly EvsePlan[]
}

export interface NodePlan {
  readonly limit: LimitInForce
  /** What is counted below keeps to this: the limit, but where more is counted than can be. */
  readonly countLimit: Load
  readonly base: BaseLoad
  /** Sum of the exposures below. */
  readonly exposure: Load
  /** Sum of the fresh samples below. */
  readonly drawA: PhaseA
  /** I1 holds here. */
  readonly within: boolean
}

export interface EvsePlan {
  readonly evse: TreeEvse
  readonly connector: Connector | undefined
  readonly connected: boolean
  /** One ampere per phase in use. */
  readonly unit: Load
  readonly exposureA: number
  readonly committedA: number
  /** What its profiles let it take; less than committed when it takes more. */
  readonly permittedA: number
  readonly disobeys: boolean
  /** Idle, and others could use what its fallback reserves. */
  readonly wantsAdmission: boolean
  /** Undefined: not for the balancer to decide (no car, offline, refusing, call slot taken). */
  readonly targetA: number | undefined
  readonly reason: Reason
}
