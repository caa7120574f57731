/** A depot, its cars and its troubles, all from one seed. */
import type { LimitWindow } from '../../core/schedule/windows.js'
import type { Behaviour } from '../behaviour.js'
import type { TrafficOptions } from '../car-traffic.js'
import { seededRandom } from '../random.js'
import type { Random } from '../random.js'
import { faultPlan } from './fault-plan.js'
import { withFieldVariety } from './field-variety.js'
import { randomDepot, randomSite } from './random-depot.js'
import { randomSettings } from './random-settings.js'
import type { BaseLoadPlan, Scenario } from './scenario.js'

export interface RandomScenarioOptions {
  /** Of trouble; default 25 to 70, by the seed. The quiet part comes on top. */
  readonly minutes?: number
  /** Default 2 to 24, by the seed. */
  readonly chargers?: number
  /** None goes wrong; default false. */
  readonly withoutFaults?: boolean
}

const MINUTE_MS = 60_000
const QUIET_MS = 12 * MINUTE_MS
/** A Monday at midnight, a Thursday afternoon, the nights on which the clocks of Europe change. */
const STARTS_MS = [
  1_767_571_200_000, 1_781_186_400_000, 1_774_744_200_000, 1_792_885_800_000,
] as const

export function randomScenario(seed: string, options: RandomScenarioOptions = {}): Scenario {
  const random = seededRandom(`scenario ${seed}`)
  const minutes = options.minutes ?? random.integer(25, 70)
  const durationMs = minutes * MINUTE_MS + QUIET_MS
  const startWallMs = random.pick(STARTS_MS) + random.integer(0, 59) * 1_000
  const timezone = random.pick(['UTC', 'Europe/Berlin'])
  const site = randomSite(random.fork('site'), options.chargers)
  const { chargers, maxA, worstA } = site
  const windows = random.chance(0.5)
    ? randomWindows(random.fork('windows'), { startWallMs, timezone, minutes, maxA, worstA })
    : []
  const hasSource = random.chance(0.55)
  const limits = hasSource ? randomLimits(random.fork('limits'), durationMs, maxA, worstA) : []
  const isIncapable = random.chance(0.3)
  const behaving = random.fork('behaviours')
  const settings = randomSettings(random.fork('settings'), {
    timezone,
    depot: randomDepot(random.fork('tree'), chargers, { maxA, worstA, windows, isIncapable }),
    worstA,
    fallbackA: hasSource
      ? Math.round(worstA + (maxA - worstA) * random.between(0.2, 0.9))
      : undefined,
    hasBroker: random.chance(0.2),
  })
  const scenario: Scenario = {
    name: `random ${seed}`,
    seed,
    durationMs,
    quietMs: QUIET_MS,
    startWallMs,
    settings,
    chargers: chargers.map(({ identity, connectors }) => {
      return {
        identity,
        connectors,
        behaviour: usualBehaviour(behaving),
      }
    }),
    traffic: randomTraffic(random.fork('traffic'), isIncapable),
    arrivals: [],
    baseLoad: randomBaseLoad(random.fork('base'), worstA),
    limits,
    faults: [],
    latencyMs: random.chance(0.2) ? [50, 900] : [5, 40],
  }
  const withoutFaults = options.withoutFaults === true
  const faults = withoutFaults
    ? []
    : faultPlan(random.fork('faults'), scenario, { windows, maxA, worstA, isIncapable })
  const field = random.fork('field devices')
  return withFieldVariety(field, { ...scenario, faults }, { worstA, withoutFaults })
}

function randomWindows(
  random: Random,
  site: {
    readonly startWallMs: number
    readonly timezone: string
    readonly minutes: number
    readonly maxA: number
    readonly worstA: number
  },
): readonly LimitWindow[] {
  const { startWallMs, timezone, minutes, maxA, worstA } = site
  return Array.from({ length: random.integer(1, 3) }, () => {
    const fromMinute = random.integer(3, minutes)
    const toMinute = fromMinute + random.integer(2, 25)
    const from = localClock(startWallMs + fromMinute * MINUTE_MS, timezone)
    const to = localClock(startWallMs + toMinute * MINUTE_MS, timezone)
    const limitA = Math.round(worstA + (maxA - worstA) * random.between(0.2, 0.9))
    return { from, to, maxCurrentA: [limitA, limitA, limitA] }
  })
}

function localClock(wallMs: number, timeZone: string): string {
  // oxlint-disable-next-line no-restricted-globals -- a calendar, not a clock
  return new Date(wallMs).toLocaleTimeString('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}

function randomLimits(
  random: Random,
  durationMs: number,
  maxA: number,
  worstA: number,
): Scenario['limits'] {
  const limits: { atMs: number; limitA: number }[] = []
  for (let atMs = 0; atMs < durationMs; atMs += random.integer(60_000, 900_000)) {
    const share = random.chance(0.2) ? random.between(0.05, 0.3) : random.between(0.3, 1.2)
    limits.push({ atMs, limitA: Math.round(worstA + (maxA - worstA) * share) })
  }
  return limits
}

function randomBaseLoad(random: Random, worstA: number): BaseLoadPlan {
  if (worstA === 0) return { type: 'steps', steps: [] }
  const highA = worstA * random.between(0.5, 1)
  const lowA = highA * random.between(0, 0.8)
  return { type: 'moving', lowA, highA, stepMs: random.pick([10_000, 60_000, 60_000, 300_000]) }
}

function randomTraffic(random: Random, isIncapable: boolean): TrafficOptions {
  return {
    gapMs: [5_000, random.pick([30_000, 120_000, 600_000])],
    stayMs: [random.pick([60_000, 300_000]), random.pick([600_000, 2_400_000])],
    energyNeedWh: [300, random.pick([3_000, 15_000, 40_000])],
    maxCurrentA: random.pick([[10, 16, 32], [32], [8, 13, 16]]),
    phases: random.pick([[1, 2, 3, 3], [3], [1, 1, 3]] as const),
    ...(isIncapable && random.chance(0.3) && { ev: { overdrawA: random.between(0.5, 4) } }),
  }
}

/** What a charger is like when nothing is wrong with it. */
function usualBehaviour(random: Random): Partial<Behaviour> {
  const isSlow = random.chance(0.2)
  const garbageMeterValues = random.chance(0.05)
  return {
    ...(isSlow && {
      answerDelayMs: random.integer(100, 3_000),
      applyDelayMs: random.pick([0, 0, random.integer(100, 4_000)]),
    }),
    ...(random.chance(0.1) && { meterValues: false }),
    ...(garbageMeterValues && { garbageMeterValues }),
    ...(random.chance(0.1) && { clockOffsetMs: random.pick([-20_000, 20_000, -400_000, 400_000]) }),
    ...(random.chance(0.2) && { authorizesFirst: false }),
    ...(random.chance(0.2) && { bootsOnReconnect: true }),
    ...(random.chance(0.2) && { startsOffline: false }),
  }
}
