/** Reads the JSON object of a request; anything else ends in the answer to give. */
import { invalid, refusal } from './refusal.js'

const MAX_BYTES = 65_536
const MAX_DEPTH = 16

export type ReadBody =
  | { readonly ok: true; readonly body: JsonObject }
  | { readonly ok: false; readonly response: Response }

export type JsonObject = Readonly<Record<string, unknown>>

export async function readBody(request: Request): Promise<ReadBody> {
  const type = request.headers.get('content-type')
  if (type !== null && !isJsonType(type)) {
    return no(refusal(415, `send application/json, not ${JSON.stringify(type)}`))
  }
  const bytes = await readBytes(request, MAX_BYTES)
  if (bytes === 'too large') return no(refusal(413, `a body has at most ${MAX_BYTES} bytes`))
  if (bytes === 'broken off') return no(refusal(400, 'the body broke off'))
  const parsed = parse(bytes)
  if (!parsed.ok) return no(refusal(400, parsed.message))
  const { value } = parsed
  if (nestsDeeper(value, MAX_DEPTH)) {
    return no(refusal(400, `the body nests deeper than ${MAX_DEPTH} levels`))
  }
  if (!isJsonObject(value)) return no(invalid([{ field: '', message: 'must be a JSON object' }]))
  return { ok: true, body: value }
}

export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly response: Response }

/** Any text, such as a table. */
export async function readText(request: Request, maxBytes: number): Promise<ReadText> {
  const bytes = await readBytes(request, maxBytes)
  if (bytes === 'too large') {
    return { ok: false, response: refusal(413, `a table has at most ${maxBytes} bytes: divide it`) }
  }
  if (bytes === 'broken off') return { ok: false, response: refusal(400, 'the body broke off') }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { ok: false, response: refusal(400, 'this is not UTF-8: save the table as "CSV UTF-8"') }
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function no(response: Response): ReadBody {
  return { ok: false, response }
}

/** curl -d without a header says x-www-form-urlencoded, whatever it sends. */
function isJsonType(type: string): boolean {
  const name = (type.split(';')[0] ?? '').trim().toLowerCase()
  return /^(application|text)\/([\w.-]+\+)?json$|^application\/x-www-form-urlencoded$|^$/.test(name)
}

async function readBytes(
  request: Request,
  maxBytes: number,
): Promise<Uint8Array | 'too large' | 'broken off'> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return 'too large'
  const chunks: Uint8Array[] = []
  let length = 0
  const stream: ReadableStream<Uint8Array> | null = request.body
  if (stream === null) return new Uint8Array()
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      length += value.byteLength
      if (length > maxBytes) {
        await reader.cancel()
        return 'too large'
      }
      chunks.push(value)
    }
  } catch {
    // The client went away or sent less than it announced: there is nobody left to tell more.
    return 'broken off'
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }

function parse(bytes: Uint8Array): Parsed {
  if (bytes.length === 0) return { ok: false, message: 'the body is empty: send a JSON object' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    const why = error instanceof SyntaxError ? error.message : 'it is not UTF-8'
    return { ok: false, message: `the body is not JSON: ${why}` }
  }
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((inner) => nestsDeeper(inner, levels - 1))
}
