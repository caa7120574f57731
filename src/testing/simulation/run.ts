/**
 * Runs a scenario: the real controller in a simulated depot, judged on ground truth at every instant
 * something changed. The same scenario gives the same result, to the last frame.
 */
import { rulesOf } from '../../control/rules.js'
import { buildTree } from '../../core/site/tree.js'
import type { Tree } from '../../core/site/tree.js'
import type { Frame } from '../memory-network.js'
import { chargerTruth } from './charger-truth.js'
import type { ChargerTruth } from './charger-truth.js'
import { excessJudge } from './excess-judge.js'
import type { CreateController } from './life.js'
import { meterTruth } from './meter-truth.js'
import { nodeTruths } from './node-truth.js'
import { outletsOf } from './outlets.js'
import type { Outlet, OutletChange } from './outlets.js'
import type { RunOptions, RunResult } from './result.js'
import { rareCounters } from './counters.js'
import { LEAST_QUIET_MS, recoveryJudge } from './recovery-judge.js'
import { summaryOf } from './reactions.js'
import type { Scenario } from './scenario.js'
import { collectTimeline } from './timeline.js'
import { traceHash } from './trace-hash.js'
import { transactionJudge } from './transaction-judge.js'
import { collectVerdicts } from './verdicts.js'
import { uplinkJudge } from './uplink-judge.js'
import { waitingJudge } from './waiting-judge.js'
import { wireTruth } from './wire-truth.js'
import { createWorld } from './world.js'
import type { World, WorldWatch } from './world.js'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
/** The backend is told once a second, after the disk. */
const TELLING_MS = 10_000

/** For whoever looks into a run. */
export interface RunTools {
  /** Stands in for the controller, to judge the judge. */
  readonly create?: CreateController
  /** Sees each frame as it arrives. */
  readonly onFrame?: (frame: Frame) => void
}

