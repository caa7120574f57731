/** `yardmaster check`: whether a configuration is right and safe, or all that is wrong with it. */
import { configJsonSchema } from '../config/json-schema.js'
import { loadSettings } from '../config/load.js'
import { problemText } from '../config/problem.js'
import type { ModbusTcpSettings, Settings } from '../config/settings.js'
import { rulesOf } from '../control/rules.js'
import { fallbacks } from '../core/ledger/fallbacks.js'
import type { Depot } from '../core/site/depot.js'
import { buildTree } from '../core/site/tree.js'
import { DEFAULT_CONFIG } from './default-config.js'
import type { Io } from './io.js'

export interface CheckOptions {
  readonly config?: string
  /** Print the JSON Schema of the file instead. */
  readonly schema?: boolean
}

/** Resolves with the exit code: 0 if the file is right, 2 if not. */
export async function checkCommand(options: CheckOptions, io: Io): Promise<number> {
  if (options.schema === true) {
    io.out(JSON.stringify(configJsonSchema(), undefined, 2))
    return 0
  }
  const file = options.config ?? DEFAULT_CONFIG
  const loaded = await loadSettings(file)
  if (!loaded.ok) {
    for (const problem of loaded.problems) io.err(problemText(problem))
    const { length } = loaded.problems
    io.err(`${file}: ${length === 1 ? '1 problem' : `${length} problems`}`)
    return 2
  }
  io.out(`${file}: ok`)
  for (const [what, words] of summary(loaded.settings)) io.out(`  ${what.padEnd(12)} ${words}`)
  return 0
}

function summary(settings: Settings): [string, string][] {
  const { site, http, meters, limitSources, mqtt, depot } = settings
  const rows: [string, string][] = [
    ['site', `${site.name} (${site.id}), times in ${site.timezone}`],
    ['fuse', site.fuseA === undefined ? 'not stated' : `${site.fuseA} A per phase`],
    ['contract', site.contractKw === undefined ? 'not stated' : `${site.contractKw} kW`],
    ['listens on', `http://${http.host}:${http.port}`],
    ...depotRows(settings, depot),
  ]
  for (const meter of meters) {
    const node = meter.constraintId ?? 'the whole site'
    rows.push(['meter', `${meter.id} at ${node}, ${addressOf(meter.modbusTcp)}`])
  }
  for (const { id, constraintId, modbusTcp, unit, fallback, holdS } of limitSources) {
    const node = constraintId ?? 'the whole site'
    const silent = `${fallback} ${unit} after ${holdS} s of silence`
    rows.push(['limit source', `${id} at ${node}, ${addressOf(modbusTcp)}, ${silent}`])
  }
  rows.push(['mqtt', mqtt ? `${mqtt.url}, commands ${mqtt.commands}` : 'none'])
  return rows
}

function depotRows(settings: Settings, depot: Depot | undefined): [string, string][] {
  if (!depot) return [['depot', 'none in this file']]
  const rules = rulesOf(settings)
  const tree = buildTree(depot, rules)
  const { currentA } = fallbacks(tree, rules)
  const groups = [...depot.constraints.values()].filter(({ type }) => type === 'charge_group')
  const powerKw = [...depot.chargers.values()].reduce((sum, one) => sum + one.maxPowerKw, 0)
  const kept = currentA.filter((one) => one > 0)
  return [
    ['constraints', `${depot.constraints.size}, of them ${groups.length} charge groups`],
    ['chargers', `${depot.chargers.size} with ${tree.evses.length} EVSEs, ${round(powerKw)} kW`],
    [
      'fallback',
      `without the controller ${kept.length} of ${tree.evses.length} EVSEs go on, at most ` +
        `${round(Math.max(0, ...kept))} A each`,
    ],
    ['id tags', depot.idTags.size === 0 ? 'none: every tag may charge' : `${depot.idTags.size}`],
  ]
}

function addressOf({ host, port, unitId }: ModbusTcpSettings): string {
  return `${host}:${port} unit ${unitId}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
