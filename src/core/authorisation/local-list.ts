/**
 * The list of id tags that chargers keep for the time without us (OCPP 1.6 3.5.3, 5.15): what belongs
 * in it, and the next message to a charger whose list is not the one it should be. Pure.
 */
import type { Depot, IdTag } from '../site/depot.js'

export interface ListEntry {
  readonly idTag: string
  /** Undefined, in a differential update only: the id tag leaves the list. */
  readonly info:
    | {
        readonly status: 'Accepted' | 'Blocked'
        readonly parentIdTag: string | undefined
        readonly expiresAtMs: number | undefined
      }
    | undefined
}

export interface ListMessage {
  /** Of the list when this is in it. */
  readonly version: number
  readonly type: 'Full' | 'Differential'
  readonly entries: readonly ListEntry[]
  /** The list is complete with it. */
  readonly isLast: boolean
}

/** Which content has which version; on disk, so that a version never means two contents. */
export interface ListVersion {
  readonly version: number
  readonly digest: string
}

export interface ListLimits {
  /** In the list. */
  readonly entries: number
  /** In one message. */
  readonly atOnce: number
}

/** Versions grow with each message of a list that takes several. */
const STRIDE = 10_000
const LAST_VERSION = 2_147_483_647

/** Who may charge first: it may not fit. */
export function wantedEntries({ idTags }: Depot): readonly ListEntry[] {
  const blocked = [...idTags.values()].filter((tag) => tag.blocked === true)
  const others = [...idTags.values()].filter((tag) => tag.blocked !== true)
  others.sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0))
  return [...others, ...blocked].map(entryOf)
}

function entryOf({ idTag, blocked, parentIdTag, expiresWallMs }: IdTag): ListEntry {
  const status = blocked === true ? 'Blocked' : 'Accepted'
  return { idTag, info: { status, parentIdTag, expiresAtMs: expiresWallMs } }
}

/** Never one that was used before, not even after the restore of an old backup. */
export function nextVersion(before: ListVersion | undefined, wallMs: number): number {
  const seconds = Math.floor(wallMs / 1000)
  const next = Math.max((before?.version ?? 0) + STRIDE, seconds)
  return next < LAST_VERSION ? next : STRIDE
}

/**
 * The messages that make the list of a charger the wanted one. `held`: what it has by now, when that
 * is certain; else all of it is sent anew.
 */
export function listMessages(
  wanted: readonly ListEntry[],
  held: readonly ListEntry[] | undefined,
  version: number,
  limits: ListLimits,
): readonly ListMessage[] {
  const fitting = wanted.slice(0, limits.entries)
  const atOnce = Math.max(1, limits.atOnce, Math.ceil(fitting.length / (STRIDE - 1)))
  const changes = held && changesOf(held, fitting)
  const isSmaller = changes !== undefined && changes.length < fitting.length
  const entries = isSmaller ? changes : fitting
  const chunks: (readonly ListEntry[])[] = []
  for (let from = 0; from < entries.length; from += atOnce) {
    chunks.push(entries.slice(from, from + atOnce))
  }
  if (chunks.length === 0) chunks.push([])
  return chunks.map((chunk, index) => ({
    // A list that was not finished has a version of its own: it is seen at the next look.
    version: version - (chunks.length - 1 - index),
    type: index === 0 && !isSmaller ? 'Full' : 'Differential',
    entries: chunk,
    isLast: index === chunks.length - 1,
  }))
}

/** Those that leave come first: a full list has room again. */
function changesOf(held: readonly ListEntry[], wanted: readonly ListEntry[]): readonly ListEntry[] {
  const before = new Map(held.map((entry) => [entry.idTag.toLowerCase(), textOf(entry)]))
  const after = new Set(wanted.map(({ idTag }) => idTag.toLowerCase()))
  const gone = held.filter(({ idTag }) => !after.has(idTag.toLowerCase()))
  return [
    ...gone.map(({ idTag }) => ({ idTag, info: undefined })),
    ...wanted.filter((entry) => before.get(entry.idTag.toLowerCase()) !== textOf(entry)),
  ]
}

/** The same content has the same digest. */
export function digestOf(entries: readonly ListEntry[]): string {
  let a = 0x811c9dc5
  let b = 0x1000193
  for (const entry of entries) {
    const text = textOf(entry)
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      a = Math.imul(a ^ code, 0x01000193)
      b = Math.imul(b ^ code, 0x85ebca6b) + at
    }
  }
  return `${entries.length}-${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}`
}

function textOf({ idTag, info }: ListEntry): string {
  return [idTag, info?.status, info?.parentIdTag, info?.expiresAtMs].join('\u0000')
}
