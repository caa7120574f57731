/**
 * The depot of a scenario with the real controller inside, and the hand that makes things go wrong
 * in it. The controller lives, loses power and lives again; the world goes on.
 */
import type { Ports, UpstreamMessage } from '../../ports.js'
import { after } from '../../after.js'
import { movingBaseLoad } from '../base-load.js'
import type { BaseLoad } from '../base-load.js'
import type { Behaviour } from '../behaviour.js'
import { OBEDIENT } from '../behaviour.js'
import { manualClock } from '../manual-clock.js'
import type { ManualClock } from '../manual-clock.js'
import type { Frame } from '../memory-network.js'
import { memoryStore } from '../memory-store.js'
import type { MemoryStore } from '../memory-store.js'
import { seededRandom } from '../random.js'
import { simulatedEv } from '../simulated-ev.js'
import { simulatedSite } from '../simulated-site.js'
import type { SimulatedSite } from '../simulated-site.js'
import { beginLife } from './life.js'
import type { CreateController, Life, LifeWatch } from './life.js'
import type { Arrival, CrashMoment, Fault, Scenario } from './scenario.js'

export interface World {
  readonly scenario: Scenario
  readonly clock: ManualClock
  readonly site: SimulatedSite
  /** Monotonic time of its start. */
  readonly startMs: number
  life(): Life | undefined
  store(): MemoryStore
  /** What the charger does when nothing is wrong with it. */
  usualBehaviour(identity: string): Behaviour
  /** Power on: the controller starts, chargers dial, cars come, faults wait for their time. */
  start(): void
  stop(): void
}

export interface WorldWatch extends LifeWatch {
  /** The broker, and so the backend, has it. */
  published(message: UpstreamMessage): void
  /** A frame is about to arrive. */
  arriving(frame: Frame): void
  /** One of the frames a fault takes away. */
  lost(identity: string): void
  fault(fault: Fault): void
  healed(): void
  lifeBegan(): void
  lifeEnded(): void
  failed(error: unknown): void
}

const LATENCY_MS = [5, 40] as const
/** A second socket is given up after this. */
const DUPLICATE_MS = 10_000
const HANGING_WRITES = 1_000_000

