/** Where simulated charge points keep what outlives the process. */
import { extname } from 'node:path'
import { readStateFile, writeStateFile } from '../adapters/state-file.js'
import { savedChargePointSchema } from '../testing/index.js'
import type { ChargePointMemory, SavedChargePoint } from '../testing/index.js'

export type CpMemories =
  | { readonly ok: true; readonly of: (identity: string) => ChargePointMemory | undefined }
  | { readonly ok: false; readonly problem: string }

/** Reads all of them. Of several, each has a file of its own: `state.json` makes `state.CP_001.json`. */
export function cpMemories(
  file: string | undefined,
  identities: readonly string[],
  failed: (problem: string) => void,
): CpMemories {
  if (file === undefined) return { ok: true, of: () => undefined }
  const memories = new Map<string, ChargePointMemory>()
  for (const identity of identities) {
    const path = identities.length === 1 ? file : pathOf(file, identity)
    let saved: SavedChargePoint | undefined
    try {
      saved = read(path)
    } catch (error) {
      return {
        ok: false,
        problem: `--state ${path} cannot be used: ${wordsOf(error)}; move it away`,
      }
    }
    if (saved && saved.charge_point !== identity) {
      return {
        ok: false,
        problem: `--state ${path} is that of ${saved.charge_point}, not ${identity}`,
      }
    }
    const save = (state: SavedChargePoint): void => {
      try {
        writeStateFile(path, JSON.stringify(state))
      } catch (error) {
        failed(`--state ${path} cannot be written: ${wordsOf(error)}`)
      }
    }
    memories.set(identity, { saved, save })
  }
  return { ok: true, of: (identity) => memories.get(identity) }
}

function read(path: string): SavedChargePoint | undefined {
  const text = readStateFile(path)
  if (text === undefined) return undefined
  const saved = savedChargePointSchema.safeParse(JSON.parse(text))
  if (!saved.success) throw new Error('it holds no saved charge point')
  return saved.data
}

function pathOf(file: string, identity: string): string {
  const extension = extname(file)
  const name = identity.replaceAll(/[^\w.-]/g, (char) => `%${char.codePointAt(0)?.toString(16)}`)
  return `${file.slice(0, file.length - extension.length)}.${name}${extension}`
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
}
