/** The operator's page: static files that hold nothing of the site, so they need no token. */
import type { Peer } from './app.js'
import { rateLimit } from './rate-limit.js'

export interface PageFile {
  /** Without a folder, such as `main.js`; `index.html` is the page itself. */
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Changes with the content. */
  readonly hash: string
}

/** Undefined: the path is none of the page's. */
export type StaticPage = (request: Request, peer: Peer) => Response | undefined

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

// Nothing from elsewhere, nothing inline, no frame around it, no text that becomes markup.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  // Asked for again each time, answered with 304: a new version is there at once.
  'cache-control': 'no-cache',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** `monotonic`: ms, for the rate limit. */
export function staticPage(files: readonly PageFile[], monotonic: () => number): StaticPage {
  const byPath = new Map(
    files.map((file) => [file.name === 'index.html' ? '/' : `/page/${file.name}`, file]),
  )
  const limit = rateLimit({ perSecond: 100, burst: 400, maxAddresses: 1000 })
  return (request, { remoteAddress }) => {
    const file = byPath.get(new URL(request.url).pathname)
    if (!file) return undefined
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') return plain(405, { allow: 'GET, HEAD' })
    const waitS = limit.take(remoteAddress, monotonic())
    if (waitS !== undefined) return plain(429, { 'retry-after': String(waitS) })
    const etag = `"${file.hash}"`
    const headers = { ...HEADERS, etag }
    if (request.headers.get('if-none-match')?.includes(etag) === true) {
      return new Response(null, { status: 304, headers })
    }
    const type = TYPES[file.name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    return new Response(method === 'HEAD' ? null : file.bytes, {
      headers: { ...headers, 'content-type': type, 'content-length': String(file.bytes.length) },
    })
  }
}

function plain(status: 405 | 429, headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { status, headers: { ...HEADERS, ...headers } })
}
