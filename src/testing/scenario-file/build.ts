/** A scenario file of the right shape as scenarios: times, names and places resolved. */
import { phasesFromWire } from '../../config/limit-window-schema.js'
import type { Finding, Path } from '../../config/problem.js'
import type { Settings } from '../../config/settings.js'
import type { Place } from '../../config/yaml-source.js'
import type { Arrival, BaseLoadPlan, Scenario } from '../simulation/scenario.js'
import { LONGEST_DELAY_MS } from '../simulated-meter.js'
import type { SiteCharger } from '../simulated-site.js'
import { behaviourOf } from './behaviour-keys.js'
import { evOf, trafficOf } from './car-keys.js'
import { depotChargers } from './depot-chargers.js'
import { expectationsOf } from './expectations-of.js'
import { faultsOf } from './faults-of.js'
import type { RandomFaultKind } from './random-faults.js'
import { resolver } from './resolver.js'
import type { Resolver } from './resolver.js'
import type { ScenarioFile } from './scenario-file.js'
import type { ScenarioKeys } from './schema.js'
import { startInstant } from './wall-time.js'

export interface Origin {
  readonly fileName: string
  readonly place: (path: Path) => Place
}

export type Built =
  | { readonly ok: true; readonly file: ScenarioFile }
  | { readonly ok: false; readonly findings: readonly Finding[] }

export function scenarioFrom(keys: ScenarioKeys, settings: Settings, origin: Origin): Built {
  const { chargers, findings: ofDepot } = depotChargers(settings)
  const findings: Finding[] = [...ofDepot]
  const zone = settings.site.timezone
  const startWallMs = startInstant(keys.start, zone)
  const durationMs = keys.duration
  const resolve = resolver({
    chargers,
    startWallMs,
    durationMs,
    quietMs: keys.quiet,
    zone,
    findings,
  })
  if (keys.quiet > durationMs) resolve.problem(['quiet'], 'must not be longer than the duration')
  const [leastMs, mostMs] = keys.latency_ms
  if (leastMs > mostMs) resolve.problem(['latency_ms'], 'must go from the lower to the higher')

  const faults = keys.faults
    .flatMap((fault, index) => faultsOf(fault, ['faults', index], resolve))
    .toSorted((a, b) => a.atMs - b.atMs)
  const base: Scenario = {
    name: keys.name ?? origin.fileName,
    seed: String(keys.seed),
    durationMs,
    quietMs: keys.quiet,
    startWallMs,
    settings: withSimulatedDevices(settings),
    chargers: behaving(chargers, keys, resolve),
    traffic: keys.cars.traffic && trafficOf(keys.cars.traffic),
    arrivals: arrivalsOf(keys, resolve),
    baseLoad: baseLoadOf(keys, resolve),
    limits: limitsOf(keys, resolve),
    faults,
    latencyMs: keys.latency_ms,
  }
  checkDevices(keys, settings, resolve)
  const expectations = expectationsOf(keys.expect, { settings, resolve, place: origin.place })
  if (findings.length > 0) return { ok: false, findings }
  const random = keys.random_faults
  const kinds = random?.of.filter((kind) => isPossible(kind, keys, settings)) ?? []
  return {
    ok: true,
    file: {
      fileName: origin.fileName,
      base,
      randomFaults:
        random && kinds.length > 0
          ? { perHour: random.per_hour, of: kinds, lastingMs: random.lasting }
          : undefined,
      expectations,
    },
  }
}

function behaving(
  chargers: readonly SiteCharger[],
  keys: ScenarioKeys,
  resolve: Resolver,
): readonly SiteCharger[] {
  const behaviours = new Map<string, SiteCharger['behaviour']>()
  for (const [index, { charger, ...behaviour }] of keys.chargers.entries()) {
    for (const identity of resolve.chargers(charger, ['chargers', index, 'charger'])) {
      behaviours.set(identity, { ...behaviours.get(identity), ...behaviourOf(behaviour) })
    }
  }
  return chargers.map((charger) => {
    const behaviour = behaviours.get(charger.identity)
    return behaviour ? { ...charger, behaviour } : charger
  })
}

