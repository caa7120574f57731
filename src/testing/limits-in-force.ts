/** The limit the installed profiles make together, composed anew only when it may have changed. */
import type { ScheduleReading } from './charging-profile.js'
import type { ChargingProfiles, LimitQuestion } from './charging-profiles.js'

export interface LimitsInForce {
  /**
   * What the profiles answer. `transaction` is the one the question is about; a question without
   * one must be asked as if it began at that instant.
   */
  limitA(question: LimitQuestion, transaction: object | undefined): number | undefined
}

/** All the answer depends on, beside the passing of time. */
interface Composed {
  readonly limitA: number | undefined
  /** Monotonic. */
  readonly untilMs: number
  readonly revision: number
  readonly reading: ScheduleReading
  readonly wallOffsetMs: number
  readonly transaction: object | undefined
  readonly transactionId: number | undefined
  readonly phases: number
  readonly sharing: number
}

export function limitsInForce(
  profiles: ChargingProfiles,
  reading: () => ScheduleReading,
): LimitsInForce {
  /** By connector. */
  const composed = new Map<number, Composed>()

  return {
    limitA(question, transaction) {
      const known = composed.get(question.connectorId)
      if (known && isStill(known, question, transaction)) return known.limitA
      const { at, transactionId, phases, sharing } = question
      const limitA = profiles.limitA(question)
      composed.set(question.connectorId, {
        limitA,
        untilMs: profiles.limitHoldsUntilMs(question),
        revision: profiles.revision(),
        reading: reading(),
        wallOffsetMs: at.wallMs - at.monotonicMs,
        transaction,
        transactionId,
        phases,
        sharing,
      })
      return limitA
    },
  }

  function isStill(
    known: Composed,
    { at, transactionId, phases, sharing }: LimitQuestion,
    transaction: object | undefined,
  ): boolean {
    return (
      at.monotonicMs < known.untilMs &&
      profiles.revision() === known.revision &&
      reading() === known.reading &&
      at.wallMs - at.monotonicMs === known.wallOffsetMs &&
      transaction === known.transaction &&
      transactionId === known.transactionId &&
      phases === known.phases &&
      sharing === known.sharing
    )
  }
}
