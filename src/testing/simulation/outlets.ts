/** What each connector really permits, and the sums of it at every node. */
import { phaseCount } from '../../core/phases.js'
import type { PhaseA } from '../../core/phases.js'
import type { Tree, TreeEvse } from '../../core/site/tree.js'
import { NOMINAL_VOLTAGE_V } from '../charging-profiles.js'
import type { InstalledProfile } from '../charging-profiles.js'
import type { SimulatedChargePoint } from '../simulated-charge-point.js'
import type { ChargerTruth } from './charger-truth.js'
import { DIMENSIONS } from './node-truth.js'
import type { Four } from './node-truth.js'
import type { ToldLimit, WireTruth } from './wire-truth.js'

export interface Outlet {
  /** Identity#connector. */
  readonly key: string
  readonly identity: string
  readonly connectorId: number
  readonly chargePoint: SimulatedChargePoint
  readonly charger: ChargerTruth
  readonly evse: TreeEvse
  readonly fallbackA: number
  /** A per phase; 0 while no transaction runs. */
  limitA: number
  hasTransaction: boolean
  /** Monotonic; of the running transaction, or of the last. */
  startedAtMs: number
  /**
   * Monotonic: when a transaction with less than the fallback ended, or before, when its charger went
   * out of reach. What stands for the next car counts from then on.
   */
  freedAtMs: number
  /** Monotonic; Infinity while the charger knows no transaction id. */
  answeredAtMs: number
  /** What its car is able to use of what it permits. */
  load: Four
  /** The same as far as anybody can know it: less for a charger that deceives. */
  knowable: Four
  /** The same where no meter sees what it draws. */
  believed: Four
  newest: InstalledProfile | undefined
  profiles: number
  /** All of its charger, as it was looked at last: another list when one of them changes. */
  installed: readonly InstalledProfile[] | undefined
  /** When what it permits last changed. */
  changedAtMs: number
  /** What it permitted before it permitted less, the latest last. */
  lowered: readonly { readonly fromA: number; readonly atMs: number }[]
  /** When more of what it permits became knowable than was, because it no longer deceives. */
  revealedAtMs: number
}

export interface OutletChange {
  readonly outlet: Outlet
  readonly beforeA: number
  readonly rose: boolean
  /** `told`: it applied a profile, or dropped one it was told to drop. */
  readonly cause: 'told' | 'started' | 'stopped' | 'itself'
  /** When the controller said what it applied. */
  readonly saidAtMs: number | undefined
}

export interface Outlets {
  readonly all: readonly Outlet[]
  ofCharger(identity: string): readonly Outlet[]
  below(node: number): readonly Outlet[]
  /** Sums by node. */
  readonly load: readonly Four[]
  readonly knowable: readonly Four[]
  /** Brings one up to date; undefined: nothing changed. */
  look(outlet: Outlet): OutletChange | undefined
}

const SAME_A = 1e-6
const LOWERED_KEPT = 30
const PHASES = [0, 1, 2] as const
/** Nothing is hidden. */
const OPEN: readonly [number, number] = [1, 1]

