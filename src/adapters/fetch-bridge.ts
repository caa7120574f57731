/** Between node:http and the standard Request and Response. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export type ReadRequest =
  | { readonly type: 'request'; readonly request: Request }
  | { readonly type: 'refused'; readonly status: number; readonly reason: string }

export interface BodyLimits {
  readonly maxBytes: number
  /** For the body to arrive. */
  readonly timeoutMs: number
}

/**
 * The whole request, its body included, or as a stream. Rejects when the peer breaks off; `signal` of the request
 * aborts when the peer leaves before the answer is complete.
 */
export async function readRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  limits: BodyLimits | 'stream',
): Promise<ReadRequest> {
  const { method = 'GET', url = '', headers } = incoming
  // Never guessed: whether a caller is trusted may depend on it.
  if (headers.host === undefined) return refused(400, 'the Host header is missing')
  // A slash in it would move part of the host into the path.
  if (!/^[\w.:[\]-]+$/.test(headers.host)) return refused(400, 'the Host header is malformed')
  if (!url.startsWith('/')) return refused(400, 'the request target must be a path')
  const hasBody = method !== 'GET' && method !== 'HEAD'
  let body: ReadableStream<Uint8Array> | Uint8Array | null = null
  if (hasBody && limits === 'stream') {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node's type says less than it gives
    body = Readable.toWeb(incoming) as ReadableStream<Uint8Array>
  } else if (hasBody && limits !== 'stream') {
    const bytes = await readBody(incoming, limits)
    if (bytes === 'tooLarge')
      return refused(413, `the body is larger than ${limits.maxBytes} bytes`)
    if (bytes === 'tooSlow') return refused(408, 'the body came too slowly')
    body = bytes.length > 0 ? bytes : null
  }
  const left = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) left.abort()
  })
  try {
    const request = new Request(new URL(`http://${headers.host}${url}`), {
      method,
      headers: headerPairs(incoming.rawHeaders),
      signal: left.signal,
      body,
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    })
    return { type: 'request', request }
  } catch {
    return refused(400, 'the request has a malformed host, target, header or method')
  }
}

/** Resolves once the answer is sent. Rejects when its body fails or the peer leaves. */
export async function writeResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') outgoing.setHeader(name, value)
  }
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
  if (!response.body) {
    outgoing.end()
    return
  }
  // An event stream may have nothing to say for a while; its reader waits for the head.
  outgoing.flushHeaders()
  await pipeline(Readable.fromWeb(response.body), outgoing)
}

/** When it is larger than allowed, or too slow, the rest is left unread. */
async function readBody(
  incoming: IncomingMessage,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<Buffer | 'tooLarge' | 'tooSlow'> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return 'tooLarge'
  const chunks: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const settle = (body: Buffer | 'tooLarge' | 'tooSlow'): void => {
      clearTimeout(deadline)
      incoming.off('data', took)
      incoming.pause()
      resolve(body)
    }
    const took = (chunk: Buffer): void => {
      length += chunk.length
      if (length > maxBytes) settle('tooLarge')
      else chunks.push(chunk)
    }
    const deadline = setTimeout(() => settle('tooSlow'), timeoutMs)
    incoming.on('data', took)
    incoming.once('end', () => settle(Buffer.concat(chunks)))
    const broken = (error: Error): void => {
      clearTimeout(deadline)
      reject(error)
    }
    incoming.once('error', broken)
    incoming.once('close', () => broken(new Error('the request was broken off')))
  })
}

function headerPairs(rawHeaders: readonly string[]): Headers {
  const headers = new Headers()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '')
  }
  return headers
}

function refused(status: number, reason: string): ReadRequest {
  return { type: 'refused', status, reason }
}
