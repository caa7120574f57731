/** Hour by hour what a depot drew and was permitted, as text, told as the hours end. */
import { addPhases, NO_CURRENT } from '../../core/phases.js'
import { faultWords } from '../../testing/scenario-file/fault-yaml.js'
import { localClockText } from '../../testing/scenario-file/wall-time.js'
import type { Look } from '../../testing/simulation/result.js'
import type { Scenario } from '../../testing/simulation/scenario.js'
import type { Paint } from './paint.js'
import { wholeSiteNodes } from './whole-site-nodes.js'

export interface DayPicture {
  look(look: Look): void
  /** The last hour, and what the signs mean. */
  end(): void
}

/** Of one hour: the highest of currents, the last of counts. */
interface Hour {
  readonly fromMs: number
  /** As the controller knows it, on the tightest phase; undefined: none. */
  limitA: number | undefined
  baseA: number
  permittedA: number
  totalA: number
  charging: number
  waiting: number
  full: number
  chargedWh: number
}

const HOUR_MS = 3_600_000
const SAMPLE_MS = 10_000
const WIDTH = 40
const MIN_OFFER_A = 6

export function dayPicture(
  scenario: Scenario,
  paint: Paint,
  say: (line: string) => void,
): DayPicture {
  const { settings, startWallMs, durationMs, faults } = scenario
  const nodes = wholeSiteNodes(settings)
  const scaleA = scaleOf(scenario, nodes)
  const clock = (atMs: number): string =>
    localClockText(startWallMs, atMs, settings.site.timezone).slice(0, -3).slice(-5)
  let hour: Hour | undefined
  let beforeWh = 0
  let allWh = 0
  return {
    look(look) {
      if (look.atMs % SAMPLE_MS >= 1000 || look.atMs >= durationMs) return
      const fromMs = Math.floor(look.atMs / HOUR_MS) * HOUR_MS
      if (hour?.fromMs !== fromMs) {
        if (hour) told(hour)
        else say(head())
        beforeWh = allWh
        hour = { ...EMPTY, fromMs, limitA: hour?.limitA }
      }
      allWh = sampled(hour, look)
      hour.chargedWh = allWh - beforeWh
      hour.limitA = knownLimitA(look, nodes) ?? hour.limitA
    },
    end() {
      if (hour) told(hour)
      say(
        '░ base load  █ permitted to cars  · room  | limit; the highest of each hour, A on the ' +
          `fullest phase; ${Math.round(allWh / 1000)} kWh in all`,
      )
    },
  }

  function head(): string {
    const unit = `${Math.round(scaleA)} A`
    return `hour   limit   base  0${unit.padStart(WIDTH - 1)}  charging waiting full    kWh`
  }

  function told(of: Hour): void {
    say(
      `${clock(of.fromMs)}  ${ampere(of.limitA)}  ${ampere(of.baseA)}  ${bar(of)}  ` +
        `${cell(of.charging, 8)} ${cell(of.waiting, 7)} ${cell(of.full, 4)} ` +
        cell((of.chargedWh / 1000).toFixed(1), 6),
    )
    for (const { atMs, fault } of faults) {
      if (atMs < of.fromMs || atMs >= of.fromMs + HOUR_MS) continue
      say(`  ${paint.warn(`${clock(atMs)} ${faultWords(fault)}`)}`)
    }
  }

  function bar({ totalA, permittedA, limitA }: Hour): string {
    const columns = (value: number): number =>
      Math.min(WIDTH - 1, Math.round((value / scaleA) * (WIDTH - 1)))
    const total = columns(totalA)
    const base = Math.min(total, columns(Math.max(0, totalA - permittedA)))
    const end = limitA === undefined ? WIDTH - 1 : columns(limitA)
    const used = '░'.repeat(base) + paint.good('█'.repeat(total - base))
    const room = '·'.repeat(Math.max(0, end - total))
    const rest = ' '.repeat(WIDTH - 1 - Math.max(end, total))
    return `${used}${room}${limitA === undefined ? ' ' : '|'}${rest}`
  }
}

const EMPTY = {
  baseA: 0,
  permittedA: 0,
  totalA: 0,
  charging: 0,
  waiting: 0,
  full: 0,
  chargedWh: 0,
}

/** Returns the energy of all connectors since the start. */
function sampled(hour: Hour, look: Look): number {
  let permitted = NO_CURRENT
  let energyWh = 0
  hour.charging = 0
  hour.waiting = 0
  hour.full = 0
  for (const chargePoint of look.chargePoints) {
    for (const [index] of chargePoint.connectors.entries()) {
      const id = index + 1
      energyWh += chargePoint.energyWh(id)
      permitted = addPhases(permitted, chargePoint.usableA(id))
      const car = chargePoint.ev(id)
      if (car?.isFull() === true) hour.full += 1
      else if (chargePoint.hasTransaction(id) && chargePoint.limitA(id) >= MIN_OFFER_A) {
        hour.charging += 1
      } else if (car) hour.waiting += 1
    }
  }
  hour.baseA = Math.max(hour.baseA, ...look.baseLoadA)
  hour.permittedA = Math.max(hour.permittedA, ...permitted)
  hour.totalA = Math.max(hour.totalA, ...addPhases(permitted, look.baseLoadA))
  return energyWh
}

function knownLimitA(look: Look, nodes: ReadonlySet<string>): number | undefined {
  const view = look.view()
  if (!view) return undefined
  const all = [view.site, ...view.constraints].filter(({ id }) => nodes.has(id))
  const lowestA = Math.min(...all.flatMap(({ limit }) => limit?.currentA ?? []))
  return Number.isFinite(lowestA) ? lowestA : undefined
}

/** The highest the limit can be, so that hours can be told before the day has ended. */
function scaleOf({ settings, limits, chargers }: Scenario, nodes: ReadonlySet<string>): number {
  const { site, depot } = settings
  const stated = [...(depot?.constraints.values() ?? [])]
    .filter(({ id }) => nodes.has(id))
    .flatMap(({ maxCurrentA }) => (maxCurrentA ? [Math.min(...maxCurrentA)] : []))
  const source = limits.length === 0 ? [] : [Math.max(...limits.map(({ limitA }) => limitA))]
  const lowestA = Math.min(...stated, ...source, site.fuseA ?? Infinity)
  if (Number.isFinite(lowestA)) return Math.max(1, lowestA)
  const hardware = chargers.flatMap(({ connectors = [] }) => connectors)
  return Math.max(1, ...hardware.map(({ maxCurrentA }) => maxCurrentA * hardware.length))
}

function ampere(value: number | undefined): string {
  return cell(value === undefined ? '-' : `${Math.round(value)} A`, 5)
}

function cell(value: number | string, width: number): string {
  return String(value).padStart(width)
}
