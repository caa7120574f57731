/**
 * The frames of one connection on their way in. Who keeps to his rate is served as he speaks; who
 * does not waits for his turn, and when too much waits his socket is read no more until it is served.
 */
import type { Clock, Connection } from '../ports.js'
import type { FairTurns, Queue } from './fair-turns.js'

export interface InboxOwner {
  serve(text: string): void
  /** False: calls wait whatever their rate, as their answers could not leave. */
  mayServeCalls(): boolean
  /** So much came although nobody reads: the connection must go. */
  flooded(): void
  /** What was served in a turn of its own threw. */
  failed(error: unknown): void
}

export interface Inbox {
  arrived(text: string): void
  /** A ping costs as much as a frame. */
  pinged(): void
  /** Calls that had to wait may be served again. */
  look(): void
  readonly isPaused: boolean
  /** Nothing more is served. */
  close(): void
}

/** Of one charge point; beyond, others come first. */
const CALLS_PER_S = 20
const BURST = 60
/** A long frame costs as much as this many characters of short ones. */
const CHARACTERS_PER_CALL = 8_192
/** More than this waits: the socket is not read. */
const WAITING_MAX = 64
const WAITING_CHARACTERS_MAX = 262_144
/** The event loop is later than this: who waits at all is not read. */
const LATE_MS = 50
/** A paused socket still hands over what it had read: 64 KiB, of frames of 6 bytes. */
const FLOOD_MAX = 16_384
/** So few calls before it do not hold up an answer: the order is kept. */
const ORDER_KEPT_MAX = 8

export function createInbox(
  connection: Connection,
  owner: InboxOwner,
  { clock, turns }: { readonly clock: Clock; readonly turns: FairTurns },
): Inbox {
  const answers: string[] = []
  /** Undefined: a ping. */
  const calls: (string | undefined)[] = []
  let waitingCharacters = 0
  let credit = BURST
  let creditAtMs = clock.monotonic()
  let isPaused = false
  let isClosed = false

  const keepsToRate = (characters: number): boolean => {
    const nowMs = clock.monotonic()
    credit = Math.min(BURST, credit + ((nowMs - creditAtMs) * CALLS_PER_S) / 1000)
    creditAtMs = nowMs
    const cost = 1 + Math.floor(characters / CHARACTERS_PER_CALL)
    if (credit < cost) return false
    credit -= cost
    return true
  }

  const waiting = (): number => answers.length + calls.length

  const wait = (text: string | undefined): void => {
    if (text !== undefined && isAnswer(text) && mayOvertake()) {
      answers.push(text)
      turns.waitWithAnswers(answerQueue)
    } else {
      calls.push(text)
      turns.waitWithCalls(callQueue)
    }
    waitingCharacters += text?.length ?? 0
    if (waiting() > FLOOD_MAX) owner.flooded()
    else if (!isPaused && isTooMuch()) {
      isPaused = true
      connection.pause()
    }
  }

  const mayOvertake = (): boolean => calls.length >= ORDER_KEPT_MAX || !owner.mayServeCalls()

  const isTooMuch = (): boolean =>
    waiting() > WAITING_MAX || waitingCharacters > WAITING_CHARACTERS_MAX || turns.lateMs > LATE_MS

  const answerQueue: Queue = {
    isReady: () => answers.length > 0,
    serve: () => served(answers.shift()),
    isQueued: false,
  }

  const callQueue: Queue = {
    isReady: () => calls.length > 0 && owner.mayServeCalls(),
    serve: () => served(calls.shift()),
    isQueued: false,
  }

  const served = (text: string | undefined): number => {
    const length = text?.length ?? 0
    waitingCharacters -= length
    if (isPaused && waiting() === 0) {
      isPaused = false
      connection.resume()
    }
    if (text !== undefined) attempt(text)
    return length
  }

  /** No caller is there to whom it could throw. */
  const attempt = (text: string): void => {
    try {
      owner.serve(text)
    } catch (error) {
      owner.failed(error)
    }
  }

  return {
    arrived(text) {
      if (isClosed) return
      if (waiting() === 0 && keepsToRate(text.length) && owner.mayServeCalls()) owner.serve(text)
      else wait(text)
    },
    pinged() {
      if (!isClosed && !keepsToRate(0)) wait(undefined)
    },
    look() {
      if (calls.length > 0) turns.waitWithCalls(callQueue)
    },
    get isPaused() {
      return isPaused
    },
    close() {
      isClosed = true
      answers.length = 0
      calls.length = 0
    },
  }
}

/** Whether it answers a call of ours, as far as its beginning tells. */
function isAnswer(text: string): boolean {
  return /^\s*\[\s*[34]\s*,/.test(text)
}
