/** Names and times of a scenario file, resolved; what cannot be is a finding, and building goes on. */
import type { Finding, Path } from '../../config/problem.js'
import type { SiteCharger } from '../simulated-site.js'
import { durationText } from './times.js'
import type { TimePoint } from './times.js'
import { nextTimeOfDay } from './wall-time.js'

export interface Resolver {
  /** Ms since the start. */
  time(point: TimePoint, path: Path): number
  /** The same, before the quiet part begins. */
  faultTime(point: TimePoint, path: Path): number
  /** Finds fault with a charger the depot does not have. */
  charger(name: string, path: Path): void
  /** The identities that are meant: one, several, or "all". */
  chargers(named: string | readonly string[], path: Path): readonly string[]
  /** Finds fault with a connector the charger does not have. */
  connector(charger: string, connector: number, path: Path): void
  problem(path: Path, message: string): void
}

export interface ResolverOptions {
  readonly chargers: readonly SiteCharger[]
  readonly startWallMs: number
  readonly durationMs: number
  readonly quietMs: number
  readonly zone: string
  readonly findings: Finding[]
}

export function resolver(options: ResolverOptions): Resolver {
  const { startWallMs, durationMs, quietMs, zone, findings } = options
  const connectors = new Map(
    options.chargers.map(({ identity, connectors: list }) => [identity, list?.length ?? 1]),
  )
  const problem = (path: Path, message: string): void => void findings.push({ path, message })
  const checkCharger = (name: string, path: Path): void => {
    if (connectors.has(name)) return
    problem(path, `the depot has no charger "${name}": it has ${namesOf([...connectors.keys()])}`)
  }
  const time = (point: TimePoint, path: Path): number => {
    const ms =
      point.type === 'elapsed'
        ? point.ms
        : nextTimeOfDay(startWallMs, point.secondOfDay, zone) - startWallMs
    if (ms > durationMs) {
      const stated = point.type === 'clock' ? ` (${durationText(ms)} after the start)` : ''
      problem(path, `is later than the run lasts, ${durationText(durationMs)}${stated}`)
    }
    return ms
  }
  return {
    charger: checkCharger,
    time,
    faultTime(point, path) {
      const ms = time(point, path)
      if (ms <= durationMs && ms >= durationMs - quietMs) {
        const quiet = `the last ${durationText(quietMs)}, in which nothing goes wrong`
        problem(path, quietMs > 0 ? `falls into ${quiet} ("quiet")` : 'is the end of the run')
      }
      return ms
    },
    chargers(named, path) {
      if (named === 'all') return [...connectors.keys()]
      if (typeof named === 'string') checkCharger(named, path)
      else for (const [index, name] of named.entries()) checkCharger(name, [...path, index])
      return [named].flat().filter((name) => connectors.has(name))
    },
    connector(charger, connector, path) {
      const count = connectors.get(charger) ?? connector
      if (connector <= count) return
      problem(path, `${charger} has ${count === 1 ? 'one connector' : `${count} connectors`}`)
    },
    problem,
  }
}

export function namesOf(names: readonly string[]): string {
  if (names.length <= 4) return names.join(', ') || 'none'
  return `${names.slice(0, 2).join(', ')}, ... ${names.at(-1)}`
}
