/** The limit the installed profiles make together, composed anew only when it may have changed. */
import type { ScheduleReading } from './charging-profile.js'
import type { ChargingProfiles, LimitQuestion } from './charging-profiles.js'

export interface LimitsInForce {
  limitA(connector: AskingConnector): number | undefined
}

/** Asked several times a second: what the answer depends on, in the flat. */
export interface AskingConnector {
  readonly connectorId: number
  readonly monotonicMs: number
  readonly wallMs: number
  /** Without one it is asked as if it began now. */
  readonly transaction:
    | { readonly id: number | undefined; readonly startedAtMs: number }
    | undefined
  readonly phases: number
  readonly sharing: number
}

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
  const composed: (Composed | undefined)[] = []

  return {
    limitA(connector) {
      const known = composed[connector.connectorId]
      if (known && isStill(known, connector)) return known.limitA
      const { connectorId, monotonicMs, wallMs, transaction, phases, sharing } = connector
      const question = questionOf(connector)
      const limitA = profiles.limitA(question)
      composed[connectorId] = {
        limitA,
        untilMs: profiles.limitHoldsUntilMs(question),
        revision: profiles.revision(),
        reading: reading(),
        wallOffsetMs: wallMs - monotonicMs,
        transaction,
        transactionId: transaction?.id,
        phases,
        sharing,
      }
      return limitA
    },
  }

  function isStill(known: Composed, asking: AskingConnector): boolean {
    return (
      asking.monotonicMs < known.untilMs &&
      profiles.revision() === known.revision &&
      reading() === known.reading &&
      asking.wallMs - asking.monotonicMs === known.wallOffsetMs &&
      asking.transaction === known.transaction &&
      asking.transaction?.id === known.transactionId &&
      asking.phases === known.phases &&
      asking.sharing === known.sharing
    )
  }
}

export function questionOf(asking: AskingConnector): LimitQuestion {
  const { connectorId, monotonicMs, wallMs, transaction, phases, sharing } = asking
  const transactionStartedAtMs = transaction?.startedAtMs ?? monotonicMs
  return {
    connectorId,
    at: { wallMs, monotonicMs, transactionStartedAtMs },
    transactionId: transaction?.id,
    phases,
    sharing,
  }
}
