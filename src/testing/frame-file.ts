/** A downloaded log of frames as a replay reads it: one JSON object a line. */
import { frameSchema } from '../http/frame-shape.js'
import { isFields, textOf, timeOf } from './wire-fields.js'
import type { Fields } from './wire-fields.js'

/** What a line of the file tells. */
export interface LoggedFrame {
  /** Of the file, from 1. */
  readonly line: number
  readonly wallMs: number
  /** Monotonic of the process that wrote it. */
  readonly ms: number
  readonly chargePointId: string
  readonly kind: 'received' | 'sent' | 'opened' | 'closing' | 'closed' | 'refused' | 'gap'
  readonly text: string
}

export type FrameFile =
  | { readonly ok: true; readonly frames: readonly LoggedFrame[] }
  | { readonly ok: false; readonly problems: readonly string[] }

const MAX_PROBLEMS = 10

export function parseFrameFile(text: string, name = 'frames'): FrameFile {
  const frames: LoggedFrame[] = []
  const problems: string[] = []
  text.split('\n').forEach((content, index) => {
    if (content.trim() === '') return
    const line = index + 1
    const read = frameSchema.safeParse(jsonOf(content))
    const wallMs = read.success ? timeOf(read.data.time) : undefined
    if (!read.success || wallMs === undefined) {
      const issue = read.success ? undefined : read.error.issues[0]
      const what = issue ? `${issue.path.join('.')} ${issue.message}`.trim() : 'time is none'
      problems.push(`${name}:${line}: this is no line of a frame log (${what})`)
      return
    }
    const { ms, charge_point: chargePointId, kind, text: said } = read.data
    frames.push({ line, wallMs, ms, chargePointId, kind, text: said })
  })
  if (problems.length > 0) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
  if (frames.length === 0) {
    return {
      ok: false,
      problems: [`${name}: it is empty; yardmaster frames CHARGER downloads one`],
    }
  }
  return { ok: true, frames }
}

export type OcppFrame =
  | {
      readonly type: 'call'
      readonly id: string
      readonly action: string
      readonly payload: Fields
    }
  | { readonly type: 'answer'; readonly id: string; readonly tail: readonly unknown[] }

/** Undefined: what no OCPP frame is. */
export function ocppFrame(text: string): OcppFrame | undefined {
  const frame = jsonOf(text)
  if (!Array.isArray(frame)) return undefined
  const [type, id, third, fourth]: readonly unknown[] = frame
  if (typeof id !== 'string') return undefined
  if (type === 2 && typeof third === 'string') {
    return {
      type: 'call',
      id,
      action: textOf(third) ?? '',
      payload: isFields(fourth) ? fourth : {},
    }
  }
  const isAnswer = type === 3 || type === 4
  return isAnswer ? { type: 'answer', id, tail: [type, ...frame.slice(2)] } : undefined
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
