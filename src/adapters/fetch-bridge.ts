/** Between node:http and the standard Request and Response. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export type ReadRequest =
  | { readonly type: 'request'; readonly request: Request }
  | { readonly type: 'refused'; readonly status: number; readonly reason: string }

/**
 * The whole request, its body included. Rejects when the peer breaks off; `signal` of the request
 * aborts when the peer leaves before the answer is complete.
 */
export async function readRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  maxBodyBytes: number,
): Promise<ReadRequest> {
  const { method = 'GET', url = '', headers } = incoming
  // Never guessed: whether a caller is trusted may depend on it.
  if (headers.host === undefined) return refused(400, 'the Host header is missing')
  // A slash in it would move part of the host into the path.
  if (!/^[\w.:[\]-]+$/.test(headers.host)) return refused(400, 'the Host header is malformed')
  if (!url.startsWith('/')) return refused(400, 'the request target must be a path')
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const body = hasBody ? await readBody(incoming, maxBodyBytes) : undefined
  if (hasBody && body === undefined) {
    return refused(413, `the body is larger than ${maxBodyBytes} bytes`)
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
      body: body?.length ? body : null,
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

/** Undefined when it is larger than allowed; then the rest is left unread. */
async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return undefined
  const chunks: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const settle = (body: Buffer | undefined): void => {
      incoming.off('data', took)
      incoming.pause()
      resolve(body)
    }
    const took = (chunk: Buffer): void => {
      length += chunk.length
      if (length > maxBytes) settle(undefined)
      else chunks.push(chunk)
    }
    incoming.on('data', took)
    incoming.once('end', () => settle(Buffer.concat(chunks)))
    incoming.once('error', reject)
    incoming.once('close', () => reject(new Error('the request was broken off')))
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
