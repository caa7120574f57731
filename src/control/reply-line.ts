/**
 * The answers of one connection: each leaves when it is as durable as it must be, and after all before
 * it. A call that is repeated gets the answer that it got.
 */
import type { MessageId } from '../ocpp/frame.js'
import type { Clock } from '../ports.js'

export interface AnsweredCall {
  readonly id: MessageId
  /** The text of the whole frame. */
  readonly frame: string
}

export interface ReplyLine {
  /**
   * `durable` may bring another text for the answer. `call`: remembered, to answer its repeats the
   * same way.
   */
  reply(text: string, durable?: Promise<string | void>, call?: AnsweredCall): void
  /** True: this is a repeat, and is answered. */
  repeated(id: MessageId, frame: string): boolean
  /** Answers that have not left. */
  readonly waiting: number
  /** For how long some have waited, ms. */
  waitedMs(): number
}

interface Entry {
  readonly id: MessageId | undefined
  readonly frame: string | undefined
  /** Undefined: the disk refused, it must not be answered. */
  text: string | undefined
  isReady: boolean
}

/** A charge point has one call unanswered (OCPP-J 1.6 §4.1.1), so this is more than it repeats. */
const REMEMBERED = 4
/** A longer one is read again: what it tells is the same. */
const REMEMBERED_LENGTH_MAX = 2_048

export function replyLine(owner: {
  readonly clock: Clock
  send(text: string): void
  /** All that waited have left. */
  free(): void
}): ReplyLine {
  const { clock } = owner
  const unsent: Entry[] = []
  /** Latest last. */
  const recent: Entry[] = []
  let sinceMs = 0

  const push = (entry: Entry): void => {
    if (unsent.length === 0) sinceMs = clock.monotonic()
    unsent.push(entry)
  }

  const sendReady = (): void => {
    while (unsent[0]?.isReady === true) {
      const { text } = unsent.shift() ?? {}
      if (text !== undefined) owner.send(text)
    }
    if (unsent.length === 0) owner.free()
  }

  const remember = (entry: Entry): void => {
    recent.push(entry)
    if (recent.length > REMEMBERED) recent.shift()
  }

  return {
    reply(text, durable, call) {
      const isRemembered = call !== undefined && call.frame.length <= REMEMBERED_LENGTH_MAX
      const isNow = !durable && unsent.length === 0
      if (isNow) owner.send(text)
      if (isNow && !isRemembered) return
      const entry: Entry = { id: call?.id, frame: call?.frame, text, isReady: !durable }
      if (isRemembered) remember(entry)
      if (isNow) return
      push(entry)
      durable?.then(
        (instead) => {
          if (typeof instead === 'string') entry.text = instead
          entry.isReady = true
          sendReady()
        },
        () => {
          // Not on disk: no answer, the charge point sends it again. Never a CALLERROR for our own
          // trouble (3.7.1): it might drop the message.
          entry.text = undefined
          entry.isReady = true
          sendReady()
        },
      )
    },

    repeated(id, frame) {
      // Charge points that use one id for everything occur: only the last call with it counts.
      const entry = recent.findLast((each) => each.id === id)
      if (entry?.frame !== frame || entry.text === undefined) return false
      if (entry.isReady && unsent.length === 0) owner.send(entry.text)
      else push(entry)
      return true
    },

    get waiting() {
      return unsent.length
    },
    waitedMs: () => (unsent.length === 0 ? 0 : clock.monotonic() - sinceMs),
  }
}
