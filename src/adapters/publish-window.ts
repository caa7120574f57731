import type { Cancel, Clock, UpstreamMessage } from '../ports.js'
import { after } from '../after.js'
import { UpstreamError } from './upstream-error.js'

/** The publishes of one connection: bounded, each with a deadline, QoS 1 in order. */
export interface PublishWindow {
  /** Resolves when the broker has it (QoS 0: when it is written); rejects with an UpstreamError. */
  publish(message: UpstreamMessage): Promise<void>
  /** Rejects everything unanswered, and whatever comes later, with this error. */
  end(error: UpstreamError): void
}

/** Unanswered publishes, waiting ones included. */
const MAX_UNANSWERED = 64
const DEADLINE_MS = 10_000

interface Entry {
  readonly message: UpstreamMessage
  readonly resolve: () => void
  readonly reject: (error: UpstreamError) => void
  cancelDeadline: Cancel
  /** Given up, but still on the wire: it keeps its place until the broker answers. */
  late: boolean
}

export function publishWindow(options: {
  readonly clock: Clock
  /** How many QoS 1 messages the broker takes at once (MQTT 5 §3.2.2.3.3 Receive Maximum). */
  readonly receiveMaximum: number
  /** Writes the message; `done` tells the broker's answer. */
  readonly send: (message: UpstreamMessage, done: (error?: Error) => void) => void
  /** The broker has left a full window unanswered: the connection is of no use. */
  readonly stalled: () => void
}): PublishWindow {
  const { clock, send, stalled } = options
  const quota = Math.min(options.receiveMaximum, MAX_UNANSWERED)
  const unanswered = new Set<Entry>()
  const waiting: Entry[] = []
  let onTheWire = 0
  let late = 0
  let ended: UpstreamError | undefined

  function transmit(entry: Entry): void {
    const counted = entry.message.qos === 1 ? 1 : 0
    onTheWire += counted
    send(entry.message, (error) => {
      if (!unanswered.delete(entry)) return
      entry.cancelDeadline()
      onTheWire -= counted
      if (entry.late) late -= 1
      if (error) entry.reject(refusal(entry.message, error))
      else entry.resolve()
      pump()
    })
  }

  function pump(): void {
    while (onTheWire < quota) {
      const entry = waiting.shift()
      if (!entry) return
      transmit(entry)
    }
  }

  function overdue(entry: Entry): void {
    if (!waiting.includes(entry)) {
      entry.late = true
      entry.reject(tooLate(entry.message))
      late += 1
      if (late >= quota) stalled()
      return
    }
    // Those behind it must not overtake it, so they are given up with it.
    for (const unsent of waiting.splice(0)) {
      unanswered.delete(unsent)
      unsent.cancelDeadline()
      unsent.reject(tooLate(unsent.message))
    }
  }

  return {
    async publish(message) {
      if (ended) throw ended
      if (unanswered.size >= MAX_UNANSWERED) {
        throw new UpstreamError(
          'busy',
          `${message.topic}: ${MAX_UNANSWERED} publishes are unanswered already`,
        )
      }
      return new Promise<void>((resolve, reject) => {
        const entry: Entry = { message, resolve, reject, cancelDeadline: () => {}, late: false }
        entry.cancelDeadline = after(clock, DEADLINE_MS, () => overdue(entry))
        unanswered.add(entry)
        if (message.qos === 0) return transmit(entry)
        waiting.push(entry)
        pump()
      })
    },

    end(error) {
      ended ??= error
      for (const entry of unanswered) {
        entry.cancelDeadline()
        entry.reject(error)
      }
      unanswered.clear()
      waiting.length = 0
    },
  }
}

function tooLate({ topic }: UpstreamMessage): UpstreamError {
  return new UpstreamError('timeout', `${topic}: not acknowledged within ${DEADLINE_MS / 1000} s`)
}

function refusal({ topic }: UpstreamMessage, cause: Error): UpstreamError {
  return new UpstreamError('refused', `${topic}: the broker refused it: ${cause.message}`, cause)
}
