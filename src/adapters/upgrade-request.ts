/** Who wants to open a WebSocket, read from the HTTP upgrade request. Never throws, whatever it holds. */
import type { IncomingMessage } from 'node:http'

export const SUBPROTOCOL = 'ocpp1.6'

export type UpgradeRequest =
  | { readonly type: 'valid'; readonly identity: string }
  | { readonly type: 'invalid'; readonly status: number; readonly reason: string }

/** OCPP-J 1.6 §3.1.1 sets no bound; serial numbers stay far below this. */
const MAX_IDENTITY_LENGTH = 128
/** First path segments that are never a charge point id in the short form `/{id}`. */
const RESERVED = new Set(['api', 'ocpp'])
/** RFC 6455 §4.1: 16 bytes in base64. */
const WEBSOCKET_KEY = /^[+/0-9A-Za-z]{22}==$/

/**
 * The charge point id of an upgrade request to `/ocpp/{id}` or `/{id}`, or the HTTP status that
 * refuses it. `assumeSubprotocol` takes a charge point that offers no subprotocol at all.
 */
export function readUpgradeRequest(
  { method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  { assumeSubprotocol }: { readonly assumeSubprotocol: boolean },
): UpgradeRequest {
  if (method !== 'GET') return invalid(405, 'a WebSocket handshake is a GET request')
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return invalid(400, 'only an upgrade to websocket is possible')
  }
  if (headers['sec-websocket-version'] !== '13') {
    return invalid(426, 'WebSocket version 13 is needed')
  }
  if (!WEBSOCKET_KEY.test(headers['sec-websocket-key'] ?? '')) {
    return invalid(400, 'Sec-WebSocket-Key is missing or malformed')
  }
  const path = readIdentity(url)
  if (path.type === 'invalid') return path
  const offered = headers['sec-websocket-protocol']
  const speaksOcpp16 =
    offered === undefined ? assumeSubprotocol : offersSubprotocol(offered, SUBPROTOCOL)
  return speaksOcpp16 ? path : invalid(400, `offer the WebSocket subprotocol ${SUBPROTOCOL}`)
}

function readIdentity(url: string): UpgradeRequest {
  if (!url.startsWith('/')) return invalid(400, 'the request target must be a path')
  const [path = ''] = url.split(/[?#]/, 1)
  const segments = path.slice(1).split('/')
  if (segments.length > 1 && segments.at(-1) === '') segments.pop()
  const [first = '', second, third] = segments
  if (first === 'ocpp' && second !== undefined) {
    // Some charge points append their id to an address that ends with it already.
    const count = third === second ? 3 : 2
    return segments.length === count ? decoded(second) : invalid(404, 'use /ocpp/{chargePointId}')
  }
  if (segments.length !== 1 || RESERVED.has(first)) {
    return invalid(404, 'use /ocpp/{chargePointId}')
  }
  return decoded(first)
}

/** OCPP-J 1.6 §3.1.1: the charge point id is percent-encoded, so an id may hold a slash. */
function decoded(segment: string): UpgradeRequest {
  let identity: string
  try {
    identity = decodeURIComponent(segment)
  } catch {
    return invalid(400, 'the charge point id has a malformed percent escape')
  }
  if (identity.trim() === '') return invalid(400, 'the charge point id is empty')
  if (identity.length > MAX_IDENTITY_LENGTH) {
    return invalid(400, `the charge point id is longer than ${MAX_IDENTITY_LENGTH} characters`)
  }
  if (/\p{Cc}/u.test(identity)) {
    return invalid(400, 'the charge point id has control characters')
  }
  return { type: 'valid', identity }
}

function offersSubprotocol(header: string, subprotocol: string): boolean {
  return header.split(',').some((offer) => offer.trim() === subprotocol)
}

function invalid(status: number, reason: string): UpgradeRequest {
  return { type: 'invalid', status, reason }
}
