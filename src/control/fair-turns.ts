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
  /** It stands in the ring. False at first, and then no matter of its owner. */
  isQueued: boolean
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
  const answers: Queue[] = []
  const calls: Queue[] = []
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
      if (answers.length + calls.length > 0) ask()
      else lateMs = 0
    }
  }

  const serve = (ring: Queue[]): void => {
    let met = 0
    try {
      while (met < ring.length && !isSpent()) {
        const queue = ring[met]
        met += 1
        if (queue && !serveOne(queue)) queue.isQueued = false
        // Put back it is met again in this walk, after all others.
        else if (queue) ring.push(queue)
      }
    } finally {
      ring.splice(0, met)
    }
  }

  /** Whether more waits there. */
  const serveOne = (queue: Queue): boolean => {
    if (!queue.isReady()) return false
    frames += 1
    characters += queue.serve()
    return queue.isReady()
  }

  const join = (ring: Queue[], queue: Queue): void => {
    if (!queue.isQueued) ring.push(queue)
    queue.isQueued = true
    ask()
  }

  /** What one turn may take. */
  const isSpent = (): boolean => frames >= FRAMES_MAX || characters >= CHARACTERS_MAX

  const ask = (): void => {
    if (askedAtMs !== undefined) return
    askedAtMs = clock.monotonic()
    clock.soon(turn)
  }

  return {
    waitWithAnswers: (queue) => join(answers, queue),
    waitWithCalls: (queue) => join(calls, queue),
    get lateMs() {
      return lateMs
    },
  }
}