export function outletsOf(options: {
  readonly tree: Tree
  readonly fallbackA: readonly number[]
  readonly chargers: ReadonlyMap<string, ChargerTruth>
  readonly wire: WireTruth
  readonly profileDurationMs: number
  readonly monotonic: () => number
  /** What a car draws shows in the meter of the site. */
  readonly isMetered: () => boolean
}): Outlets {
  const { tree, chargers, wire, profileDurationMs, monotonic, isMetered } = options
  const all: Outlet[] = []
  const byCharger = new Map<string, Outlet[]>()
  const byNode = tree.nodes.map((): Outlet[] => [])
  for (const [identity, charger] of chargers) {
    for (const [connectorId, evse] of tree.byChargePoint.get(identity) ?? []) {
      const outlet = newOutlet(charger, connectorId, evse, options.fallbackA[evse.index] ?? 0)
      all.push(outlet)
      byCharger.set(identity, [...(byCharger.get(identity) ?? []), outlet])
      for (const node of evse.path) byNode[node]?.push(outlet)
    }
  }
  const load = tree.nodes.map((): Four => [0, 0, 0, 0])
  const knowable = tree.nodes.map((): Four => [0, 0, 0, 0])
  const isSeenAt = seenAt(tree)

  return {
    all,
    ofCharger: (identity) => byCharger.get(identity) ?? [],
    below: (node) => byNode[node] ?? [],
    load,
    knowable,
    look,
  }

  function look(outlet: Outlet): OutletChange | undefined {
    const { chargePoint, connectorId } = outlet
    const nowMs = monotonic()
    const hadTransaction = outlet.hasTransaction
    const beforeA = outlet.limitA
    const isCharging = chargePoint.hasTransaction(connectorId)
    if (!isCharging && !hadTransaction) return undefined
    outlet.hasTransaction = isCharging
    if (isCharging && !hadTransaction) outlet.startedAtMs = nowMs
    if (!isCharging && beforeA < outlet.fallbackA) {
      outlet.freedAtMs = Math.min(nowMs, outlet.charger.outOfReachSinceMs())
    }
    outlet.limitA = isCharging ? chargePoint.limitA(connectorId) : 0
    noteTransaction(outlet, nowMs)
    const rose = setLoad(outlet)
    const saidAtMs = noteProfiles(outlet)
    if (rose === undefined && isCharging === hadTransaction) return undefined
    outlet.changedAtMs = nowMs
    if (outlet.limitA < beforeA) {
      outlet.lowered = [...outlet.lowered, { fromA: beforeA, atMs: nowMs }].slice(-LOWERED_KEPT)
    }
    const change = { outlet, beforeA, rose: rose === true } as const
    if (isCharging !== hadTransaction) {
      return { cause: isCharging ? 'started' : 'stopped', saidAtMs: undefined, ...change }
    }
    return { cause: saidAtMs === undefined ? 'itself' : 'told', saidAtMs, ...change }
  }

  function noteTransaction(outlet: Outlet, nowMs: number): void {
    const { identity, connectorId } = outlet
    if (!outlet.hasTransaction) {
      outlet.answeredAtMs = Infinity
      // A TxProfile ends with its transaction.
      wire.accepted(identity, connectorId).transaction = undefined
    } else if (outlet.answeredAtMs === Infinity) {
      const isAnswered = outlet.chargePoint.transactionId(connectorId) !== undefined
      if (isAnswered) outlet.answeredAtMs = nowMs
    }
  }

  /** True: more on some phase; false: only less; undefined: the same. */
  function setLoad(outlet: Outlet): boolean | undefined {
    const usableA = outlet.chargePoint.usableA(outlet.connectorId)
    const shares = knowableShares(outlet)
    if (isSame(outlet, usableA, shares)) return undefined
    const [l1, l2, l3] = usableA
    const [share, unseenShare] = shares
    const next: Four = [l1, l2, l3, l1 + l2 + l3]
    const wasHidden = outlet.load[3] > outlet.knowable[3] + SAME_A
    if (wasHidden && share === 1 && next[3] > SAME_A) outlet.revealedAtMs = monotonic()
    let rose: boolean | undefined
    for (const d of DIMENSIONS) {
      const by = next[d] - outlet.load[d]
      if (by > SAME_A) rose = true
      else if (by < -SAME_A) rose ??= false
      const knowableBy = next[d] * share - outlet.knowable[d]
      const believedBy = next[d] * unseenShare - outlet.believed[d]
      outlet.knowable[d] = next[d] * share
      outlet.believed[d] = next[d] * unseenShare
      for (const node of outlet.evse.path) {
        const sum = load[node]
        const knowableSum = knowable[node]
        if (sum) sum[d] += by
        if (knowableSum) knowableSum[d] += isSeenAt[node] === true ? knowableBy : believedBy
      }
    }
    outlet.load = next
    return rose
  }

  /** Asked of each outlet at each of its frames: makes nothing. */
  function isSame(outlet: Outlet, now: PhaseA, shares: readonly [number, number]): boolean {
    const { load: was, knowable: known, believed } = outlet
    for (const d of PHASES) {
      const loadA = now[d]
      if (was[d] !== loadA || known[d] !== loadA * shares[0]) return false
      if (believed[d] !== loadA * shares[1]) return false
    }
    return true
  }

  /** Where a meter sees what it draws, and where none does. */
  function knowableShares(outlet: Outlet): readonly [number, number] {
    const { charger, chargePoint } = outlet
    if (!charger.isDeceiving() || outlet.limitA === 0) return OPEN
    const believedA = acceptedA(outlet)
    const seenA = isMetered() ? Math.max(...chargePoint.drawA(outlet.connectorId)) : 0
    const shareOf = (knownA: number): number => Math.min(1, knownA / outlet.limitA)
    return [shareOf(Math.max(believedA, seenA)), shareOf(believedA)]
  }

  /** What it accepted lets its car draw. */
  function acceptedA(outlet: Outlet): number {
    const { identity, connectorId, evse } = outlet
    const { transaction, transactionSaidAtMs, fallback } = wire.accepted(identity, connectorId)
    const fallbackA = fallback ? perPhaseA(outlet, fallback) : evse.hardwareA
    if (!transaction) return fallbackA
    const transactionA = perPhaseA(outlet, transaction)
    // 3.13.3: while it lasts it overrules the fallback. It is told again at a third of its duration;
    // what was not for half of it, or on another connection, may have ended.
    const { profileDurationS } = evse.charger
    const durationMs = profileDurationS === undefined ? profileDurationMs : profileDurationS * 1_000
    const lasts = monotonic() - transactionSaidAtMs < durationMs / 2
    return lasts ? transactionA : Math.max(transactionA, fallbackA)
  }

  /** When the controller said what was installed or dropped since the last look. */
  function noteProfiles(outlet: Outlet): number | undefined {
    const installed = outlet.chargePoint.profiles()
    if (installed === outlet.installed) return undefined
    const known = outlet.installed
    outlet.installed = installed
    const profiles = installed.filter(
      ({ connectorId }) => connectorId === 0 || connectorId === outlet.connectorId,
    )
    const newest = profiles.at(-1)
    const before = outlet.newest
    const isInstalled = newest !== before && newest !== undefined
    const isFewer = profiles.length < outlet.profiles
    outlet.newest = newest
    outlet.profiles = profiles.length
    if (isInstalled && !isFewer) {
      // What it had already raises nothing: that its clock was set meanwhile may.
      if (known?.some((one) => isSameStanding(one, newest))) return undefined
      return wire.arrivedAt(outlet.identity, newest.receivedAtMs)?.sentAtMs
    }
    return isFewer ? wire.arrivedAt(outlet.identity, monotonic())?.sentAtMs : undefined
  }
}

