/** From the text of a configuration file to settings, or all that is wrong with it, at once. */
import { readFile } from 'node:fs/promises'
import { checkFallbacks, checkFile } from './checks.js'
import { depotFromWire } from './depot-document.js'
import type { ConfigProblem, Finding } from './problem.js'
import { listenerFileFindings } from './listener-schema.js'
import type { Locate } from './listener-schema.js'
import { fileLocator, secretReader } from './secret.js'
import type { ReadSecret } from './secret.js'
import { settingsOf } from './settings-of.js'
import type { Settings } from './settings.js'
import { shapeOf } from './shape.js'
import { readYaml } from './yaml-source.js'
import type { Place } from './yaml-source.js'

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

export type CheckedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/**
 * Never throws. `fileName` is named in problems, and secret files are looked for beside it unless
 * `readSecret` says otherwise.
 */
export function parseSettings(
  text: string,
  fileName: string,
  readSecret: ReadSecret = secretReader(fileName, process.env),
  locate: Locate = fileLocator(fileName, process.env),
): ParsedSettings {
  const problemAt = ({ line, column }: Place, path: string, message: string): ConfigProblem => ({
    file: fileName,
    line,
    column,
    path,
    message,
  })
  const read = readYaml(text)
  if (!read.ok) {
    return {
      ok: false,
      problems: inOrder(read.problems.map((one) => problemAt(one.place, '', one.message))),
    }
  }
  const { source } = read
  const checked = checkSettings(source.value ?? {}, readSecret, locate)
  if (checked.ok) return checked
  const problems = checked.findings.map(({ path, aboutKey, message }) => {
    const place = aboutKey === true ? source.keyPlace(path) : source.valuePlace(path)
    return problemAt(place, path.join('.'), message)
  })
  return { ok: false, problems: inOrder(problems) }
}

/**
 * The same for the plain values of a file, which may be a part of another. Without `locate` the files
 * that listeners name are not looked at.
 */
export function checkSettings(
  value: unknown,
  readSecret: ReadSecret,
  locate?: Locate,
): CheckedSettings {
  const { findings: shapeFindings, file } = shapeOf(value)
  const findings: Finding[] = [...shapeFindings]
  if (file) {
    const depot = file.depot && depotFromWire(file.depot)
    const secret = mqttPassword(file.mqtt?.password_file, readSecret)
    findings.push(...checkFile(file), ...secret.findings)
    if (depot?.ok === false) findings.push(...depot.findings.map(belowDepot))
    const settings = settingsOf(file, {
      mqttPassword: secret.value,
      depot: depot?.ok === true ? depot.depot : undefined,
      ...(locate && { locate }),
    })
    const { listeners } = settings.ocpp
    if (locate && listeners) {
      findings.push(...listenerFileFindings(file.ocpp.listeners, listeners, Date.now()))
    }
    // The sum over a depot that is wrong in itself says nothing.
    if (depot?.ok === true) findings.push(...checkFallbacks(file, settings, depot.depot))
    if (findings.length === 0) return { ok: true, settings }
  }
  return { ok: false, findings }
}

/** Reads and parses a file; one that cannot be read is a problem like any other. */
export async function loadSettings(fileName: string): Promise<ParsedSettings> {
  try {
    return parseSettings(await readFile(fileName, 'utf8'), fileName)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `the configuration cannot be read: ${reason}`
    return { ok: false, problems: [{ file: fileName, line: 1, column: 1, path: '', message }] }
  }
}

function mqttPassword(
  name: string | undefined,
  readSecret: ReadSecret,
): { readonly value: string | undefined; readonly findings: readonly Finding[] } {
  if (name === undefined) return { value: undefined, findings: [] }
  try {
    return { value: readSecret(name), findings: [] }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { value: undefined, findings: [{ path: ['mqtt', 'password_file'], message }] }
  }
}

function belowDepot({ path, message }: Finding): Finding {
  return { path: ['depot', ...path], message }
}

function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
