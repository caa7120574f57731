/** OCPP-J 1.6 frames: text to message and back. Reading never throws, whatever the peer sends. */
import { cutText } from './cut-text.js'
import { nestsDeeperThan } from './json-depth.js'

/** Kept as the peer wrote it, since the answer must carry the same. Numbers occur in the field. */
export type MessageId = string | number

/** Spelt as in OCPP-J 1.6, including the misspelt one. */
export type ErrorCode =
  | 'NotImplemented'
  | 'NotSupported'
  | 'InternalError'
  | 'ProtocolError'
  | 'SecurityError'
  | 'FormationViolation'
  | 'PropertyConstraintViolation'
  | 'OccurenceConstraintViolation'
  | 'TypeConstraintViolation'
  | 'GenericError'

export interface CallFrame {
  readonly type: 'call'
  readonly id: MessageId
  readonly action: string
  /** As sent; absent and null are `{}`. Not checked to be an object. */
  readonly payload: unknown
}

export interface ResultFrame {
  readonly type: 'result'
  readonly id: MessageId
  /** As sent; absent and null are `{}`. Not checked to be an object. */
  readonly payload: unknown
}

export interface ErrorFrame {
  readonly type: 'error'
  readonly id: MessageId
  /** As sent, at most 255 characters: peers also send the spelling of 2.0.1 and codes of their own. */
  readonly code: string
  /** At most 255 characters. */
  readonly description: string
}

export type Frame =
  | CallFrame
  | ResultFrame
  | ErrorFrame
  /** OCPP-J 1.6 §4.1.3: an unknown message type is ignored. */
  | { readonly type: 'ignored'; readonly messageType: number }
  /** `id` is there when a CALLERROR can answer it. `reason` never quotes the frame. */
  | { readonly type: 'invalid'; readonly reason: string; readonly id?: MessageId }

/** An ordinary StopTransaction nests 7 deep. */
const MAX_DEPTH = 16
/** The standard says 36; longer ones occur and are echoed, but not without end. */
const MAX_ID_LENGTH = 255
const MAX_TEXT_LENGTH = 255

/** Reads one text frame. Never throws. */
export function parseFrame(text: string): Frame {
  if (nestsDeeperThan(text, MAX_DEPTH)) {
    return { type: 'invalid', reason: `nested deeper than ${MAX_DEPTH}` }
  }
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    // The parser's own message quotes the frame.
    return { type: 'invalid', reason: `not JSON (${text.length} characters)` }
  }
  if (!Array.isArray(frame)) return { type: 'invalid', reason: 'not an array' }
  const [messageType, id, third, fourth]: unknown[] = frame
  if (typeof messageType !== 'number') {
    return { type: 'invalid', reason: 'message type is not a number' }
  }
  if (messageType !== 2 && messageType !== 3 && messageType !== 4) {
    return { type: 'ignored', messageType }
  }
  if (!isMessageId(id)) {
    return {
      type: 'invalid',
      reason: `message id is not a string of at most ${MAX_ID_LENGTH} characters`,
    }
  }
  if (messageType === 3) return { type: 'result', id, payload: third ?? {} }
  if (messageType === 4) {
    return {
      type: 'error',
      id,
      code: typeof third === 'string' ? shortened(third) : 'GenericError',
      description: typeof fourth === 'string' ? shortened(fourth) : '',
    }
  }
  if (typeof third !== 'string') return { type: 'invalid', reason: 'action is not a string', id }
  return { type: 'call', id, action: third, payload: fourth ?? {} }
}

export function callText(id: string, action: string, payload: object): string {
  return JSON.stringify([2, id, action, payload])
}

export function resultText(id: MessageId, payload: object): string {
  return `[3,${JSON.stringify(id)},${JSON.stringify(payload)}]`
}

/** Always five elements; the description is cut at 255 characters and must not quote the payload. */
export function errorText(id: MessageId, code: ErrorCode, description: string): string {
  return JSON.stringify([4, id, code, shortened(description), {}])
}

function isMessageId(id: unknown): id is MessageId {
  return typeof id === 'string' ? id.length <= MAX_ID_LENGTH : Number.isFinite(id)
}

function shortened(text: string): string {
  return cutText(text, MAX_TEXT_LENGTH)
}