export async function runScenario(
  scenario: Scenario,
  options: RunOptions & RunTools = {},
): Promise<RunResult> {
  const { settings, durationMs } = scenario
  const { depot } = settings
  if (!depot) throw new Error(`scenario "${scenario.name}" has no depot in its settings`)
  const rules = rulesOf(settings)
  const tree = buildTree(depot, rules)
  const hash = traceHash()
  const timeline = collectTimeline(options.timeline === true)
  const verdicts = collectVerdicts((violation) =>
    timeline.add({ type: 'violation', atMs: violation.atMs, violation }),
  )
  const due = new Set<string>()

  const watch: WorldWatch = {
    sent(identity, text) {
      wire.sent(identity, text, clock.monotonic())
    },
    arriving(frame) {
      hash.add(`${frame.atMs} ${frame.identity} ${frame.to}`)
      hash.add(frame.text)
      transactions.arriving(frame)
      options.onFrame?.(frame)
      if (!wire.arriving(frame)) return
      due.add(frame.identity)
      if (frame.text.includes('"SetChargingProfile"')) {
        chargers.get(frame.identity)?.profileArrived(wire.arrivedAt(frame.identity, frame.atMs))
      }
    },
    opened(connection) {
      counters.opened(connection.identity)
      wire.opened(connection.identity)
      chargers.get(connection.identity)?.opened(connection)
    },
    heard: (connection) => chargers.get(connection.identity)?.heard(connection),
    closed: (connection) => chargers.get(connection.identity)?.closed(connection),
    read: (event) => nodes.read(event),
    publishing: (message) => uplink.publishing(message),
    published: (message) => uplink.published(message),
    writing(records) {
      hash.add(JSON.stringify(records))
      counters.writeBegan()
    },
    written: () => counters.writeEnded(),
    lost: (identity) => chargers.get(identity)?.frameLost(),
    fault(fault) {
      timeline.add({ type: 'fault', atMs: elapsedMs(), fault })
      counters.fault(fault)
      if (fault.type === 'clockStep') nodes.clockStepped(fault.byMs)
      if (fault.type === 'broker') uplink.interrupted()
      if (fault.type === 'brokerKeepsSilent') uplink.unacknowledged(fault.count)
      for (const [identity, charger] of chargers) {
        if (!('charger' in fault) || fault.charger === identity) charger.fault(fault)
        due.add(identity)
      }
      isDue = true
    },
    healed() {
      for (const charger of chargers.values()) charger.healed()
      isDue = true
    },
    lifeBegan() {
      nodes.lifeBegan()
      excess.lifeBegan()
      waiting.lifeBegan()
      counters.lifeBegan()
      timeline.add({ type: 'controller', atMs: elapsedMs(), change: 'started' })
    },
    lifeEnded() {
      counters.lifeEnded()
      uplink.interrupted()
      for (const charger of chargers.values()) charger.lifeEnded()
      timeline.add({ type: 'controller', atMs: elapsedMs(), change: 'lostPower' })
    },
    failed(error) {
      verdicts.violated({
        invariant: 'sanity',
        atMs: elapsedMs(),
        where: 'controller',
        what: `failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      })
    },
  }
  const world: World = createWorld(scenario, watch, options.create)
  const { clock, site, startMs } = world
  const monotonic = (): number => clock.monotonic()
  const elapsedMs = (): number => monotonic() - startMs
  const hasMeter = settings.meters.length > 0
  const chargers = new Map<string, ChargerTruth>(
    site.chargePoints.map((chargePoint) => [
      chargePoint.identity,
      chargerTruth(chargePoint, world.usualBehaviour(chargePoint.identity), monotonic),
    ]),
  )
  const wire = wireTruth({
    tree,
    profileTimeoutMs: settings.ocpp.profileTimeoutMs,
    callTimeoutMs: settings.ocpp.callTimeoutMs,
    checked: (invariant) => verdicts.checked(invariant),
    refused: (identity) => counters.profileRefused(identity),
    complain: (invariant, where, what) =>
      verdicts.violated({ invariant, atMs: elapsedMs(), where, what }),
  })
  const nodes = nodeTruths({
    tree,
    rules,
    monotonic,
    wall: () => clock.now(),
    meter: meterTruth({
      monotonic,
      mode: () => (hasMeter ? site.meter.mode() : undefined),
      exports: settings.meters[0]?.exports !== false,
      baseLoadA: () => site.baseLoadA(),
      drawA: () => site.drawA(),
    }),
    stated: () => (scenario.limits.length > 0 ? site.limitSource.limit() : undefined),
    isSourceLive: () => site.limitSource.isLive(),
  })
  const { profileDurationMs } = rules
  const outlets = outletsOf({
    tree,
    fallbackA: highestFallbacks(tree),
    chargers,
    wire,
    profileDurationMs,
    monotonic,
    isMetered: () => hasMeter && site.meter.mode() === 'live',
  })
  const excess = excessJudge({
    nodes,
    outlets,
    verdicts,
    profileDurationMs,
    startMs,
    monotonic,
    wall: () => clock.now(),
  })
  const transactions = transactionJudge({
    verdicts,
    elapsedMs,
    repeated: () => counters.startRepeated(),
  })
  const uplink = uplinkJudge({ verdicts, elapsedMs })
  const waiting = waitingJudge({ nodes, outlets, verdicts, rules, elapsedMs, monotonic })
  const counters = rareCounters({ world, chargers, outlets, nodes, wire, rules })
  let isDue = false
  let lookedAtSecond = -1
  let isFailed = false

  world.start()
  try {
    await clock.advanceUntil(look, durationMs)
  } catch (error) {
    isFailed = true
    watch.failed(error)
  }
  if (!isFailed && !isStopping()) {
    await transactions.finish(world.life()?.controller)
    const isCalm = scenario.quietMs >= LEAST_QUIET_MS
    if (settings.mqtt && isCalm) uplink.finish(transactions.told(elapsedMs() - TELLING_MS))
    recoveryJudge({ world, chargers, outlets, nodes, verdicts, elapsedMs })
  }
  world.stop()

  return {
    scenario: scenario.name,
    seed: scenario.seed,
    ok: !verdicts.isAnyViolated(),
    verdicts: verdicts.verdicts(),
    violations: verdicts.violations(),
    residuals: excess.residuals(),
    reactions: summaryOf(excess.reactionsMs(), excess.ampereSeconds()),
    counters: counters.all(),
    simulatedMs: elapsedMs(),
    chargerHours: (chargers.size * elapsedMs()) / 3_600_000,
    traceHash: hash.digest(),
    timeline: timeline.entries(),
  }

  /** After each instant; true ends the run. */
  function look(): boolean {
    const second = Math.floor(elapsedMs() / SECOND_MS)
    const isNewSecond = second !== lookedAtSecond
    if (nodes.look()) isDue = true
    if (isNewSecond || isDue || due.size > 0) {
      lookedAtSecond = second
      lookAtChanges(isNewSecond)
      if (isNewSecond) eachSecond(second)
    }
    return isStopping() || elapsedMs() >= durationMs
  }

  function lookAtChanges(isNewSecond: boolean): void {
    let changed = isDue
    isDue = false
    const changes: OutletChange[] = []
    for (const outlet of isNewSecond ? outlets.all : outletsDue()) {
      const change = outlets.look(outlet)
      if (change) changes.push(change)
    }
    due.clear()
    if (!changed && changes.length === 0 && !(isNewSecond && excess.isOver())) return
    // Of one instant everything counts before anything is judged.
    for (const change of changes) {
      excess.changed(change)
      counters.changed(change)
      timeline.changed(change, elapsedMs())
    }
    excess.look()
  }

  function outletsDue(): readonly Outlet[] {
    const [only] = due
    if (only === undefined) return []
    if (due.size === 1) return outlets.ofCharger(only)
    return outlets.all.filter(({ identity }) => due.has(identity))
  }

  function eachSecond(second: number): void {
    counters.look()
    waiting.look()
    timeline.limits(nodes.nodes, elapsedMs())
    options.onLook?.({
      atMs: elapsedMs(),
      chargePoints: site.chargePoints,
      baseLoadA: site.baseLoadA(),
      view() {
        const life = world.life()
        return life?.isStarted() === true ? life.controller.view() : undefined
      },
    })
    if (second % (MINUTE_MS / SECOND_MS) === 0) options.onProgress?.(elapsedMs())
  }

  function isStopping(): boolean {
    return options.stopsAtViolation === true && verdicts.isAnyViolated()
  }
}

/** An automatic fallback follows the schedule: it may be the minimum at one hour and 0 A at another. */
function highestFallbacks(tree: Tree): readonly number[] {
  return tree.evses.map(({ evse }) =>
    evse.fallbackCurrentA === 'auto' ? evse.minCurrentA : evse.fallbackCurrentA,
  )
}
