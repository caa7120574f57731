/** Sums over runs in a small file, so that a long proof goes on after an interruption. */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { withReactions } from '../../testing/simulation/reactions.js'
import type { ReactionCounts } from '../../testing/simulation/reactions.js'
import type { Summary } from './summary-lines.js'

export interface Totals {
  readonly runs: number
  readonly chargerHours: number
  readonly reactions: ReactionCounts
  readonly maxReactionMs: number
  readonly residualAmpereSeconds: number
  readonly counters: Readonly<Record<string, number>>
  readonly failedSeeds: readonly number[]
  /** Undefined: as the command line says. */
  readonly nextSeed: number | undefined
}

export const NOTHING_YET: Totals = {
  runs: 0,
  chargerHours: 0,
  reactions: {},
  maxReactionMs: 0,
  residualAmpereSeconds: 0,
  counters: {},
  failedSeeds: [],
  nextSeed: undefined,
}

/** What must be the same for runs to be summed. */
export interface ProofOf {
  readonly program: string
  readonly scenario: string
  readonly fingerprint: string
  readonly hours: number | undefined
}

export function withRun(totals: Totals, seed: number, { result }: Summary, ok: boolean): Totals {
  const counters = { ...totals.counters }
  for (const [name, count] of Object.entries(result.counters)) {
    counters[name] = (counters[name] ?? 0) + count
  }
  return {
    runs: totals.runs + 1,
    chargerHours: totals.chargerHours + result.chargerHours,
    reactions: withReactions(totals.reactions, result.reactions),
    maxReactionMs: Math.max(totals.maxReactionMs, result.reactions.maxMs ?? 0),
    residualAmpereSeconds: result.residuals.reduce(
      (sum, { ampereSeconds }) => sum + ampereSeconds,
      totals.residualAmpereSeconds,
    ),
    counters,
    failedSeeds: ok ? totals.failedSeeds : [...totals.failedSeeds, seed],
    nextSeed: seed + 1,
  }
}

const stateSchema = z.strictObject({
  program: z.string(),
  scenario: z.string(),
  fingerprint: z.string(),
  hours: z.number().optional(),
  runs: z.int(),
  charger_hours: z.number(),
  reactions: z.record(z.string(), z.int()),
  max_reaction_ms: z.number(),
  residual_ampere_seconds: z.number(),
  counters: z.record(z.string(), z.number()),
  failed_seeds: z.array(z.int()),
  next_seed: z.int(),
})

export type LoadedState =
  | { readonly ok: true; readonly totals: Totals }
  | { readonly ok: false; readonly problem: string }

export async function loadState(file: string, of: ProofOf): Promise<LoadedState> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { ok: true, totals: NOTHING_YET }
    }
    return { ok: false, problem: `${file} cannot be read: ${String(error)}` }
  }
  const parsed = stateSchema.safeParse(parsedJson(text))
  if (!parsed.success) return { ok: false, problem: `${file} is no state of a simulation` }
  const { data } = parsed
  const remedy = 'name another file, or remove this one'
  for (const [what, there, here] of [
    ['build of the program', data.program, of.program],
    ['scenario', data.fingerprint, of.fingerprint],
    ['--hours', `${data.hours ?? 'not stated'}`, `${of.hours ?? 'not stated'}`],
  ] as const) {
    if (there === here) continue
    const problem = `${file} sums up runs of another ${what} (${there}, this is ${here}): ${remedy}`
    return { ok: false, problem }
  }
  return {
    ok: true,
    totals: {
      runs: data.runs,
      chargerHours: data.charger_hours,
      reactions: data.reactions,
      maxReactionMs: data.max_reaction_ms,
      residualAmpereSeconds: data.residual_ampere_seconds,
      counters: data.counters,
      failedSeeds: data.failed_seeds,
      nextSeed: data.next_seed,
    },
  }
}

/** On disk before it is renamed: a power cut leaves the old state or the new one. */
export async function saveState(file: string, of: ProofOf, totals: Totals): Promise<void> {
  const state: z.output<typeof stateSchema> = {
    ...of,
    runs: totals.runs,
    charger_hours: totals.chargerHours,
    reactions: totals.reactions,
    max_reaction_ms: totals.maxReactionMs,
    residual_ampere_seconds: totals.residualAmpereSeconds,
    counters: totals.counters,
    failed_seeds: [...totals.failedSeeds],
    next_seed: totals.nextSeed ?? 0,
  }
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w')
  try {
    await handle.writeFile(`${JSON.stringify(state, undefined, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
