/**
 * Rare coincidences that a batch of runs has to meet. Where one is never seen, the faults are too
 * tame, and that no invariant broke says little.
 */
import type { SiteRules } from '../../core/site/rules.js'
import type { ChargerTruth } from './charger-truth.js'
import { DIMENSIONS } from './node-truth.js'
import type { NodeTruths } from './node-truth.js'
import type { Outlet, OutletChange, Outlets } from './outlets.js'
import type { Fault } from './scenario.js'
import type { WireTruth } from './wire-truth.js'
import type { World } from './world.js'

export const COINCIDENCES = [
  'limit fell while a granted charger was out of reach',
  'limit fell during reconciliation',
  'limit fell while a profile was under way',
  'load rose while the meter was silent',
  'profile expired while the meter was silent',
  'profile expired out of reach',
  'power lost while a profile was under way',
  'power lost during reconciliation',
  'power lost while a write was under way',
  'power lost twice within one profile',
  'start repeated while a write was under way',
  'start repeated after a loss of power',
  'profile refused while its node was over',
  'clock stepped near the edge of a window',
  'back with messages of another time',
  'replaced while a call was under way',
  'started out of reach',
  'everybody out of reach at once',
  'rebooted in a transaction',
  'broker away while power was lost',
] as const

export type Coincidence = (typeof COINCIDENCES)[number]

export interface RareCounters {
  fault(fault: Fault): void
  opened(identity: string): void
  lifeBegan(): void
  lifeEnded(): void
  writeBegan(): void
  writeEnded(): void
  startRepeated(): void
  profileRefused(identity: string): void
  changed(change: OutletChange): void
  /** Once a second. */
  look(): void
  all(): Readonly<Record<string, number>>
}

const RECONCILING_MS = 20_000
const NEAR_MS = 120_000
const MINUTE_MS = 60_000

export function rareCounters(options: {
  readonly world: World
  readonly chargers: ReadonlyMap<string, ChargerTruth>
  readonly outlets: Outlets
  readonly nodes: NodeTruths
  readonly wire: WireTruth
  readonly rules: SiteRules
}): RareCounters {
  const { world, chargers, outlets, nodes, wire, rules } = options
  const counts = new Map<Coincidence, number>(COINCIDENCES.map((name) => [name, 0]))
  const nowMs = (): number => world.clock.monotonic()
  let lifeBeganMs = -Infinity
  let lifeEndedMs = -Infinity
  let writes = 0
  let fellMs = -Infinity
  let roseMs = -Infinity
  let wasEverybodyAway = false

  const saw = (name: Coincidence): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  const isReconciling = (): boolean => nowMs() - lifeBeganMs < RECONCILING_MS
  const isAway = ({ charger }: Outlet): boolean => charger.capableSinceMs() > nowMs()
  const isGranted = ({ limitA, fallbackA }: Outlet): boolean => limitA > fallbackA + 1
  const isProfileUnderWay = (): boolean =>
    [...chargers.keys()].some((identity) => wire.isInFlight(identity))

  return {
    fault(fault) {
      if (fault.type === 'clockStep' && isNearEdge(fault.byMs)) {
        saw('clock stepped near the edge of a window')
      }
      if (fault.type !== 'reboot') return
      const charging = outlets.ofCharger(fault.charger).some((outlet) => outlet.hasTransaction)
      if (charging) saw('rebooted in a transaction')
    },
    opened(identity) {
      const charger = chargers.get(identity)
      if (charger && charger.chargePoint.keptMessages() > 2) {
        saw('back with messages of another time')
      }
      if (wire.isInFlight(identity)) saw('replaced while a call was under way')
    },
    lifeBegan() {
      lifeBeganMs = nowMs()
      writes = 0
    },
    lifeEnded() {
      if (isProfileUnderWay()) saw('power lost while a profile was under way')
      if (isReconciling()) saw('power lost during reconciliation')
      if (writes > 0) saw('power lost while a write was under way')
      if (nowMs() - lifeEndedMs < rules.profileDurationMs)
        saw('power lost twice within one profile')
      const { settings } = world.scenario
      if (settings.mqtt && !world.site.upstream.isConnected()) {
        saw('broker away while power was lost')
      }
      lifeEndedMs = nowMs()
    },
    writeBegan() {
      writes += 1
    },
    writeEnded() {
      writes -= 1
    },
    startRepeated() {
      if (writes > 0) saw('start repeated while a write was under way')
      if (nowMs() - lifeBeganMs < NEAR_MS) saw('start repeated after a loss of power')
    },
    profileRefused(identity) {
      const isOver = outlets.ofCharger(identity).some(({ evse }) => evse.path.some(isNodeOver))
      if (isOver) saw('profile refused while its node was over')
    },
    changed({ outlet, cause, beforeA }) {
      if (cause === 'started' && isAway(outlet)) saw('started out of reach')
      if (cause !== 'itself' || outlet.limitA === beforeA || outlet.charger.isDeceiving()) return
      if (isAway(outlet)) saw('profile expired out of reach')
      if (nodes.meter.silentSinceMs() !== undefined) {
        saw('profile expired while the meter was silent')
      }
    },
    look() {
      noteFalls()
      const granted = outlets.all.filter(isGranted)
      const isEverybodyAway = granted.length > 1 && outlets.all.every(isAway)
      if (isEverybodyAway && !wasEverybodyAway) saw('everybody out of reach at once')
      wasEverybodyAway = isEverybodyAway
    },
    all: () => Object.fromEntries(counts),
  }

  function noteFalls(): void {
    let fell = fellMs
    let rose = roseMs
    for (const { limitFellMs, baseRoseMs } of nodes.nodes) {
      for (const d of DIMENSIONS) {
        fell = Math.max(fell, limitFellMs[d])
        rose = Math.max(rose, baseRoseMs[d])
      }
    }
    if (rose > roseMs && nodes.meter.silentSinceMs() !== undefined) {
      saw('load rose while the meter was silent')
    }
    if (fell > fellMs) {
      if (isReconciling()) saw('limit fell during reconciliation')
      if (isProfileUnderWay()) saw('limit fell while a profile was under way')
      if (outlets.all.some((outlet) => isGranted(outlet) && isAway(outlet))) {
        saw('limit fell while a granted charger was out of reach')
      }
    }
    fellMs = fell
    roseMs = rose
  }

  function isNodeOver(index: number): boolean {
    const truth = nodes.nodes[index]
    if (!truth) return false
    return DIMENSIONS.some((d) => {
      return (outlets.load[index]?.[d] ?? 0) + truth.base[d] > truth.limit[d] + 0.05
    })
  }

  /** Where the clock was or where it is now, less than two minutes from an edge. */
  function isNearEdge(byMs: number): boolean {
    const windows = nodes.nodes.flatMap(({ node }) => node.windows)
    const nowWallMs = world.clock.now()
    return windows
      .flatMap(({ from, to }) => [from, to])
      .some((edge) => {
        const edgeMs = (Number(edge.slice(-5, -3)) * 60 + Number(edge.slice(-2))) * MINUTE_MS
        return [nowWallMs, nowWallMs + byMs].some((wallMs) => {
          const ofDayMs = wallMs % (24 * 60 * MINUTE_MS)
          return Math.abs(ofDayMs - edgeMs) < NEAR_MS
        })
      })
  }
}
