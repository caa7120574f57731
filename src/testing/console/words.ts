/** A command line in its parts: `@CP_001 plug 2 kwh=20`. */
import { durationMs } from '../scenario-file/times.js'
import { usage } from './problem.js'

export interface CommandLine {
  /** Whom it is for; undefined: all. */
  readonly target: string | undefined
  /** Empty: nothing was said. */
  readonly name: string
  readonly words: readonly string[]
  /** Everything behind the name, as typed. */
  readonly rest: string
}

/** A `#` starts a comment. */
export function parseLine(text: string): CommandLine {
  const line = text.replace(/(^|\s)#.*$/, '').trim()
  const [, target, command = ''] = /^@(\S+)\s*(.*)$/s.exec(line) ?? [undefined, undefined, line]
  const [, name = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(command) ?? []
  return {
    target: target === 'all' ? undefined : target,
    name: name.toLowerCase(),
    words: split(rest),
    rest,
  }
}

/** At blanks; double quotes keep blanks together. */
function split(text: string): readonly string[] {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''))
}

export function numberFrom(
  word: string | undefined,
  name: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = Number(word)
  if (word !== undefined && word !== '' && value >= range.min && value <= range.max) return value
  throw usage(
    `${name} must be a number from ${range.min} to ${range.max}, got ${JSON.stringify(word ?? '')}`,
  )
}

export function integerFrom(
  word: string | undefined,
  name: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = numberFrom(word, name, range)
  if (Number.isInteger(value)) return value
  throw usage(`${name} must be a whole number, got ${JSON.stringify(word)}`)
}

/** Seconds, or a duration such as 90s, 15m, 2h; in ms. */
export function timeFrom(word: string | undefined, name: string): number {
  const given = word ?? ''
  const ms = /^\d+(\.\d+)?$/.test(given) ? Number(given) * 1000 : durationMs(given)
  if (ms !== undefined && ms <= 100 * 86_400_000) return Math.round(ms)
  throw usage(
    `${name} must be seconds or a duration such as 90s, 15m, 2h, got ${JSON.stringify(given)}`,
  )
}

export function phasesFrom(word: string | undefined): 1 | 2 | 3 {
  const count = integerFrom(word, 'phases', { min: 1, max: 3 })
  return count === 1 ? 1 : count === 2 ? 2 : 3
}
