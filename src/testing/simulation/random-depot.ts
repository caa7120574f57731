/** The chargers of a random depot and the tree of limits above them. */
import type { LimitWindow } from '../../core/schedule/windows.js'
import type { Charger, Constraint, Depot, Evse, PhaseRotation } from '../../core/site/depot.js'
import type { Random } from '../random.js'
import type { SiteCharger } from '../simulated-site.js'

const ROTATIONS: readonly PhaseRotation[] = ['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR']

type RandomCharger = Required<Pick<SiteCharger, 'identity' | 'connectors'>>

export interface RandomSite {
  readonly chargers: readonly RandomCharger[]
  readonly maxA: number
  /** Of the building, A per phase; 0: there is no meter and no building. */
  readonly worstA: number
}

export function randomSite(random: Random, wanted: number | undefined): RandomSite {
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

export function randomDepot(
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

function round(kw: number): number {
  return Math.round(kw * 10) / 10
}