export function createWorld(
  scenario: Scenario,
  watch: WorldWatch,
  create?: CreateController,
): World {
  const { settings, durationMs, quietMs } = scenario
  const [meter] = settings.meters
  const [limitSource] = settings.limitSources
  const clock = manualClock({ startMs: scenario.startWallMs, isClosedWorld: true })
  const random = seededRandom(scenario.seed)
  const startMs = clock.monotonic()
  const elapsedMs = (): number => clock.monotonic() - startMs
  const site = simulatedSite({
    seed: `${scenario.seed}/site`,
    clock,
    chargers: scenario.chargers,
    baseLoad: baseLoadOf(scenario, startMs),
    ...(scenario.limits.length > 0 && { limitA: plannedLimitA }),
    ...(scenario.traffic && { traffic: scenario.traffic }),
    latencyMs: scenario.latencyMs ?? LATENCY_MS,
    observePublished: (message) => watch.published(message),
    ...(meter && { meterRegisters: meter.registers }),
    ...(limitSource && { limitRegister: limitSource }),
    observe(frame) {
      if (armed?.on === 'frame' || (armed?.on === 'profile' && isProfile(frame))) crashArmed()
      watch.arriving(frame)
    },
  })
  const power = random.fork('power')
  const places = random.fork('places')
  let store = memoryStore({ clock, delayMs: random.fork('disk').integer(2, 25) })
  let life: Life | undefined
  let armed: { readonly on: CrashMoment; readonly downMs: number } | undefined
  let releaseDisk = (): void => {}
  let isQuiet = false

  const lifeWatch: LifeWatch = {
    ...watch,
    writing(records) {
      watch.writing(records)
      const isStart = records.some(({ type }) => type === 'transactionStarted')
      if (armed?.on === 'write' || (armed?.on === 'start' && isStart)) crashArmed()
    },
  }

  return {
    scenario,
    clock,
    site,
    startMs,
    life: () => life,
    store: () => store,
    usualBehaviour,
    start() {
      begin()
      site.start()
      for (const { atMs, fault } of scenario.faults) {
        if (atMs < durationMs - quietMs) after(clock, atMs, () => apply(fault))
      }
      for (const arrival of scenario.arrivals) plan(arrival)
      after(clock, durationMs - quietMs, heal)
    },
    stop() {
      life?.end()
      site.stop()
    },
  }

  function begin(): void {
    const { upstream, ...others } = site.ports
    const ports: Ports & Pick<Required<Ports>, 'chargePoints'> = {
      ...others,
      store,
      // Without a broker in the settings nobody pays for the telemetry of a run.
      ...(settings.mqtt && { upstream }),
    }
    const begun = beginLife(settings, ports, lifeWatch, create)
    life = begun
    watch.lifeBegan()
    begun.start().catch((error: unknown) => {
      // A process that dies while it starts is one more loss of power, already counted.
      if (begun.isAlive()) watch.failed(error)
    })
  }

  function crash(downMs: number): void {
    armed = undefined
    if (!life) return
    life.end()
    life = undefined
    site.network.killServer()
    store = store.crash(() => power.next())
    watch.lifeEnded()
    after(clock, downMs, begin)
  }

  function crashArmed(): void {
    if (armed) crash(armed.downMs)
  }

  function apply(fault: Fault): void {
    if (isQuiet) return
    watch.fault(fault)
    const { network, upstream } = site
    switch (fault.type) {
      case 'cut':
        return network.cut(fault.charger, { halfOpen: fault.halfOpen })
      case 'heal':
        return network.heal(fault.charger)
      case 'resetConnection':
        return network.reset(fault.charger)
      case 'duplicateConnection':
        return duplicate(fault.charger)
      case 'loseFrames': {
        const matches = (): boolean => {
          watch.lost(fault.charger)
          return true
        }
        return network.loseNext(fault.charger, { to: fault.to, count: fault.count, matches })
      }
      case 'behave':
        return site.chargePoint(fault.charger).behave(fault.change)
      case 'answerNext':
        return site.chargePoint(fault.charger).answerNext(fault.action, fault.answers)
      case 'reboot':
        return site.chargePoint(fault.charger).reboot({ keepProfiles: fault.keepProfiles })
      case 'meter':
        return site.meter.setMode(fault.mode, { delayMs: fault.delayMs })
      case 'limitSource':
        return site.limitSource.setMode(fault.mode)
      case 'limit':
        return site.limitSource.setLimit({ limitA: fault.limitA })
      case 'crash':
        if (fault.on === undefined) crash(fault.downMs)
        else armed = { on: fault.on, downMs: fault.downMs }
        return
      case 'diskFails':
        return store.failNext(fault.writes)
      case 'diskHangs':
        releaseDisk()
        releaseDisk = store.hangNext(HANGING_WRITES)
        after(clock, fault.forMs, releaseDisk)
        return
      case 'clockStep':
        return clock.step(fault.byMs)
      case 'broker':
        return fault.up ? upstream.connect() : upstream.disconnect()
      case 'brokerKeepsSilent':
        return upstream.loseAcknowledgements(fault.count)
    }
  }

  /** What is wrong ends; what is planned stays. */
  function heal(): void {
    isQuiet = true
    armed = undefined
    for (const { identity } of site.chargePoints) {
      site.network.heal(identity)
      site.chargePoint(identity).behave(usualBehaviour(identity))
      site.chargePoint(identity).answerNext('SetChargingProfile', [])
    }
    site.meter.setMode('live')
    site.limitSource.setMode('live')
    store.failNext(0)
    releaseDisk()
    site.upstream.loseAcknowledgements(0)
    site.upstream.connect()
    watch.healed()
  }

  function usualBehaviour(identity: string): Behaviour {
    const charger = scenario.chargers.find((one) => one.identity === identity)
    return { ...OBEDIENT, ...charger?.behaviour }
  }

  function duplicate(identity: string): void {
    const isSameHost = places.chance(0.5)
    site.network.connect(
      identity,
      {
        opened: (link) => void after(clock, DUPLICATE_MS, () => link.close()),
        received() {},
        closed() {},
        refused() {},
      },
      isSameHost ? {} : { remoteAddress: '10.99.0.1' },
    )
  }

  function plan(arrival: Arrival): void {
    const { atMs, charger, connectorId, idTag, startsAfterMs = 0, ev, leavesAtMs } = arrival
    const chargePoint = site.chargePoint(charger)
    after(clock, atMs, () => {
      if (chargePoint.ev(connectorId)) return
      const car = simulatedEv(ev)
      chargePoint.plugIn(connectorId, car, { idTag, startsAfterMs })
      if (leavesAtMs === undefined) return
      after(clock, leavesAtMs - elapsedMs(), () => {
        if (chargePoint.ev(connectorId) === car) chargePoint.unplug(connectorId)
      })
    })
  }

  function plannedLimitA(atMs: number): number {
    const inForce = scenario.limits.findLast((limit) => limit.atMs <= atMs) ?? scenario.limits[0]
    return inForce?.limitA ?? Infinity
  }
}

function baseLoadOf({ baseLoad, seed }: Scenario, startMs: number): BaseLoad {
  if (baseLoad.type === 'moving') {
    const { lowA, highA, stepMs } = baseLoad
    return movingBaseLoad({ random: seededRandom(`${seed}/base load`), lowA, highA, stepMs })
  }
  const { steps } = baseLoad
  return (monotonicMs) =>
    steps.findLast(({ atMs }) => atMs <= monotonicMs - startMs)?.currentA ?? [0, 0, 0]
}

function isProfile({ to, text }: Frame): boolean {
  return to === 'chargePoint' && text.includes('"SetChargingProfile"')
}
