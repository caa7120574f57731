/**
 * One file of the journal. Each line is `crc32 SP json`; the first holds the segment's number and how
 * much of the segment before it counts: what a failed write left behind that point is void.
 */
import type { JournalRecord } from '../ports.js'
import { crc32 } from './crc32.js'
import { StoreError } from './store-error.js'

export const JOURNAL_VERSION = 1

/** A place in the journal: `bytes` into segment `segment`. Segment 0 is the beginning of time. */
export interface JournalEnd {
  readonly segment: number
  readonly bytes: number
}

export interface Segment {
  readonly number: number
  readonly bytes: Buffer
  /** Undefined when the header line is damaged. */
  readonly after: JournalEnd | undefined
  /** `end` is where the record's line ends, in bytes. */
  readonly records: readonly { readonly record: JournalRecord; readonly end: number }[]
  /** Length of the intact beginning. */
  readonly intactBytes: number
}

export function segmentName(number: number): string {
  return `journal-${String(number).padStart(8, '0')}.log`
}

export function segmentNumber(name: string): number | undefined {
  const digits = /^journal-(\d{8,15})\.log$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** `json` has no line breaks: JSON text escapes them. */
export function segmentLine(json: string): Buffer {
  const bytes = Buffer.from(json)
  return Buffer.concat([Buffer.from(`${crc32(bytes)} `), bytes, NEWLINE])
}

export function segmentHeader(segment: number, after: JournalEnd): Buffer {
  return segmentLine(JSON.stringify({ journal: JOURNAL_VERSION, segment, after }))
}

/** Reads up to the first damaged line. Throws a StoreError `futureVersion`. */
export function parseSegment(number: number, bytes: Buffer): Segment {
  const header = nextLine(bytes, 0)
  const after = header === undefined ? undefined : headerOf(number, header.value)
  if (header === undefined || after === undefined)
    return { number, bytes, after: undefined, records: [], intactBytes: 0 }
  const records: { record: JournalRecord; end: number }[] = []
  let { end } = header
  for (;;) {
    const line = nextLine(bytes, end)
    if (line === undefined || !isRecord(line.value))
      return { number, bytes, after, records, intactBytes: end }
    end = line.end
    records.push({ record: line.value, end })
  }
}

const NEWLINE = Buffer.from('\n')
const CRC_LENGTH = 8

function nextLine(bytes: Buffer, start: number): { value: unknown; end: number } | undefined {
  const newline = bytes.indexOf(NEWLINE, start)
  if (newline < start + CRC_LENGTH + 1) return undefined
  const json = bytes.subarray(start + CRC_LENGTH + 1, newline)
  const prefix = bytes.toString('latin1', start, start + CRC_LENGTH + 1)
  if (prefix !== `${crc32(json)} `) return undefined
  return { value: JSON.parse(json.toString()), end: newline + 1 }
}

function isRecord(value: unknown): value is JournalRecord {
  return typeof value === 'object' && value !== null && 'type' in value
}

function headerOf(number: number, value: unknown): JournalEnd | undefined {
  const { journal, segment, after }: Readonly<Record<string, unknown>> = Object(value)
  if (typeof journal !== 'number' || segment !== number) return undefined
  if (journal > JOURNAL_VERSION)
    throw new StoreError(
      'futureVersion',
      `${segmentName(number)} has format version ${journal}, this release reads up to ` +
        `${JOURNAL_VERSION}: install the newer release again or restore a backup made with this one`,
    )
  const { segment: before, bytes }: Readonly<Record<string, unknown>> = Object(after)
  return typeof before === 'number' && typeof bytes === 'number'
    ? { segment: before, bytes }
    : undefined
}
