/** A depot, its cars and its troubles, all from one seed. */
import { defaultSettings } from '../../config/settings-of.js'
import type { MeterSettings, Settings } from '../../config/settings.js'
import type { Charger, Constraint, Depot, Evse, PhaseRotation } from '../../core/site/depot.js'
import type { LimitWindow } from '../../core/schedule/windows.js'
import type { Behaviour } from '../behaviour.js'
import type { TrafficOptions } from '../car-traffic.js'
import { seededRandom } from '../random.js'
import type { Random } from '../random.js'
import type { SiteCharger } from '../simulated-site.js'
import { faultPlan } from './fault-plan.js'
import { withFieldVariety } from './field-variety.js'
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
const ROTATIONS: readonly PhaseRotation[] = ['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR']
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
  const settings = settingsOf(random.fork('settings'), {
    timezone,
    depot: depotOf(random.fork('tree'), chargers, { maxA, worstA, windows, isIncapable }),
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

type RandomCharger = Required<Omit<SiteCharger, 'behaviour'>>

interface RandomSite {
  readonly chargers: readonly RandomCharger[]
  readonly maxA: number
  /** Of the building, A per phase; 0: there is no meter and no building. */
  readonly worstA: number
}

function randomSite(random: Random, wanted: number | undefined): RandomSite {
  const count = wanted ?? random.pick([2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24])
  const isTwin = random.chance(0.25)
  const chargers = Array.from({ length: count }, (_, index): RandomCharger => {
    const connectors = Array.from({ length: isTwin && random.chance(0.6) ? 2 : 1 }, () => ({
      maxCurrentA: random.pick([16, 32, 32]),
      phases: random.chance(0.15) ? (1 as const) : (3 as const),
      phaseRotation: random.pick(ROTATIONS),
    }))
    return { identity: `CP${String(index + 1).padStart(3, '0')}`, connectors }
  })
  const worstA = random.chance(0.65) ? random.integer(4, 25) : 0
  const eachA = random.pick([3, 5, 8, 12, 20, 32])
  const maxA = worstA + Math.max(14, Math.round(count * eachA * random.between(0.7, 1.3)))
  return { chargers, maxA, worstA }
}

function depotOf(
  random: Random,
  siteChargers: readonly RandomCharger[],
  {
    maxA,
    worstA,
    windows,
    isIncapable,
  }: {
    readonly maxA: number
    readonly worstA: number
    readonly windows: readonly LimitWindow[]
    readonly isIncapable: boolean
  },
): Depot {
  const levels = random.integer(1, 3)
  const constraint = (id: string, more: Partial<Constraint>): Constraint => ({
    id,
    name: id,
    type: 'constraint',
    priority: 0,
    maxPowerKw: 2_000,
    baseLoadA: 0,
    schedule: [],
    ...more,
  })
  const yard = constraint('yard', {
    type: levels === 1 ? 'charge_group' : 'constraint',
    maxCurrentA: [maxA, maxA, random.chance(0.2) ? maxA - 4 : maxA],
    ...(random.chance(0.3) && {
      maxPowerKw: round((maxA * 3 * 230 * random.between(0.6, 1)) / 1000),
    }),
    schedule: windows,
  })
  const constraints = [yard]
  const groups: string[] = levels === 1 ? ['yard'] : []
  const perGroup = random.integer(2, 8)
  const grouped = levels === 1 ? 0 : siteChargers.length
  for (let first = 0; first < grouped; first += perGroup) {
    const shareA = Math.max(12, Math.round((maxA - worstA) * random.between(0.3, 1.1)))
    const parentId = levels === 3 ? parentOf(first) : 'yard'
    const limit = random.chance(0.5)
      ? { maxCurrentA: [shareA, shareA, shareA] as const }
      : { maxPowerKw: round((shareA * 3 * 230) / 1000) }
    const id = `group${groups.length + 1}`
    const priority = random.pick([0, 0, 0, 1])
    constraints.push(constraint(id, { type: 'charge_group', parentId, priority, ...limit }))
    groups.push(id)
  }
  const chargers = siteChargers.map((charger, index) => {
    const group = groups[Math.floor(index / perGroup) % groups.length] ?? 'yard'
    return chargerOf(random, charger, group, isIncapable)
  })
  return {
    constraints: new Map(constraints.map((one) => [one.id, one])),
    chargers: new Map(chargers.map((one) => [one.id, one])),
    idTags: new Map(),
    vehicles: new Map(),
  }

  function parentOf(first: number): string {
    const id = `row${1 + (Math.floor(first / perGroup) % 2)}`
    if (!constraints.some((one) => one.id === id)) {
      const rowA = Math.max(14, Math.round((maxA - worstA) * random.between(0.5, 1)))
      constraints.push(constraint(id, { parentId: 'yard', maxCurrentA: [rowA, rowA, rowA] }))
    }
    return id
  }
}

function chargerOf(
  random: Random,
  { identity, connectors }: RandomCharger,
  parentChargeGroup: string,
  isIncapable: boolean,
): Charger {
  const evses = connectors.map(({ maxCurrentA, phases, phaseRotation = 'RST' }, index): Evse => ({
    id: index + 1,
    maxPowerKw: round((maxCurrentA * phases * 230) / 1000),
    currentType: 'AC',
    phases,
    phaseRotation,
    minCurrentA: 6,
    maxCurrentA,
    fallbackCurrentA: random.chance(0.2) ? 0 : 'auto',
    status: 'Available',
  }))
  const sumKw = evses.reduce((sum, { maxPowerKw }) => sum + maxPowerKw, 0)
  return {
    id: identity.toLowerCase(),
    name: identity,
    maxPowerKw: evses.length > 1 && random.chance(0.4) ? round(sumKw * 0.7) : sumKw,
    parentChargeGroup,
    isActive: true,
    status: 'Available',
    ...(random.chance(0.15) && { priority: random.integer(0, 3) }),
    ocppChargePointId: identity,
    isolated: false,
    // In plans with chargers that never forget a limit nobody is sure of any of them.
    expiryVerified: !isIncapable && random.chance(0.7),
    evses,
  }
}

function settingsOf(
  random: Random,
  site: {
    readonly timezone: string
    readonly depot: Depot
    readonly worstA: number
    readonly fallbackA: number | undefined
    readonly hasBroker: boolean
  },
): Settings {
  const defaults = defaultSettings({ host: '127.0.0.1' })
  const { worstA, fallbackA } = site
  const modbusTcp = { host: '127.0.0.1', port: 502, unitId: 1, intervalMs: 1000, timeoutMs: 1000 }
  const register = (address: number): MeterSettings['registers']['currentA'][0] => ({
    address,
    functionCode: 4,
    type: 'float64',
    wordOrder: 'big',
    scale: 1,
  })
  return {
    ...defaults,
    site: { ...defaults.site, timezone: site.timezone },
    ocpp: { ...defaults.ocpp, profileDurationS: random.pick([90, 150, 150, 240]) },
    balance: {
      ...defaults.balance,
      minOnS: random.pick([60, 120, 300]),
      maxWaitS: random.pick([180, 300, 600]),
    },
    meters:
      worstA === 0
        ? []
        : [
            {
              id: 'meter',
              constraintId: 'yard',
              modbusTcp,
              registers: {
                currentA: [register(0), register(4), register(8)],
                powerW: undefined,
                energyWh: undefined,
              },
              worstBaseLoadA: [worstA, worstA, worstA],
            },
          ],
    limitSources:
      fallbackA === undefined
        ? []
        : [
            {
              id: 'grid',
              constraintId: random.chance(0.5) ? 'yard' : undefined,
              modbusTcp,
              register: register(0),
              unit: 'A',
              fallback: fallbackA,
              holdS: random.pick([10, 60]),
            },
          ],
    mqtt: site.hasBroker
      ? {
          url: 'mqtt://127.0.0.1',
          username: undefined,
          password: undefined,
          clientId: 'simulated',
          rootTopic: 'depot/v1',
          commands: 'lower-only',
        }
      : undefined,
    depot: site.depot,
  }
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

function round(kw: number): number {
  return Math.round(kw * 10) / 10
}
