/** What the watchdog remembers: measurements and times, nothing the ledger believes. */
import type { Load } from '../load.js'
import type { LimitDimension } from '../reason.js'

/** What tells how much flows through a node now. */
export type MeasuredBy =
  | 'meter'
  /** It has no meter: the samples of the chargers below. */
  | 'samples'
  /** Its meter is silent: nobody knows. */
  | 'nothing'

export interface NodeWatch {
  measuredBy: MeasuredBy
  /** Beyond the limit now, in each dimension; 0 where it holds. */
  over: Load
  /** The worst of them that is more than measuring can explain; 0 within. */
  overA: number
  dimension: LimitDimension
  /** Since when (monotonic and wall) the present excess lasts; undefined: there is none. */
  sinceMs: number | undefined
  sinceWallMs: number
  /** How long it was seen to last: times without a measurement do not count. */
  overForMs: number
  /** How long it has been back within the limit. */
  withinForMs: number
  /** When the last excess ended. */
  endedAtMs: number
  /** Of the present or the last excess. */
  excessAs: number
  worstA: number
  worstAtWallMs: number
  /** Since the start of the program. */
  totalAs: number
  /** It has outlasted normal control: chargers below are being cut off. */
  alarm: boolean
  lookedAtMs: number
  nextStepAtMs: number
  /** So long it must hold before what was cut off is let go. */
  holdMs: number
  releasedAtMs: number
}

export interface CutOffCause {
  readonly nodeId: string
  readonly nodeName: string
  readonly overA: number
}

export interface EvseWatch {
  readonly cause: CutOffCause | undefined
  /** When the present step was taken. */
  readonly steppedAtMs: number
  /** The transaction it was taken in. */
  readonly transactionId: number | undefined
}

/** Why a charge point that takes no limit is out of service. */
export interface NoRoom {
  readonly nodeId: string
  readonly nodeName: string
  /** What it could take at most, and what is left for it there, A per phase. */
  readonly needsA: number
  readonly roomA: number
}

export interface WatchdogState {
  /** By kind and id of the node. */
  readonly nodes: Map<string, NodeWatch>
  /** By charge point and connector; those that are cut off. */
  readonly evses: Map<string, EvseWatch>
  /** By charge point id. */
  readonly noRoom: Map<string, NoRoom>
}

export function newWatchdog(): WatchdogState {
  return { nodes: new Map(), evses: new Map(), noRoom: new Map() }
}

interface NodeName {
  readonly kind: string
  readonly id: string
}

const nodeKeys = new WeakMap<NodeName, string>()

/** Asked for each second for each node: made once. */
export function nodeKey(node: NodeName): string {
  const known = nodeKeys.get(node)
  if (known !== undefined) return known
  const key = `${node.kind} ${node.id}`
  nodeKeys.set(node, key)
  return key
}

export function evseKey(at: {
  readonly chargePointId: string
  readonly connectorId: number
}): string {
  return `${at.connectorId} ${at.chargePointId}`
}
