/** `yardmaster import balanz`: the model files of balanz as a configuration. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { balanzModel } from '../config/import/balanz-model.js'
import { parseSettings } from '../config/load.js'
import { problemText } from '../config/problem.js'
import { textOf, written } from './import.js'
import type { Io } from './io.js'

export interface ImportBalanzOptions {
  readonly out?: string
  /** Default: the zone of this machine, which is what balanz goes by. */
  readonly timezone?: string
}

const BAD_INPUT = 2

/** Resolves with the exit code: 0 written, 2 something cannot be represented. */
export async function importBalanz(
  folder: string,
  options: ImportBalanzOptions,
  io: Io,
): Promise<number> {
  const pathOf = (name: string): string => join(folder, `${name}.csv`)
  const groups = await textOf(pathOf('groups'), io)
  const chargers = await textOf(pathOf('chargers'), io)
  if (groups === undefined || chargers === undefined) return BAD_INPUT
  const tags = existsSync(pathOf('tags')) ? await textOf(pathOf('tags'), io) : undefined
  const model = balanzModel({ groups, chargers, tags })
  if (!model.ok) {
    for (const { file, line, column, message } of model.problems) {
      io.err(`${pathOf(file)}:${line}:${column}: ${message}`)
    }
    return BAD_INPUT
  }
  const zone = options.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const text = yamlOf(model.depot, folder, zone)
  // What would be refused at the start is said here.
  const parsed = parseSettings(text, options.out ?? 'imported.yaml')
  if (!parsed.ok) {
    for (const problem of parsed.problems) io.err(problemText(problem))
    return BAD_INPUT
  }
  for (const note of model.notes) io.err(`note: ${note}`)
  return written(text, options.out, io)
}

function yamlOf(depot: object, folder: string, timezone: string): string {
  const head = [
    `# Made from the balanz model in ${folder}.`,
    '# State the fuse of the grid connection (site.fuse_a) and a meter, which balanz has not.',
    `# Times are in the zone of the machine that made this (${timezone}), as balanz takes them: check it.`,
  ]
  const body = stringify(
    { site: { timezone }, depot },
    { lineWidth: 0, flowCollectionPadding: true },
  )
  // Plain, YAML 1.1 would read a time as a number.
  const quoted = body.replaceAll(/(from|to): (\d\d:\d\d)$/gm, "$1: '$2'")
  return `${head.join('\n')}\n${quoted}`
}
