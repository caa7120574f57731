/** Who may use the API: this machine itself without a token, everybody else with one. */
import { refusal } from './refusal.js'

export interface AccessRules {
  /** False: even loopback needs the token. */
  readonly loopbackTrust: boolean
  /** True for the bearer token of this site. */
  verify(token: string): boolean
}

/** Undefined: come in. Otherwise the answer to give. */
export function denied(
  request: Request,
  remoteAddress: string,
  rules: AccessRules,
): Response | undefined {
  const authorization = request.headers.get('authorization')
  if (authorization !== null) {
    const token = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1]
    if (token !== undefined && rules.verify(token)) return undefined
    return unauthorized('the bearer token is not that of this site', ', error="invalid_token"')
  }
  if (!rules.loopbackTrust || !isLoopback(remoteAddress) || isForwarded(request.headers)) {
    return unauthorized('send the token of this site: "Authorization: Bearer TOKEN"', '')
  }
  const host = request.headers.get('host') ?? new URL(request.url).host
  // DNS rebinding: a page from elsewhere whose name was made to point here.
  if (!isLocalHost(host) || !isLocalHost(new URL(request.url).host)) {
    return refusal(403, `without a token the host must be localhost, got ${JSON.stringify(host)}`)
  }
  // CSRF: another page in this machine's browser.
  if (isForeign(request.headers, host)) {
    return refusal(403, 'a page of another origin may not use this API without a token')
  }
  return undefined
}

function unauthorized(message: string, detail: string): Response {
  return refusal(401, message, [], { 'www-authenticate': `Bearer realm="yardmaster"${detail}` })
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address)
}

/** A proxy on this machine speaks for somebody else. */
function isForwarded(headers: Headers): boolean {
  return [...headers.keys()].some(
    (name) => name === 'forwarded' || name === 'via' || /^x-(forwarded|real-ip)/.test(name),
  )
}

function isLocalHost(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host)
}

function isForeign(headers: Headers, host: string): boolean {
  const origin = headers.get('origin')
  const isSame = origin === null || /^https?:\/\/(.*)$/i.exec(origin)?.[1] === host
  const site = headers.get('sec-fetch-site')
  return !isSame || (site !== null && site !== 'same-origin' && site !== 'none')
}
