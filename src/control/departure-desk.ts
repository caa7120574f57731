/** What is wanted of sessions: taken up, on disk, in force; and said when it will not be had in time. */
import type { OutlookChange } from '../core/energy/follow-outlooks.js'
import { followOutlooks } from '../core/energy/follow-outlooks.js'
import { planAfter } from '../core/energy/session-plan.js'
import type { PlanChange } from '../core/energy/session-plan.js'
import { warningText } from '../core/energy/warning-text.js'
import type { Plan } from '../core/plan/plan-types.js'
import type { Instant, JournalEvent, OutlookJudged } from '../core/site/events.js'
import type { Site, Transaction } from '../core/site/state.js'
import { vehicleByTag } from '../core/site/vehicle.js'
import type { EditOutcome } from '../http/backend.js'
import type { Log } from '../ports.js'

export interface DepartureDesk {
  /** Once a second. */
  tick(): void
  /** Resolves when it is on disk and in force, or refused; rejects when the disk refuses. */
  plan(sessionId: string, change: PlanChange): Promise<EditOutcome>
}

export interface DepartureDeskOwner {
  readonly site: Site
  plan(): Plan
  now(): Instant
  /** Reduced when on disk. */
  durable(event: JournalEvent): Promise<void>
  /** Reduced at once, on disk within a minute. */
  note(event: JournalEvent): void
  wake(): void
}

const LOOK_MS = 5_000

export function createDepartureDesk(owner: DepartureDeskOwner, log: Log): DepartureDesk {
  const { site } = owner
  let lookedAtMs = -Infinity
  let last: Promise<unknown> = Promise.resolve()

  const look = (plannedId?: number): void => {
    const at = owner.now()
    for (const change of followOutlooks(site, owner.plan(), at, plannedId)) {
      const event = judged(site, change, at.wallMs)
      owner.note(event)
      const { state } = change
      log[state === 'fine' ? 'info' : 'warn']('departureOutlook', {
        transactionId: change.transaction.id,
        chargePoint: change.transaction.chargePointId,
        ...event.facts,
        state,
      })
    }
  }

  const planNow = async (sessionId: string, change: PlanChange): Promise<EditOutcome> => {
    const transaction = sessionOf(site, sessionId)
    if (!transaction) return gone(sessionId)
    const { id: transactionId, energyWh, idTag } = transaction
    const { wallMs } = owner.now()
    const { batteryKwh } = vehicleByTag(site.depot.vehicles, idTag) ?? {}
    const planned = planAfter(transaction.plan, change, { wallMs, energyWh, batteryKwh })
    if (!planned.ok) return planned
    const { plan } = planned
    await owner.durable({ type: 'sessionPlanned', transactionId, plan })
    if (!site.transactions.has(transactionId)) return gone(sessionId)
    log.info('sessionPlanned', { transactionId, ...plan })
    look(transactionId)
    owner.wake()
    return { ok: true }
  }

  return {
    tick() {
      const { nowMs } = owner.now()
      if (nowMs - lookedAtMs < LOOK_MS) return
      lookedAtMs = nowMs
      look()
    },

    plan(sessionId, change) {
      const outcome = last.then(() => planNow(sessionId, change))
      last = outcome.catch(() => undefined)
      return outcome
    },
  }
}

function sessionOf(site: Site, sessionId: string): Transaction | undefined {
  const transaction = site.transactions.get(Number(sessionId))
  return transaction && String(transaction.id) === sessionId ? transaction : undefined
}

function gone(sessionId: string): EditOutcome {
  const message = `no session with the id ${JSON.stringify(sessionId)} is going on`
  return { ok: false, problem: { kind: 'notFound', field: undefined, message } }
}

function judged(
  { rules }: Site,
  { transaction, state, outlook }: OutlookChange,
  wallMs: number,
): OutlookJudged {
  const { need, forecast, warning } = outlook
  return {
    type: 'outlookJudged',
    transactionId: transaction.id,
    state,
    wallMs,
    facts: {
      vehicleId: need.vehicle?.id,
      departureMs: need.departure?.atMs,
      wantedWh: rounded(need.wantedWh),
      expectedWh: rounded(forecast?.expectedWh),
      possibleWh: rounded(forecast?.possibleWh),
      text: warning && warningText(warning, wallMs, rules.timezone),
    },
  }
}

function rounded(wh: number | undefined): number | undefined {
  return wh === undefined ? undefined : Math.round(wh)
}
