/** What the backend has said of id tags: kept for a while, and remembered for the time without it. */
import type { IdTagInfo } from '../site/authorise.js'
import type { IdTagAnswered, Instant } from '../site/events.js'
import type { Site } from '../site/state.js'

export interface BackendAnswer {
  readonly info: IdTagInfo
  /** Monotonic; after it the backend is asked again. */
  readonly freshUntilMs: number
}

/** Where the backend decides who may charge. */
export interface AuthorisationRules {
  /** Its answers count for so long without asking again. */
  readonly cacheMs: number
  /** Who may charge while it does not answer. */
  readonly offline: 'accept-known' | 'accept-all' | 'refuse'
}

const ANSWERS_MAX = 10_000

export function applyAnswered(site: Site, event: IdTagAnswered, { nowMs, wallMs }: Instant): void {
  const { idTag, info, answeredWallMs } = event
  const key = idTag.toLowerCase()
  // What is read from disk after a jump of the clock is not fresher than it was.
  const ageMs = Math.max(0, wallMs - answeredWallMs)
  const cacheMs = site.rules.authorisation?.cacheMs ?? 0
  site.backendAnswers.delete(key)
  site.backendAnswers.set(key, { info, freshUntilMs: nowMs + cacheMs - ageMs })
  if (site.backendAnswers.size <= ANSWERS_MAX) return
  const oldest = site.backendAnswers.keys().next()
  if (!oldest.done) site.backendAnswers.delete(oldest.value)
}

/** Undefined: the backend is to be asked. */
export function freshAnswer(site: Site, idTag: string, { nowMs }: Instant): IdTagInfo | undefined {
  const answer = site.backendAnswers.get(idTag.toLowerCase())
  return answer && nowMs < answer.freshUntilMs ? answer.info : undefined
}
