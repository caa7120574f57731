import type { JournalRecord } from '../ports.js'
import { segmentName } from './journal-segment.js'
import type { JournalEnd, Segment } from './journal-segment.js'

export interface Replay {
  readonly records: readonly JournalRecord[]
  /** Where the next segment continues. */
  readonly end: JournalEnd
  readonly notes: readonly string[]
  /** What has to leave the journal before it is intact again; undefined when it is. */
  readonly damage: Damage | undefined
}

export interface Damage {
  /** Everything after the intact part, in order, to be kept elsewhere. */
  readonly rest: Buffer
  readonly truncate: JournalEnd | undefined
  /** Segments to remove, newest first. */
  readonly remove: readonly number[]
}

/** A segment that counts, with how much of it does according to its successor. */
interface Link {
  readonly segment: Segment
  /** Undefined for the last one: all that is intact. */
  limitBytes: number | undefined
  /** True when the segment it continues is not there, though it is needed. */
  readonly gap: boolean
}

/**
 * The records from segment `first` on (undefined: there is no history, take what there is), up to the
 * first damage. `segments` are in ascending order.
 */
export function replayJournal(segments: readonly Segment[], first: number | undefined): Replay {
  const { chain, unlinked } = linked(segments, first)
  const live = chain.filter(({ segment }) => segment.number >= (first ?? 0))
  const folded = chain[chain.length - live.length - 1]
  const records: JournalRecord[] = []
  const notes: string[] = []
  let end: JournalEnd = folded === undefined ? { segment: 0, bytes: 0 } : endOf(folded)

  for (const [index, link] of live.entries()) {
    const { segment } = link
    const name = segmentName(segment.number)
    if (link.gap) {
      notes.push(`the journal before ${name} is missing`)
      if (first !== undefined || index > 0)
        return { records, end, notes, damage: damageFrom(end, undefined, live, index, unlinked) }
    }
    const wantedBytes = link.limitBytes ?? segment.bytes.length
    for (const { record, end: endBytes } of segment.records)
      if (endBytes <= wantedBytes) records.push(record)
    end = endOf(link)
    if (segment.intactBytes < wantedBytes) {
      const lostBytes = wantedBytes - segment.intactBytes
      notes.push(`${name} is damaged after ${segment.intactBytes} bytes (${lostBytes} follow)`)
      return { records, end, notes, damage: damageFrom(end, segment, live, index + 1, unlinked) }
    }
  }

  const damage = damageFrom(end, undefined, [], 0, unlinked)
  for (const segment of unlinked)
    if (segment.bytes.length > 0)
      notes.push(`${segmentName(segment.number)} has no readable beginning`)
  return { records, end, notes, damage: damage.rest.length > 0 ? damage : undefined }
}

/** Follows the headers: a segment that a later one passes over holds only refused records. */
function linked(
  segments: readonly Segment[],
  first: number | undefined,
): { readonly chain: readonly Link[]; readonly unlinked: readonly Segment[] } {
  const chain: Link[] = []
  for (const segment of segments) {
    let gap = false
    if (segment.after !== undefined) {
      const { segment: before, bytes } = segment.after
      while ((chain.at(-1)?.segment.number ?? 0) > before) chain.pop()
      const last = chain.at(-1)
      if (last?.segment.number === before) last.limitBytes = bytes
      else gap = before > 0 && before >= (first ?? 1)
    }
    chain.push({ segment, limitBytes: undefined, gap })
  }
  const unlinked: Segment[] = []
  for (let last = chain.at(-1); last?.segment.after === undefined; last = chain.at(-1)) {
    if (last === undefined) break
    unlinked.unshift(last.segment)
    chain.pop()
  }
  return { chain, unlinked }
}

function endOf({ segment, limitBytes }: Link): JournalEnd {
  const bytes = Math.min(segment.intactBytes, limitBytes ?? segment.intactBytes)
  return { segment: segment.number, bytes }
}

function damageFrom(
  end: JournalEnd,
  damaged: Segment | undefined,
  live: readonly Link[],
  index: number,
  unlinked: readonly Segment[],
): Damage {
  const whole = [...live.slice(index).map(({ segment }) => segment), ...unlinked]
  const parts = whole.map(({ bytes }) => bytes)
  if (damaged !== undefined) parts.unshift(damaged.bytes.subarray(end.bytes))
  return {
    rest: Buffer.concat(parts),
    truncate: damaged === undefined ? undefined : end,
    remove: whole.map(({ number }) => number).toReversed(),
  }
}