/** By node: what is drawn below it is part of a reading that counts there. */
function seenAt(tree: Tree): readonly boolean[] {
  const seen = tree.nodes.map(() => false)
  for (const { path } of tree.evses) {
    const metered = path.findIndex((node) => tree.nodes[node]?.meter !== undefined)
    if (metered < 0) continue
    for (const node of path.slice(metered)) seen[node] = true
  }
  return seen
}

/** Of one in W what its car makes of it, on the phases it finds. */
function perPhaseA({ chargePoint, connectorId, evse }: Outlet, { unit, limit }: ToldLimit): number {
  const phases = Math.min(chargePoint.ev(connectorId)?.phases ?? 1, phaseCount(evse.mask))
  return unit === 'A' ? limit : limit / (NOMINAL_VOLTAGE_V * phases)
}

function isSameStanding(one: InstalledProfile, other: InstalledProfile): boolean {
  if (one.connectorId !== other.connectorId) return false
  const { purpose, stackLevel, durationS, startMs, unit, periods } = one.profile
  const is = other.profile
  if (purpose !== is.purpose || stackLevel !== is.stackLevel) return false
  if (startMs !== is.startMs || unit !== is.unit) return false
  if (durationS !== undefined || is.durationS !== undefined) return false
  if (periods.length !== is.periods.length) return false
  return periods.every(
    ({ startS, limit }, index) =>
      startS === is.periods[index]?.startS && limit === is.periods[index].limit,
  )
}

function newOutlet(
  charger: ChargerTruth,
  connectorId: number,
  evse: TreeEvse,
  fallbackA: number,
): Outlet {
  const { chargePoint } = charger
  const { identity } = chargePoint
  return {
    key: `${identity}#${connectorId}`,
    identity,
    connectorId,
    chargePoint,
    charger,
    evse,
    fallbackA,
    limitA: 0,
    hasTransaction: false,
    startedAtMs: -Infinity,
    freedAtMs: -Infinity,
    answeredAtMs: Infinity,
    load: [0, 0, 0, 0],
    knowable: [0, 0, 0, 0],
    believed: [0, 0, 0, 0],
    newest: undefined,
    profiles: 0,
    installed: undefined,
    changedAtMs: -Infinity,
    lowered: [],
    revealedAtMs: -Infinity,
  }
}