function arrivalsOf(keys: ScenarioKeys, resolve: Resolver): readonly Arrival[] {
  const { arrivals } = keys.cars
  return arrivals
    .map((car, index): Arrival => {
      const path = ['cars', 'arrivals', index]
      const { charger, connector, leaves_at: leavesAt } = car
      resolve.charger(charger, [...path, 'charger'])
      resolve.connector(charger, connector, [...path, 'connector'])
      const atMs = resolve.time(car.at, [...path, 'at'])
      const leavesAtMs = leavesAt && resolve.time(leavesAt, [...path, 'leaves_at'])
      if (leavesAtMs !== undefined && leavesAtMs <= atMs) {
        resolve.problem([...path, 'leaves_at'], 'must be after "at"')
      }
      const idTag = car.id_tag ?? `CAR${index + 1}`
      const startsAfterMs = car.starts_after
      return {
        atMs,
        charger,
        connectorId: connector,
        idTag,
        startsAfterMs,
        ev: evOf(car),
        leavesAtMs,
      }
    })
    .toSorted((a, b) => a.atMs - b.atMs)
}

function baseLoadOf({ base_load: load }: ScenarioKeys, resolve: Resolver): BaseLoadPlan {
  if (load?.low_a !== undefined && load.high_a !== undefined) {
    return { type: 'moving', lowA: load.low_a, highA: load.high_a, stepMs: load.step ?? 60_000 }
  }
  const steps = (load?.steps ?? []).map((step, index) => ({
    atMs: resolve.time(step.at, ['base_load', 'steps', index, 'at']),
    currentA: phasesFromWire(step.current_a),
  }))
  const begins = steps.some(({ atMs }) => atMs === 0)
  const all = begins ? steps : [{ atMs: 0, currentA: phasesFromWire(0) }, ...steps]
  return { type: 'steps', steps: all.toSorted((a, b) => a.atMs - b.atMs) }
}

function limitsOf({ limits }: ScenarioKeys, resolve: Resolver): Scenario['limits'] {
  const all = limits
    .map((limit, index) => ({
      atMs: resolve.time(limit.at, ['limits', index, 'at']),
      limitA: limit.limit_a,
    }))
    .toSorted((a, b) => a.atMs - b.atMs)
  const [first] = all
  if (first !== undefined && first.atMs > 0) {
    resolve.problem(['limits'], 'must say what holds at the start: add {at: 0s, limit_a: ...}')
  }
  return all
}

/** The simulation has one meter and one source of a limit, known by these ids. */
function withSimulatedDevices(settings: Settings): Settings {
  return {
    ...settings,
    meters: settings.meters.map((one) => ({ ...one, id: 'meter' })),
    limitSources: settings.limitSources.map((one) => ({ ...one, id: 'grid' })),
  }
}

/** What is told to devices that are not there. */
function checkDevices(keys: ScenarioKeys, settings: Settings, resolve: Resolver): void {
  const [source] = settings.limitSources
  if (settings.meters.length > 1) {
    const message = 'the simulation has one meter, of the whole site: leave the others out'
    resolve.problem(['settings', 'meters', 1], message)
  }
  if (settings.limitSources.length > 1) {
    const message = 'the simulation has one source of a limit: leave the others out'
    resolve.problem(['settings', 'limit_sources', 1], message)
  }
  if (keys.limits.length > 0 && !source) {
    const message = 'nobody reads them: add a source to settings.limit_sources'
    resolve.problem(['limits'], message)
  }
  if (source && keys.limits.length === 0) {
    const message = `the source "${source.id}" states nothing: add {at: 0s, limit_a: ...}`
    resolve.problem(['limits'], message)
  }
  for (const [index, fault] of keys.faults.entries()) {
    if ((fault.broker ?? fault.broker_keeps_silent) !== undefined && !settings.mqtt) {
      const message = 'no broker is known: add settings: {mqtt: {url: "mqtt://broker"}}'
      resolve.problem(['faults', index], message)
    }
    if ((fault.meter ?? fault.meter_delay) !== undefined && settings.meters.length === 0) {
      const key = fault.meter === undefined ? 'meter_delay' : 'meter'
      resolve.problem(['faults', index, key], 'the site has no meter')
    }
    if ((fault.meter_delay ?? 0) > LONGEST_DELAY_MS) {
      resolve.problem(['faults', index, 'meter_delay'], 'must be 1m or less')
    }
    if ((fault.limit_source ?? fault.limit_a) !== undefined && !source) {
      const message = 'the site has no source of a grid limit: add "limits"'
      resolve.problem(['faults', index], message)
    }
  }
}

function isPossible(kind: RandomFaultKind, keys: ScenarioKeys, settings: Settings): boolean {
  if (kind === 'broker') return settings.mqtt !== undefined
  if (kind === 'meter' || kind === 'meter_lies') return settings.meters.length > 0
  const isOfSource = kind === 'limit_source' || kind === 'limit_source_lies'
  return !isOfSource || keys.limits.length > 0
}
