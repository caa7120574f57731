/**
 * Who asks for more than his share waits here for his turn: one frame of each in a round, and no more
 * in one turn of the event loop than leaves everybody else served in time.
 */
import type { Clock } from '../ports.js'

/** Frames of one connection that wait. */
export interface Queue {
  /** Some wait, and may be served now. */
  isReady(): boolean
  /** Serves the first one; says how long it was. */
  serve(): number
}

export interface FairTurns {
  /** Its answers to our calls, which come before anybody's calls. Idempotent. */
  waitWithAnswers(queue: Queue): void
  waitWithCalls(queue: Queue): void
  /** How late the event loop came back last while somebody waited, ms. */
  readonly lateMs: number
}

/** Of one turn of the event loop. */
const FRAMES_MAX = 64
const CHARACTERS_MAX = 262_144

export function fairTurns(clock: Clock): FairTurns {
  const answers = new Set<Queue>()
  const calls = new Set<Queue>()
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

  const serve = (ring: Set<Queue>): void => {
    for (const queue of ring) {
      if (frames >= FRAMES_MAX || characters >= CHARACTERS_MAX) return
      ring.delete(queue)
      if (!queue.isReady()) continue
      frames += 1
      characters += queue.serve()
      // Put back it is met again in this walk, after all others.
      if (queue.isReady()) ring.add(queue)
    }
  }

  const ask = (): void => {
    if (askedAtMs !== undefined) return
    askedAtMs = clock.monotonic()
    clock.soon(turn)
  }

  return {
    waitWithAnswers(queue) {
      answers.add(queue)
      ask()
    },
    waitWithCalls(queue) {
      calls.add(queue)
      ask()
    },
    get lateMs() {
      return lateMs
    },
  }
}
