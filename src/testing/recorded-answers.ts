/** What charge points answered in a log, for a controller that asks again. */
import { ocppFrame } from './frame-file.js'
import type { LoggedFrame } from './frame-file.js'
import type { Fields } from './wire-fields.js'

export interface RecordedAnswer {
  /** Of the frame, without its id: `[3, payload]` or `[4, code, ...]`; undefined: it said nothing. */
  readonly tail: readonly unknown[] | undefined
  readonly delayMs: number
}

export interface RecordedAnswers {
  /**
   * To this call, else the next one to such a call, else the last one again. Undefined: it was never
   * asked such a thing.
   */
  take(chargePointId: string, action: string, payload: Fields): RecordedAnswer | undefined
}

interface Entry {
  readonly action: string
  readonly said: string
  readonly askedMs: number
  answer: RecordedAnswer
  isTaken: boolean
}

export function recordedAnswers(frames: readonly LoggedFrame[]): RecordedAnswers {
  const entries = new Map<string, Entry[]>()
  const open = new Map<string, Entry>()
  for (const { kind, text, ms, chargePointId } of frames) {
    const frame = kind === 'sent' || kind === 'received' ? ocppFrame(text) : undefined
    if (!frame) continue
    const key = `${chargePointId} ${frame.id}`
    if (kind === 'sent' && frame.type === 'call') {
      const { action, payload } = frame
      const answer = { tail: undefined, delayMs: 0 }
      const entry = { action, said: JSON.stringify(payload), askedMs: ms, answer, isTaken: false }
      entries.set(chargePointId, [...(entries.get(chargePointId) ?? []), entry])
      open.set(key, entry)
    } else if (kind === 'received' && frame.type === 'answer') {
      const entry = open.get(key)
      if (entry) entry.answer = { tail: frame.tail, delayMs: ms - entry.askedMs }
    }
  }

  return {
    take(chargePointId, action, payload) {
      const all = (entries.get(chargePointId) ?? []).filter((entry) => entry.action === action)
      const said = JSON.stringify(payload)
      const fresh = all.filter(({ isTaken }) => !isTaken)
      const entry = fresh.find((each) => each.said === said) ?? fresh[0] ?? all.at(-1)
      if (entry) entry.isTaken = true
      return entry?.answer
    },
  }
}
