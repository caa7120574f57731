/**
 * Orders to charge points beside charging: fills in ids and places, sends them, and keeps what is
 * accepted. What becomes of firmware and logs comes later, in notifications, or does not come.
 */
import { expiredReservations, RESERVATIONS_MAX } from '../core/operations/reservations.js'
import { isOpen } from '../core/operations/transfers.js'
import type { Transfer, TransferKind } from '../core/operations/transfers.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { CallOrder, OrderOutcome } from '../http/call-order.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'
import { reserveNow } from '../ocpp/v16/reservation-calls.js'
import type { Log } from '../ports.js'
import { followedEvents } from './followed-calls.js'
import { readConfiguration } from './configuration-reader.js'
import type { ConfigurationRead } from './configuration-reader.js'
import { transferCall, transferRefused } from './transfer-calls.js'
import type { Places } from './transfer-calls.js'

export interface OperationsDesk {
  order(chargePointId: string, order: CallOrder): Promise<OrderOutcome>
  /** A call has ended, whoever made it. Resolves when what it changed is on disk. */
  called(chargePointId: string, call: OutboundCall | RawCall, end: CallEnd): Promise<void>
  readConfiguration(chargePointId: string): Promise<ConfigurationRead>
  /** Once a second. */
  tick(): void
}

export interface OperationsOwner {
  readonly site: Site
  /** Experts may send what they like. */
  readonly rawCalls: boolean
  readonly places: Places
  now(): Instant
  /** Sends it when its turn has come; tells `called` before it resolves. */
  request(chargePointId: string, call: OutboundCall | RawCall): Promise<CallEnd>
  commit(events: readonly JournalEvent[]): Promise<void>
  note(event: JournalEvent): void
}

/** Nothing heard of a transfer for this long: nobody waits for it any more. */
const SILENT_AFTER_MS = 30 * 60_000

export function createOperationsDesk(owner: OperationsOwner, log: Log): OperationsDesk {
  const { site, places } = owner
  /** When each open transfer last said something, monotonic; a restart begins to count anew. */
  const heard = new Map<string, { readonly sinceWallMs: number; readonly atMs: number }>()
  const reading = new Map<string, Promise<ConfigurationRead>>()

  const sent = async (
    chargePointId: string,
    call: OutboundCall | RawCall,
    facts: Extract<OrderOutcome, { type: 'ended' }>['facts'] = {},
  ): Promise<OrderOutcome> => {
    const end = await owner.request(chargePointId, call)
    return { type: 'ended', call, end, facts }
  }

  const reserve = async (
    chargePointId: string,
    order: Extract<CallOrder, { kind: 'reserve' }>,
  ): Promise<OrderOutcome> => {
    const { wallMs } = owner.now()
    const expiresAtMs = 'atMs' in order.until ? order.until.atMs : wallMs + order.until.forMs
    if (expiresAtMs <= wallMs) {
      return { type: 'impossible', kind: 'invalid', message: 'until is in the past' }
    }
    if (site.operations.reservations.size >= RESERVATIONS_MAX) {
      const message = `there are ${RESERVATIONS_MAX} reservations already`
      return { type: 'impossible', kind: 'conflict', message }
    }
    const reservationId = takeId(site)
    const { connectorId, idTag, parentIdTag } = order
    const call = reserveNow({ reservationId, connectorId, idTag, parentIdTag, expiresAtMs })
    return sent(chargePointId, call, { reservationId })
  }

  const transfer = async (
    chargePointId: string,
    order: Extract<CallOrder, { kind: 'firmware' | 'log' }>,
  ): Promise<OrderOutcome> => {
    const made = transferCall(chargePointId, order, takeId(site), places, owner.now().wallMs)
    if (typeof made === 'string') return { type: 'impossible', kind: 'conflict', message: made }
    const { kind, call, transfer: ordered } = made
    const before = site.operations.byChargePoint.get(chargePointId)?.transfers.get(kind)
    // Before it is asked: its first notification, or the file, may come before its answer.
    // On disk first, so that the place it is told outlives a power cut; what the disk refuses the
    // journal reports, and writes later.
    const noted = { type: 'transferNoted', chargePointId, kind, transfer: ordered } as const
    await owner.commit([noted]).catch(() => undefined)
    const { requestId } = ordered
    const outcome = await sent(chargePointId, call, { requestId })
    if (outcome.type !== 'ended') return outcome
    const after = transferRefused(call, outcome.end, currentOf(site, chargePointId, kind), {
      ordered,
      before,
      wallMs: owner.now().wallMs,
    })
    if (after) owner.note({ type: 'transferNoted', chargePointId, kind, transfer: after })
    return outcome
  }

  const watchTransfers = (): void => {
    const { nowMs, wallMs } = owner.now()
    for (const [chargePointId, { transfers }] of site.operations.byChargePoint) {
      for (const [kind, one] of transfers) {
        const key = `${chargePointId}|${kind}`
        if (!isOpen(one) || wallMs < one.dueWallMs) {
          heard.delete(key)
          continue
        }
        const last = heard.get(key)
        if (last?.sinceWallMs !== one.sinceWallMs) {
          heard.set(key, { sinceWallMs: one.sinceWallMs, atMs: nowMs })
          continue
        }
        if (nowMs - last.atMs < SILENT_AFTER_MS) continue
        heard.delete(key)
        const silent: Transfer = { ...one, state: 'silent', sinceWallMs: wallMs }
        owner.note({ type: 'transferNoted', chargePointId, kind, transfer: silent })
        const { order, status } = one
        log.warn('transferSilent', { chargePoint: chargePointId, order, lastStatus: status })
      }
    }
  }

  return {
    order(chargePointId, order) {
      switch (order.kind) {
        case 'call':
          return sent(chargePointId, order.call)
        case 'raw': {
          if (owner.rawCalls) return sent(chargePointId, order.call)
          const message =
            'raw calls are switched off here: set ocpp.raw_calls: true in the configuration file'
          return Promise.resolve({ type: 'forbidden', message })
        }
        case 'reserve':
          return reserve(chargePointId, order)
        case 'firmware':
        case 'log':
          return transfer(chargePointId, order)
      }
    },

    async called(chargePointId, call, end) {
      const events = followedEvents(chargePointId, call, end, owner.now().wallMs)
      if (events.length === 0) return
      // What the disk refuses the journal reports, and writes later.
      await owner.commit(events).catch(() => undefined)
    },

    readConfiguration(chargePointId) {
      const running = reading.get(chargePointId)
      if (running) return running
      const ask = (call: OutboundCall): Promise<CallEnd> => owner.request(chargePointId, call)
      const read = readConfiguration(ask).finally(() => reading.delete(chargePointId))
      reading.set(chargePointId, read)
      return read
    },

    tick() {
      for (const ended of expiredReservations(site.operations, owner.now())) owner.note(ended)
      watchTransfers()
    },
  }
}

function takeId({ operations }: Site): number {
  const id = operations.nextRequestId
  operations.nextRequestId += 1
  return id
}

function currentOf(site: Site, chargePointId: string, kind: TransferKind): Transfer | undefined {
  return site.operations.byChargePoint.get(chargePointId)?.transfers.get(kind)
}
