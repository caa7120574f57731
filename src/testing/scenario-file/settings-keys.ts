/** The configuration a scenario runs with: its own settings, the short form, or both. */
import { phasesFromWire } from '../../config/limit-window-schema.js'
import type { Finding } from '../../config/problem.js'
import type { PhaseA } from '../../core/phases.js'
import { expandedSite } from './expand-site.js'
import { scenarioSchema } from './schema.js'

export type SettingsKeys =
  | {
      readonly ok: true
      /** As a configuration file. */
      readonly value: unknown
      /** Where in the scenario file a finding about `value` belongs. */
      readonly placed: (finding: Finding) => Finding
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** `file` as it was read, wrong in places perhaps: what is sound of it is worth checking. */
export function settingsKeys(file: unknown): SettingsKeys {
  if (!isRecord(file)) return { ok: false, findings: [] }
  const { settings } = file
  if ('site' in file) return fromShortForm(file, isRecord(settings) ? settings : {})
  if (settings === undefined) {
    const message = 'states no depot: add "site: {chargers: 3, limit_a: 40}", or "settings:"'
    return { ok: false, findings: [{ path: [], message }] }
  }
  if (!isRecord(settings)) return { ok: false, findings: [] }
  if (settings['depot'] === undefined) {
    const message = 'holds no depot: add "depot:" here, or "site:" beside it for the short form'
    return { ok: false, findings: [{ path: ['settings'], aboutKey: true, message }] }
  }
  const placed = (one: Finding): Finding => ({ ...one, path: ['settings', ...one.path] })
  return { ok: true, value: settings, placed }
}

type Keys = Readonly<Record<string, unknown>>

function fromShortForm(file: Keys, own: Keys): SettingsKeys {
  if ('depot' in own) {
    const message = 'is there beside the short form "site": state one of them'
    return { ok: false, findings: [{ path: ['settings', 'depot'], aboutKey: true, message }] }
  }
  const site = scenarioSchema.shape.site.safeParse(file['site']).data
  // The findings about its shape are said elsewhere.
  if (site === undefined) return { ok: false, findings: [] }
  const expanded = expandedSite(site, {
    worstBaseLoadA: worstOf(file['base_load']),
    limitFallbackA: lowestOf(file['limits']),
  })
  const value = {
    ...expanded,
    ...own,
    ...(isRecord(own['site']) && { site: { ...expanded.site, ...own['site'] } }),
  }
  const placed = ({ path, aboutKey, message }: Finding): Finding => {
    if (`${path[0]}` in own) {
      return { path: ['settings', ...path], message, ...(aboutKey === true && { aboutKey }) }
    }
    // What the short form stands for is not in the file.
    return { path: ['site'], aboutKey: true, message: `${path.join('.')}: ${message}` }
  }
  return { ok: true, value, placed }
}

function worstOf(stated: unknown): PhaseA {
  const load = scenarioSchema.shape.base_load.safeParse(stated).data
  const highA = load?.high_a ?? 0
  let worst: PhaseA = [highA, highA, highA]
  for (const step of load?.steps ?? []) {
    const [l1, l2, l3] = phasesFromWire(step.current_a)
    worst = [Math.max(worst[0], l1), Math.max(worst[1], l2), Math.max(worst[2], l3)]
  }
  return worst
}

/** Undefined: no source of a limit. */
function lowestOf(stated: unknown): number | undefined {
  const limits = scenarioSchema.shape.limits.safeParse(stated).data ?? []
  return limits.length === 0 ? undefined : Math.min(...limits.map((limit) => limit.limit_a))
}

function isRecord(value: unknown): value is Keys {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
