/** `yardmaster schedule`: what applies on a day at each node and why, without a running controller. */
import { storedDepot } from '../adapters/stored-depot.js'
import { systemClock } from '../adapters/system-clock.js'
import { depotFromDocument } from '../config/depot-document.js'
import type { Settings } from '../config/settings.js'
import { rulesOf } from '../control/rules.js'
import { previewOf } from '../core/limits/preview.js'
import type { DayPreview } from '../core/limits/preview.js'
import { localTime } from '../core/schedule/local-time.js'
import type { Depot } from '../core/site/depot.js'
import { buildTree } from '../core/site/tree.js'
import { daySchedule } from '../http/schedule-shape.js'
import type { Io } from './io.js'
import { scheduleLines } from './schedule-lines.js'
import { settingsFor } from './settings-for.js'

export interface ScheduleOptions {
  readonly config?: string
  readonly dataDir?: string
  /** Default: today, in the zone of each node. */
  readonly date?: string
  /** Default: the site and all constraints. */
  readonly constraint?: string
  readonly json?: boolean
}

const OK = 0
const BAD_USAGE = 2

/** Resolves with the exit code. */
export async function scheduleCommand(options: ScheduleOptions, io: Io): Promise<number> {
  const settings = await settingsFor(options, io)
  if (!settings) return BAD_USAGE
  const found = await depotOf(settings, options.dataDir)
  if (typeof found === 'string') {
    io.err(`yardmaster schedule: ${found}`)
    return BAD_USAGE
  }
  const rules = rulesOf(settings)
  const tree = buildTree(found, rules)
  const nodes = [...tree.nodeById.keys()].filter(
    (id) => options.constraint === undefined || options.constraint === id,
  )
  if (nodes.length === 0) {
    const ids = [...tree.nodeById.keys()].join(', ')
    io.err(
      `yardmaster schedule: no constraint has the id "${options.constraint}": there are ${ids}`,
    )
    return BAD_USAGE
  }
  const wallMs = systemClock().now()
  const previews: DayPreview[] = []
  for (const id of nodes) {
    const preview = previewOf({ tree, rules }, id, options.date, wallMs)
    if (preview) previews.push(preview)
  }
  if (options.json === true) {
    io.out(JSON.stringify(previews.map(daySchedule), undefined, 2))
    return OK
  }
  for (const preview of previews) {
    const { weekday } = localTime(preview.spans[0]?.fromMs ?? wallMs, preview.node.zone)
    for (const line of scheduleLines(daySchedule(preview), weekday)) io.out(line)
  }
  return OK
}

/** Of the data folder, else of the configuration file; or what is wrong. */
async function depotOf(settings: Settings, dataDir: string | undefined): Promise<Depot | string> {
  if (dataDir === undefined) {
    return (
      settings.depot ?? 'the configuration file has no depot: name the data folder (--data-dir)'
    )
  }
  const document = await storedDepot(dataDir)
  if (document === undefined) return `there is no depot in ${dataDir}: name the folder of run`
  const read = depotFromDocument(document)
  return read.ok
    ? read.depot
    : `the depot in ${dataDir} cannot be used: ${read.problems.join('; ')}`
}
