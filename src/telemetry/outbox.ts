import type { UplinkEvent } from '../core/site/uplink.js'

/** What waits for the backend, in order, and what of it is on its way. Times are monotonic ms. */
export interface Outbox {
  /** Events come in the order of their seq. Returns the event given up to make room, if any. */
  add(event: UplinkEvent): UplinkEvent | undefined
  /**
   * Events to publish now, in order; they count as in flight until acknowledged or failed. Ask only
   * after the live state has been handed over, and only while connected.
   */
  next(nowMs: number): readonly UplinkEvent[]
  /** The broker has it. Returns false for an event that is not here (any more). */
  acknowledged(seq: number): boolean
  /** It may or may not have arrived: it goes again, before anything that has not left yet. */
  failed(seq: number, nowMs: number): void
  /** Everything in flight goes back to the front. */
  disconnected(): void
  /** Waiting and in flight. */
  readonly pending: number
  readonly inFlight: number
  /** Given up for lack of room since the start. */
  readonly dropped: number
  /** Everything before it is with the broker; undefined: nothing is pending. */
  readonly oldestSeq: number | undefined
}

export interface OutboxRules {
  readonly capacity: number
  /** Largest number in flight. */
  readonly window: number
  /** Sustained pace, so that a backlog does not flood the backend after a long outage. */
  readonly ratePerS: number
  /** Rest after a failure, doubled with each further one up to 32 times. */
  readonly retryMs: number
}

const DEFAULT_RULES: OutboxRules = { capacity: 10_000, window: 16, ratePerS: 20, retryMs: 1000 }

export function outbox(rules: Partial<OutboxRules> = {}): Outbox {
  const { capacity, window, ratePerS, retryMs } = { ...DEFAULT_RULES, ...rules }
  /** In order of seq: first those that went out, then those that did not. */
  const waiting: UplinkEvent[] = []
  const flying = new Map<number, UplinkEvent>()
  /** Failed while others were still in flight. */
  let returned: UplinkEvent[] = []
  let tokens = window
  let refilledMs: number | undefined
  let restUntilMs = -Infinity
  let failures = 0
  let dropped = 0

  /** Nothing may overtake a failed event: it waits until the fate of all in flight is known. */
  function settle(): void {
    if (returned.length === 0 || flying.size > 0) return
    waiting.unshift(...returned.toSorted((a, b) => a.seq - b.seq))
    returned = []
  }

  function refill(nowMs: number): void {
    const elapsedMs = nowMs - (refilledMs ?? nowMs)
    tokens = Math.min(window, tokens + (elapsedMs * ratePerS) / 1000)
    refilledMs = nowMs
  }

  /** The oldest that is no session record; sessions are money and go last. */
  function giveUpOne(): UplinkEvent | undefined {
    const oldest = waiting.findIndex((event) => event.type !== 'session')
    const [lost] = waiting.splice(Math.max(oldest, 0), 1)
    if (lost) dropped += 1
    return lost
  }

  return {
    add(event) {
      waiting.push(event)
      return waiting.length + flying.size + returned.length > capacity ? giveUpOne() : undefined
    },

    next(nowMs) {
      refill(nowMs)
      if (returned.length > 0 || nowMs < restUntilMs) return []
      const room = Math.min(window - flying.size, Math.floor(tokens))
      const leaving = waiting.splice(0, Math.max(room, 0))
      tokens -= leaving.length
      for (const event of leaving) flying.set(event.seq, event)
      return leaving
    },

    acknowledged(seq) {
      const known = flying.delete(seq)
      if (known) failures = 0
      settle()
      return known
    },

    failed(seq, nowMs) {
      const event = flying.get(seq)
      if (!event) return
      flying.delete(seq)
      returned.push(event)
      restUntilMs = nowMs + retryMs * 2 ** Math.min(failures, 5)
      failures += 1
      settle()
    },

    disconnected() {
      returned.push(...flying.values())
      flying.clear()
      settle()
      restUntilMs = -Infinity
      failures = 0
    },

    get pending() {
      return waiting.length + flying.size + returned.length
    },
    get inFlight() {
      return flying.size
    },
    get dropped() {
      return dropped
    },
    get oldestSeq() {
      const seqs = [waiting[0]?.seq, ...flying.keys(), ...returned.map((event) => event.seq)]
      const known = seqs.filter((seq) => seq !== undefined)
      return known.length === 0 ? undefined : Math.min(...known)
    },
  }
}
