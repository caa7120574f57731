/**
 * Where charge points send logs to and fetch firmware from: outside the API and without its token,
 * which they do not have. The path itself is what they were trusted with.
 */
import type { FileOutcome, StoredFile } from '../ports.js'
import type { FileBackend } from './file-backend.js'
import { boundaryOf, firstFile } from './multipart.js'

/** Undefined: the request is for somebody else. */
export async function fileTransfer(
  files: FileBackend,
  request: Request,
): Promise<Response | undefined> {
  const { pathname } = new URL(request.url)
  const [, root, way, secret = '', name = ''] = pathname.split('/')
  if (root !== 'files' || (way !== 'in' && way !== 'out')) return undefined
  const { method } = request
  if (way === 'out') {
    if (method !== 'GET' && method !== 'HEAD')
      return told(405, 'GET or HEAD', { allow: 'GET, HEAD' })
    return firmware(files, request, secret)
  }
  if (method !== 'PUT' && method !== 'POST') return told(405, 'PUT or POST', { allow: 'PUT, POST' })
  return received(files, request, secret, decoded(name))
}

async function received(
  files: FileBackend,
  request: Request,
  secret: string,
  named: string | undefined,
): Promise<Response> {
  const body = bodyOf(request)
  const boundary = boundaryOf(request.headers.get('content-type'))
  if (boundary === undefined) return taken(await files.receive(secret, named, body))
  let file: Awaited<ReturnType<typeof firstFile>>
  try {
    file = await firstFile(body, boundary)
  } catch {
    return told(400, 'the form broke off')
  }
  if (!file) return told(400, 'there is no file in the form')
  return taken(await files.receive(secret, named ?? file.name, file.body))
}

function taken(outcome: FileOutcome | 'unknown' | 'busy'): Response {
  if (outcome === 'unknown') return told(404, 'nothing is expected here')
  if (outcome === 'busy') return told(409, 'a file is arriving here already')
  if (outcome.ok) return told(201, 'received')
  return outcome.why === 'brokenOff'
    ? told(400, 'the file broke off')
    : told(413, 'the file is too large')
}

async function firmware(files: FileBackend, request: Request, id: string): Promise<Response> {
  const file = files.list().find((one) => one.id === id && one.kind === 'firmware')
  return file ? fileResponse(files, request, file) : told(404, 'there is no such file')
}

/** The whole file, or from where the peer goes on. */
export async function fileResponse(
  files: FileBackend,
  request: Request,
  file: StoredFile,
): Promise<Response> {
  const { id, bytes } = file
  const from = rangeStart(request.headers.get('range'), bytes)
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(bytes - from),
    'content-disposition': `attachment; filename="${file.name}"`,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...(from > 0 && { 'content-range': `bytes ${from}-${bytes - 1}/${bytes}` }),
  }
  const status = from > 0 ? 206 : 200
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  const body = await files.read(id, from)
  return body ? new Response(body, { status, headers }) : told(404, 'there is no such file')
}

/** `bytes=FROM-`: what is needed to go on; of any other range the whole is sent, as HTTP allows. */
function rangeStart(range: string | null, bytes: number): number {
  const from = Number(/^bytes=(\d{1,15})-$/.exec(range ?? '')?.[1] ?? 0)
  return from < bytes ? from : 0
}

export async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  const stream: ReadableStream<Uint8Array> | null = request.body
  if (stream === null) return
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // What nobody wants any more need not come.
    await reader.cancel().catch(() => undefined)
  }
}

function decoded(name: string): string | undefined {
  if (name === '') return undefined
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}

function told(
  status: number,
  words: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${words}\n`, {
    status,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
  })
}
