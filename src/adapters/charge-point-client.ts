/** The other end of the line: a charge point that connects, says one thing and listens to the answer. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type RawData, WebSocket } from 'ws'
import { callText, parseFrame } from '../ocpp/frame.js'
import { messageBytes } from './message-bytes.js'
import { SUBPROTOCOL } from './upgrade-request.js'

/** Where a charge point connects to, and as whom. */
export interface ChargePointAddress {
  readonly host: string
  readonly port: number
  readonly chargePointId: string
  readonly proof?: ChargePointProof
}

/** What it has to show (OCPP 1.6 security whitepaper). */
export interface ChargePointProof {
  /** Sent as Basic authentication, as it is. */
  readonly password?: string
  /** Undefined: no TLS. PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

export interface ChargePointCall extends ChargePointAddress {
  readonly action: string
  readonly payload: object
  /** For connecting and the answer together, ms. */
  readonly timeoutMs: number
  /** Each frame of this call as it passes. */
  readonly trace: (direction: 'sent' | 'received', text: string) => void
}

export type CallOutcome =
  | { readonly type: 'result'; readonly payload: unknown }
  | { readonly type: 'error'; readonly code: string; readonly description: string }
  /** No connection: `problem` is the system's word for it. */
  | { readonly type: 'unreachable'; readonly url: string; readonly problem: string }
  /** HTTP said no before the upgrade. */
  | { readonly type: 'refused'; readonly status: number; readonly reason: string }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  | { readonly type: 'timeout'; readonly waitedFor: 'connection' | 'answer' }

/** The close handshake is a courtesy, ms. */
const CLOSE_WAIT_MS = 1000
/** Of an HTTP refusal, as much as is worth printing. */
const MAX_REASON_LENGTH = 500

export function chargePointUrl({ host, port, chargePointId, proof }: ChargePointAddress): string {
  const authority = host.includes(':') ? `[${host}]` : host
  const scheme = proof?.tls ? 'wss' : 'ws'
  return `${scheme}://${authority}:${port}/ocpp/${encodeURIComponent(chargePointId)}`
}

/** Throws when there can be no such URL. */
export function openChargePointSocket(address: ChargePointAddress): WebSocket {
  const { chargePointId, proof } = address
  const { password, tls } = proof ?? {}
  const login = Buffer.from(`${chargePointId}:${password}`).toString('base64')
  return new WebSocket(chargePointUrl(address), [SUBPROTOCOL], {
    perMessageDeflate: false,
    ...tls,
    ...(password !== undefined && { headers: { authorization: `Basic ${login}` } }),
  })
}

/** Connects, makes one call and leaves again. Never rejects. */
export async function callAsChargePoint(call: ChargePointCall): Promise<CallOutcome> {
  const { timeoutMs } = call
  const url = chargePointUrl(call)
  let socket: WebSocket
  try {
    socket = openChargePointSocket(call)
  } catch (error) {
    return { type: 'unreachable', url, problem: problemText(error) }
  }
  let deadline: NodeJS.Timeout | undefined
  const outcome = await new Promise<CallOutcome>((resolve) => {
    exchange(socket, url, call, resolve)
    deadline = setTimeout(() => {
      const waitedFor = socket.readyState === WebSocket.OPEN ? 'answer' : 'connection'
      resolve({ type: 'timeout', waitedFor })
    }, timeoutMs)
  })
  clearTimeout(deadline)
  await leave(socket)
  return outcome
}

function exchange(
  socket: WebSocket,
  url: string,
  { action, payload, trace }: ChargePointCall,
  settle: (outcome: CallOutcome) => void,
): void {
  const id = randomUUID()
  let opened = false
  socket.on('open', () => {
    opened = true
    const text = callText(id, action, payload)
    trace('sent', text)
    socket.send(text, () => {})
  })
  socket.on('message', (data: RawData) => {
    const text = messageBytes(data).toString('utf8')
    const frame = parseFrame(text)
    // What the controller asks meanwhile stays open: a refusal would tell it something untrue.
    if ((frame.type !== 'result' && frame.type !== 'error') || frame.id !== id) return
    trace('received', text)
    settle(frame)
  })
  socket.on('unexpected-response', (_request, response) => {
    readReason(response, (reason) => {
      settle({ type: 'refused', status: response.statusCode ?? 0, reason })
    })
  })
  socket.on('error', (error) => {
    // Afterwards `close` follows and knows the code.
    if (!opened) settle({ type: 'unreachable', url, problem: problemText(error) })
  })
  socket.on('close', (code, reason) => {
    settle({ type: 'closed', code, reason: reason.toString() })
  })
}

/** The text of an HTTP refusal, as much as is worth showing. */
export function readReason(response: IncomingMessage, done: (reason: string) => void): void {
  let reason = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    reason = (reason + chunk).slice(0, MAX_REASON_LENGTH)
  })
  response.on('error', () => done(reason.trim()))
  response.on('end', () => done(reason.trim()))
}

async function leave(socket: WebSocket): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN && socket.readyState !== WebSocket.CLOSING) {
    socket.terminate()
    return
  }
  await new Promise<void>((resolve) => {
    const deadline = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS)
    socket.once('close', () => {
      clearTimeout(deadline)
      resolve()
    })
    socket.close(1000)
  })
}

/** Several addresses that fail each for its own reason come as one error without a message. */
export function problemText(error: unknown): string {
  if (error instanceof AggregateError) {
    const errors: readonly unknown[] = error.errors
    return errors.map(problemText).join(', ')
  }
  return error instanceof Error ? error.message : String(error)
}
