/**
 * A document on disk: one header line, then the body as compact JSON. The checksum covers the other
 * header fields too, so that a flipped bit cannot pass for a newer release. That rule, the first line
 * and `version` stay as they are in every future release.
 */
import { createHash } from 'node:crypto'
import { StoreError } from './store-error.js'

export const ENVELOPE_VERSION = 1

export type Envelope =
  | { readonly type: 'good'; readonly generation: number; readonly data: unknown }
  | { readonly type: 'bad'; readonly problem: string }

/** `name` is the document's file name: a copy under another name is not accepted. */
export function encodeEnvelope(name: string, generation: number, body: string): Buffer {
  const bytes = Buffer.from(body)
  const fields = { format: name, version: ENVELOPE_VERSION, generation, length: bytes.length }
  const header = JSON.stringify({ ...fields, sha256: checksum(fields, bytes) })
  return Buffer.concat([Buffer.from(`${header}\n`), bytes])
}

/** Throws a StoreError `futureVersion` for an intact file of a newer release. */
export function decodeEnvelope(name: string, path: string, file: Buffer): Envelope {
  if (file.length === 0) return bad('it is empty')
  const end = file.indexOf(0x0a)
  const header = end < 0 ? undefined : parseHeader(file.subarray(0, end).toString())
  if (header === undefined) return bad('its header line cannot be read')
  const body = file.subarray(end + 1)
  if (body.length !== header.length)
    return bad(`it holds ${body.length} bytes instead of ${header.length}`)
  const { sha256, ...fields } = header
  if (checksum(fields, body) !== sha256) return bad('its checksum does not match')
  if (header.version > ENVELOPE_VERSION)
    throw new StoreError(
      'futureVersion',
      `${path} has format version ${header.version}, this release reads up to ${ENVELOPE_VERSION}: ` +
        'install the newer release again or restore a backup made with this one',
    )
  if (header.format !== name) return bad(`it is a copy of ${header.format}`)
  return { type: 'good', generation: header.generation, data: JSON.parse(body.toString()) }
}

interface Fields {
  readonly format: string
  readonly version: number
  readonly generation: number
  readonly length: number
}

function checksum({ format, version, generation, length }: Fields, body: Buffer): string {
  const fields = JSON.stringify([format, version, generation, length])
  return createHash('sha256').update(fields).update(body).digest('hex')
}

function parseHeader(line: string): (Fields & { readonly sha256: string }) | undefined {
  try {
    const { format, version, generation, length, sha256 }: Readonly<Record<string, unknown>> =
      Object(JSON.parse(line))
    if (typeof format !== 'string' || typeof sha256 !== 'string') return undefined
    if (typeof version !== 'number' || typeof length !== 'number') return undefined
    if (typeof generation !== 'number') return undefined
    return { format, version, generation, length, sha256 }
  } catch {
    return undefined
  }
}

function bad(problem: string): Envelope {
  return { type: 'bad', problem }
}
