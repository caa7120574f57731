/**
 * Who asks for more than his share waits here for his turn: one frame of each in a round, and no more
 * in one turn of the event loop than leaves everybody else served in time.
 */
import type { Clock } from '../ports.js'

/** Serves one frame and says how long it was; undefined: none waits, or none may be served now. */
export type ServeOne = () => number | undefined

export interface FairTurns {
  /** Its answers to our calls, which come before anybody's calls. Idempotent. */
  waitWithAnswers(serve: ServeOne): void
  waitWithCalls(serve: ServeOne): void
  /** How late the event loop came back last while somebody waited, ms. */
  readonly lateMs: number
}

/** Of one turn of the event loop. */
const FRAMES_MAX = 64
const CHARACTERS_MAX = 262_144

export function fairTurns(clock: Clock): FairTurns {
  const answers = new Set<ServeOne>()
  const calls = new Set<ServeOne>()
  let askedAtMs: number | undefined
  let lateMs = 0
  let frames = 0
  let characters = 0

  const turn = (): void => {
    lateMs = clock.monotonic() - (askedAtMs ?? 0)
    askedAtMs = undefined
    frames = 0
    characters = 0
    try {
      serve(answers)
      serve(calls)
    } finally {
      if (answers.size + calls.size > 0) ask()
      else lateMs = 0
    }
  }

  const serve = (ring: Set<ServeOne>): void => {
    // Who is put back is met again in the same walk, after all others.
    for (const one of ring) {
      if (frames >= FRAMES_MAX || characters >= CHARACTERS_MAX) return
      ring.delete(one)
      const length = one()
      if (length === undefined) continue
      frames += 1
      characters += length
      ring.add(one)
    }
  }

  const ask = (): void => {
    if (askedAtMs !== undefined) return
    askedAtMs = clock.monotonic()
    clock.soon(turn)
  }

  return {
    waitWithAnswers(one) {
      answers.add(one)
      ask()
    },
    waitWithCalls(one) {
      calls.add(one)
      ask()
    },
    get lateMs() {
      return lateMs
    },
  }
}
