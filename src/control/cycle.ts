/**
 * One round of control: look, decide, send. Level-triggered: what is not acknowledged is decided
 * again, so retry, restart and reconnect are one path.
 */
import type { AdmissionRules } from '../core/balance/admit.js'
import { noteTurn } from '../core/balance/turns.js'
import { decide } from '../core/ledger/decide.js'
import type {
  AskCommand,
  ClearCommand,
  MarkCommand,
  ProfileCommand,
} from '../core/ledger/decide.js'
import { preferForms } from '../core/ledger/preferred-form.js'
import { lowerMark, markOfDoubt } from '../core/ledger/marks.js'
import type { Marked } from '../core/site/events.js'
import { plan } from '../core/plan/plan.js'
import type { Plan } from '../core/plan/plan-types.js'
import type { Instant, JournalEvent, LiveEvent } from '../core/site/events.js'
import { profileTimes } from '../core/site/profile-times.js'
import { NO_QUIRKS } from '../core/site/quirks.js'
import type { Connector, Site } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import { remoteStopTransaction } from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { Log } from '../ports.js'
import { clearCall, compositeCall, compositeLimitA, inFlightOf, profileCall } from './commands.js'
import type { Sessions } from './sessions.js'

export interface CycleOwner {
  readonly site: Site
  readonly sessions: Sessions
  now(): Instant
  live(event: LiveEvent): void
  /** Reduced when on disk. */
  durable(event: JournalEvent): Promise<void>
  note(event: JournalEvent): void
  wake(): void
}

export interface Cycle {
  run(): Plan
}

const SAME_A = 0.05
/** A charger that does not answer must not keep its own limits waiting. */
const ASK_TIMEOUT_MS = 5_000

export function createCycle(owner: CycleOwner, log: Log): Cycle {
  const { site, sessions } = owner
  const marking = new Set<string>()

  const isBusy = (chargePointId: string): boolean => sessions.get(chargePointId)?.isBusy() ?? true

  const mark = (command: MarkCommand): void => {
    const { chargePointId, connectorId } = command
    const key = `${chargePointId}#${connectorId}`
    if (marking.has(key)) return
    marking.add(key)
    const event: Marked = { type: 'marked', chargePointId, connectorId, mark: command.mark }
    // Until it is durable nothing above the old mark is sent; a disk that refuses keeps limits low.
    owner.durable(event).then(
      () => {
        marking.delete(key)
        owner.wake()
      },
      () => marking.delete(key),
    )
  }

  const send = (command: ProfileCommand, at: Instant): void => {
    const { chargePointId, connectorId } = command
    const address = { chargePointId, connectorId }
    const stop = stopInstead(site, command)
    const sent = sessions.get(chargePointId)?.call({
      call: stop ?? profileCall(site, command, at),
      timeoutMs: profileTimes(site, chargePointId).timeoutMs,
      ended: (end) => (stop ? stopEnded(command, end) : ended(command, end)),
    })
    if (sent !== true) return
    owner.live({ type: 'profileSent', ...address, inFlight: inFlightOf(site, command, at) })
    log.debug('profileSent', { ...command })
  }

  const clear = (command: ClearCommand): void => {
    const { chargePointId, connectorId, what } = command
    const cleared = { type: 'profileCleared', what, chargePointId, connectorId } as const
    const sent = sessions.get(chargePointId)?.call({
      call: clearCall(command),
      timeoutMs: profileTimes(site, chargePointId).timeoutMs,
      ended: (end) => {
        const isAnswered = (end.type === 'answered' || end.type === 'refused') && !end.late
        if (what === 'cutOff' && isAnswered) owner.live(cleared)
        owner.wake()
      },
    })
    // Whatever comes of it: an admission profile expires soon, and is not counted on.
    if (sent === true && what === 'admission') owner.live(cleared)
  }

  const ask = (command: AskCommand): void => {
    const { chargePointId, connectorId } = command
    const address = { chargePointId, connectorId }
    const sent = sessions.get(chargePointId)?.call({
      call: compositeCall(site, command),
      timeoutMs: ASK_TIMEOUT_MS,
      ended: (end) => {
        const limitA = compositeLimitA(site, command, end)
        if (limitA !== undefined) owner.live({ type: 'compositeNoted', ...address, limitA })
        owner.wake()
      },
    })
    if (sent === true) owner.live({ type: 'compositeNoted', ...address, limitA: undefined })
  }

  const ended = (command: ProfileCommand, end: CallEnd): void => {
    const { chargePointId, connectorId } = command
    // What timed out counts as ambiguous until something newer is acknowledged: late changes nothing.
    if ((end.type === 'answered' || end.type === 'refused') && end.late) return
    const answer = answerOf(end)
    owner.live({ type: 'profileAnswered', chargePointId, connectorId, answer })
    if (answer !== 'accepted') {
      log.warn('profileNotAccepted', {
        chargePoint: chargePointId,
        connector: connectorId,
        purpose: command.purpose,
        change: command.change,
        limitA: command.limitA,
        end: end.type,
        ...(end.type === 'refused' && { code: end.code }),
      })
    }
    owner.wake()
  }

  /** Until the transaction has ended nothing is known to be lower than before. */
  const stopEnded = (command: ProfileCommand, end: CallEnd): void => {
    if ((end.type === 'answered' || end.type === 'refused') && end.late) return
    const { chargePointId, connectorId, transactionId } = command
    owner.live({ type: 'profileAnswered', chargePointId, connectorId, answer: 'none' })
    const at = { chargePoint: chargePointId, connector: connectorId }
    log.warn('stoppedForLackOfRoom', { ...at, transactionId, end: end.type })
    owner.wake()
  }

  const noteMarks = (nowMs: number): void => {
    for (const [chargePointId, { connectors }] of site.chargePoints) {
      for (const { id: connectorId, ledger } of connectors.values()) {
        if (!ledger.seen) continue
        if (marking.size > 0 && marking.has(`${chargePointId}#${connectorId}`)) continue
        const doubt = markOfDoubt(ledger)
        if (doubt) {
          mark({ type: 'mark', chargePointId, connectorId, mark: doubt })
          continue
        }
        const lower = lowerMark(ledger, nowMs)
        if (lower) owner.note({ type: 'marked', chargePointId, connectorId, mark: lower })
      }
    }
  }

  return {
    run() {
      const at = owner.now()
      preferKnownForms(site)
      const current = plan(site, isBusy, at.nowMs, at.wallMs)
      noteTurns(current, site.rules, at.nowMs)
      for (const command of decide(site, current, isBusy, at.nowMs)) {
        if (command.type === 'mark') mark(command)
        else if (command.type === 'clear') clear(command)
        else if (command.type === 'ask') ask(command)
        else send(command, at)
      }
      for (const session of sessions.all()) session.pump()
      noteMarks(at.nowMs)
      return current
    },
  }
}

