/**
 * Asks the backend who may charge, and waits no longer than a charger can. What it says is kept; what
 * it says too late still counts for who has just begun.
 */
import { freshAnswer } from '../core/authorisation/backend-answers.js'
import { authoriseStart, isAskedFor } from '../core/site/authorise.js'
import type { IdTagInfo, Presented } from '../core/site/authorise.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { Site, Transaction } from '../core/site/state.js'
import { after } from '../after.js'
import type { Clock, Ids, Log } from '../ports.js'

export interface AuthorisationDesk {
  /** False: it is known without asking. */
  isNeeded(presented: Presented): boolean
  /** Resolves when the backend has answered, or has not within `waitMs`. Never rejects. */
  ask(presented: Presented, waitMs: number): Promise<void>
  /** The backend's answer; false: nobody asked that, or too long ago. */
  answered(answer: { readonly requestId: string; readonly info: IdTagInfo }): Promise<boolean>
}

export interface AuthorisationRequest extends Presented {
  readonly requestId: string
  readonly atMs: number
  /** Whoever answers later is too late for the charger. */
  readonly untilMs: number
}

export interface AuthorisationOwner {
  readonly site: Site
  now(): Instant
  commit(events: readonly JournalEvent[]): Promise<void>
  note(event: JournalEvent): void
  wake(): void
  /** False: the backend is away. */
  publish(request: AuthorisationRequest): boolean
}

interface Question extends Presented {
  readonly askedAtMs: number
  readonly waiting: (() => void)[]
}

const PENDING_MAX = 256
/** Its answer still counts for what has begun meanwhile. */
const LATE_MS = 60_000

export function createAuthorisationDesk(
  owner: AuthorisationOwner,
  ports: { readonly clock: Clock; readonly ids: Ids; readonly log: Log },
): AuthorisationDesk {
  const { site } = owner
  const { clock, ids, log } = ports
  /** By request id, oldest first. */
  const questions = new Map<string, Question>()

  const forgetOld = (nowMs: number): void => {
    for (const [id, { askedAtMs, waiting }] of questions) {
      const isOld = nowMs - askedAtMs > LATE_MS
      if (!isOld && questions.size < PENDING_MAX) return
      questions.delete(id)
      for (const done of waiting) done()
    }
  }

  const questionFor = (presented: Presented, waitMs: number): Question | undefined => {
    const { nowMs, wallMs } = owner.now()
    const key = presented.idTag.toLowerCase()
    const same = [...questions.values()].find(
      ({ idTag, askedAtMs }) => idTag.toLowerCase() === key && nowMs - askedAtMs < waitMs,
    )
    if (same) return same
    forgetOld(nowMs)
    const requestId = ids.next()
    const { chargePointId, idTag } = presented
    const times = { atMs: wallMs, untilMs: wallMs + waitMs }
    if (!owner.publish({ requestId, chargePointId, idTag, ...times })) return undefined
    const question = { chargePointId, idTag, askedAtMs: nowMs, waiting: [] }
    questions.set(requestId, question)
    return question
  }

  /** Those that have begun with this tag while nobody knew. */
  const judged = (idTag: string, { nowMs }: Instant): readonly JournalEvent[] => {
    const at = owner.now()
    return [...site.transactions.values()].flatMap((open): readonly JournalEvent[] => {
      const isNew = nowMs - open.monotonic.latestMs < LATE_MS && open.overtaken !== true
      if (!isNew || open.idTag.toLowerCase() !== idTag.toLowerCase()) return []
      const { status } = authoriseStart(site, { isHistory: false, ...startOf(open) }, at)
      if (status === open.idTagStatus) return []
      return [{ type: 'idTagJudged', transactionId: open.id, idTagStatus: status }]
    })
  }

  return {
    isNeeded: (presented) =>
      isAskedFor(site, presented) && freshAnswer(site, presented.idTag, owner.now()) === undefined,

    ask(presented, waitMs) {
      const question = questionFor(presented, waitMs)
      if (!question) return Promise.resolve()
      return new Promise((resolve) => {
        const cancel = after(clock, waitMs, () => {
          log.info('authorisationTooLate', { chargePoint: presented.chargePointId })
          resolve()
        })
        question.waiting.push(() => {
          cancel()
          resolve()
        })
      })
    },

    async answered({ requestId, info }) {
      const question = questions.get(requestId)
      if (!question) return false
      questions.delete(requestId)
      const at = owner.now()
      const { idTag, waiting } = question
      owner.note({ type: 'idTagAnswered', idTag, info, answeredWallMs: at.wallMs })
      const changes = judged(idTag, at)
      try {
        if (changes.length > 0) await owner.commit(changes)
      } finally {
        for (const done of waiting) done()
        owner.wake()
      }
      return true
    },
  }
}

function startOf({ chargePointId, connectorId, idTag }: Transaction) {
  return { chargePointId, connectorId, idTag }
}
