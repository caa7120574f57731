/** From the text of a scenario file to scenarios, or all that is wrong with it, at once. */
import { checkSettings } from '../../config/load.js'
import type { ConfigProblem, Finding } from '../../config/problem.js'
import type { ReadSecret } from '../../config/secret.js'
import type { Settings } from '../../config/settings.js'
import { expectation, findingsOf } from '../../config/shape.js'
import { readYaml } from '../../config/yaml-source.js'
import type { Place } from '../../config/yaml-source.js'
import { scenarioFrom } from './build.js'
import { settingsKeys } from './settings-keys.js'
import type { ScenarioFile } from './scenario-file.js'
import { scenarioJsonSchema, scenarioSchema } from './schema.js'
import type { ScenarioKeys } from './schema.js'

export type ReadScenario =
  | { readonly ok: true; readonly file: ScenarioFile }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Never throws. `fileName` is named in problems; `readSecret` for what the settings refer to. */
export function readScenario(text: string, fileName: string, readSecret: ReadSecret): ReadScenario {
  const problemAt = ({ line, column }: Place, path: string, message: string): ConfigProblem => ({
    file: fileName,
    line,
    column,
    path,
    message,
  })
  const read = readYaml(text)
  if (!read.ok) {
    const problems = read.problems.map((one) => problemAt(one.place, '', one.message))
    return { ok: false, problems }
  }
  const { source } = read
  const checked = check(source.value ?? {}, readSecret)
  if ('findings' in checked) {
    const problems = checked.findings.map(({ path, aboutKey, message }) => {
      const place = aboutKey === true ? source.keyPlace(path) : source.valuePlace(path)
      return problemAt(place, path.join('.'), message)
    })
    return {
      ok: false,
      problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
    }
  }
  const built = scenarioFrom(checked.keys, checked.settings, {
    fileName,
    place: (path) => source.valuePlace(path),
  })
  if (built.ok) return built
  const problems = built.findings.map(({ path, message }) =>
    problemAt(source.valuePlace(path), path.join('.'), message),
  )
  return {
    ok: false,
    problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
  }
}

type Checked =
  | { readonly keys: ScenarioKeys; readonly settings: Settings }
  | { readonly findings: readonly Finding[] }

function check(value: unknown, readSecret: ReadSecret): Checked {
  const parsed = scenarioSchema.safeParse(value, { error: expectation })
  const findings = parsed.success
    ? []
    : mostPrecise(findingsOf(parsed.error, value, scenarioJsonSchema()))
  // The settings are worth checking even so: all problems are told at once.
  const stated = settingsKeys(value)
  if (!stated.ok) return { findings: [...findings, ...stated.findings] }
  const settings = checkSettings(stated.value, readSecret)
  if (!settings.ok) return { findings: [...findings, ...settings.findings.map(stated.placed)] }
  return parsed.success ? { keys: parsed.data, settings: settings.settings } : { findings }
}

/** A slip in a key also makes its section incomplete: only the slip is worth a word. */
function mostPrecise(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(
    ({ path }) =>
      !findings.some(
        (other) =>
          other.aboutKey === true &&
          other.path.length > path.length &&
          path.every((key, index) => other.path[index] === key),
      ),
  )
}