/** A charger that takes no limit of 0 is told to end the session. */
function stopInstead(
  site: Site,
  { purpose, limitA, chargePointId, transactionId }: ProfileCommand,
): OutboundCall | undefined {
  if (purpose !== 'transaction' || limitA > 0 || transactionId === undefined) return undefined
  const { quirks } = site.chargePoints.get(chargePointId) ?? {}
  return quirks?.values.pauseMethod === 'remoteStop'
    ? remoteStopTransaction(transactionId)
    : undefined
}

function preferKnownForms(site: Site): void {
  for (const chargePoint of site.chargePoints.values()) {
    const { id, quirks, capabilities, connectors } = chargePoint
    const evses = site.tree.byChargePoint.get(id)
    if (!evses || (quirks === NO_QUIRKS && !capabilities && !hasPreferred(connectors))) continue
    for (const [connectorId, connector] of connectors) {
      const evse = evses.get(connectorId)
      if (evse) preferForms(chargePoint, connector, evse, evses.size === 1)
    }
  }
}

/** What was known of it is not any more. */
function hasPreferred(connectors: ReadonlyMap<number, Connector>): boolean {
  for (const { ledger } of connectors.values()) {
    const { fallback, transaction } = ledger.forms
    if (fallback.preferred > 0 || transaction.preferred > 0 || ledger.hasOneLevel) return true
  }
  return false
}

function answerOf(end: CallEnd): 'accepted' | 'refused' | 'none' {
  switch (end.type) {
    case 'answered': {
      const decoded = decodeResult('SetChargingProfile', end.payload)
      if (!decoded.ok) return 'none'
      return decoded.result.status === 'Accepted' ? 'accepted' : 'refused'
    }
    case 'refused':
      return 'refused'
    case 'timedOut':
    case 'disconnected':
    case 'notSent':
      return 'none'
  }
}

function noteTurns(current: Plan, rules: AdmissionRules, nowMs: number): void {
  for (const { connector, targetA, committedA, reason, evse } of current.evses) {
    if (!connector || targetA === undefined) continue
    const isThere = committedA >= evse.evse.minCurrentA - SAME_A
    noteTurn(connector.turn, { targetA, isThere }, rules, nowMs)
    connector.offerReason = reason
  }
}
