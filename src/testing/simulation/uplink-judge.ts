/**
 * What reaches the backend: every record of a session once or more, the same each time, in order for
 * each charger, whatever the broker did; and not over and over while it is there.
 */
import type { UpstreamMessage } from '../../ports.js'
import { integerOf, isFields, textOf } from '../wire-fields.js'
import type { Fields } from '../wire-fields.js'
import type { Verdicts } from './verdicts.js'

export interface UplinkJudge {
  /** The controller hands this to the broker. */
  publishing(message: UpstreamMessage): void
  /** The broker, and so the backend, has it. */
  published(message: UpstreamMessage): void
  /** What was under way may or may not have arrived: it may come again. */
  interrupted(): void
  /** The broker takes so many more without saying so. */
  unacknowledged(count: number): void
  /** Everything was quiet for a while: what chargers were told has arrived by now. */
  finish(told: readonly ToldTransaction[]): void
}

/** A transaction whose start was answered, and perhaps its stop. */
export interface ToldTransaction {
  readonly id: number
  readonly where: string
  readonly isStopAnswered: boolean
}

export function uplinkJudge(options: {
  readonly verdicts: Verdicts
  readonly elapsedMs: () => number
}): UplinkJudge {
  const { verdicts, elapsedMs } = options
  /** Payloads by the id of the event. */
  const arrived = new Map<string, string>()
  const idBySeq = new Map<number, string>()
  const latestSeq = new Map<string, number>()
  /** Handed over since the last interruption. */
  const handedOver = new Set<string>()
  let mayRepeat = 0

  const violated = (where: string, what: string): void =>
    verdicts.violated({ invariant: 'uplink', atMs: elapsedMs(), where, what })

  return {
    publishing(message) {
      const event = eventOf(message)
      if (!event) return
      verdicts.checked('uplink')
      if (!handedOver.has(event.id)) handedOver.add(event.id)
      else if (mayRepeat > 0) mayRepeat -= 1
      else violated(event.id, 'is sent again although nothing was lost')
    },
    published(message) {
      const event = eventOf(message)
      if (!event) return
      const { id, seq, chargePointId } = event
      const { payload } = message
      const known = arrived.get(id)
      if (known !== undefined && known !== payload) {
        violated(id, `arrives as ${payload}, and was ${known}`)
      }
      if ((idBySeq.get(seq) ?? id) !== id) {
        violated(id, `arrives with the number ${seq}, which was that of ${idBySeq.get(seq) ?? ''}`)
      }
      idBySeq.set(seq, id)
      if (known !== undefined) return
      arrived.set(id, payload)
      if (chargePointId === undefined) return
      const latest = latestSeq.get(chargePointId) ?? -1
      if (seq < latest) violated(id, `arrives after number ${latest} of ${chargePointId}`)
      latestSeq.set(chargePointId, Math.max(latest, seq))
    },
    interrupted() {
      handedOver.clear()
    },
    unacknowledged(count) {
      mayRepeat += count
    },
    finish(told) {
      for (const { id, where, isStopAnswered } of told) {
        verdicts.checked('uplink')
        for (const what of isStopAnswered ? ['started', 'stopped'] : ['started']) {
          const event = `transaction-${id}-${what}`
          if (!arrived.has(event)) violated(where, `${event} has not reached the backend`)
        }
      }
    },
  }
}

interface HandedEvent {
  readonly id: string
  readonly seq: number
  readonly chargePointId: string | undefined
}

const EVENT_TOPIC = '/event/'

/** Undefined: not an event, but state, which is told as often as it changes. */
function eventOf({ topic, payload }: UpstreamMessage): HandedEvent | undefined {
  if (!topic.includes(EVENT_TOPIC)) return undefined
  const parsed: unknown = JSON.parse(payload)
  const fields: Fields = isFields(parsed) ? parsed : {}
  const data = isFields(fields['data']) ? fields['data'] : {}
  return {
    id: textOf(fields['id']) ?? '',
    seq: integerOf(fields['seq']) ?? -1,
    chargePointId: textOf(data['chargePointId']),
  }
}
