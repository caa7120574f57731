/**
 * What a charge point's message means for the site, and what it is answered. Pure: the events are
 * reduced by the controller, the reply leaves when they are as durable as they must be.
 */
import { isOfThePast } from '../core/limits/charger-clock.js'
import { reservationUsed } from '../core/operations/reservations.js'
import { firmwareAfterBoot, transferAfter } from '../core/operations/transfers.js'
import type { PhaseA } from '../core/phases.js'
import { authorise } from '../core/site/authorise.js'
import type { Instant, JournalEvent, LiveEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import { decideStart, decideStop } from '../core/site/decide-transaction.js'
import type { InboundMessage, MeterValues, StopTransaction } from '../ocpp/v16/messages.js'
import type { Sample } from '../ocpp/v16/meter-values.js'
import { signedValues } from '../ocpp/v16/signed-values.js'
import {
  authorizeReply,
  bootReply,
  dataTransferReply,
  emptyReply,
  heartbeatReply,
  startTransactionReply,
  stopTransactionReply,
} from '../ocpp/v16/replies.js'
import type { Reply } from '../ocpp/v16/replies.js'
import type { LogFields } from '../ports.js'

export interface Answer {
  readonly reply: Reply
  /** Must be on disk before the reply leaves. An empty list is a barrier: all before must be. */
  readonly durable: readonly JournalEvent[] | undefined
  /** On disk within a minute. */
  readonly lazy: readonly JournalEvent[]
  readonly live: readonly LiveEvent[]
  /** The next cycle should not wait for the tick. */
  readonly wake: boolean
  readonly note:
    | { readonly event: string; readonly fields: LogFields; readonly level: 'info' | 'warn' }
    | undefined
  readonly booted: boolean
}

const PLAIN = {
  durable: undefined,
  lazy: [],
  live: [],
  wake: false,
  note: undefined,
  booted: false,
} as const
/** A sample older than this by the charger's own clock is history from an offline queue. */
const CURRENT_MS = 300_000

export function answer(
  site: Site,
  chargePointId: string,
  message: Exclude<InboundMessage, { readonly type: 'signCertificate' }>,
  at: Instant,
  heartbeatIntervalS: number,
): Answer {
  switch (message.type) {
    case 'bootNotification':
      return {
        reply: bootReply({ status: 'Accepted', atMs: at.wallMs, intervalS: heartbeatIntervalS }),
        ...PLAIN,
        live: [{ type: 'rebooted', chargePointId }],
        lazy: [
          {
            type: 'identityNoted',
            chargePointId,
            vendor: message.vendor,
            model: message.model,
            firmwareVersion: message.firmwareVersion,
          },
          ...afterBoot(site, chargePointId, message.firmwareVersion, at),
        ],
        booted: true,
        wake: true,
        note: note('info', 'chargePointBooted', {
          vendor: message.vendor,
          model: message.model,
          firmware: message.firmwareVersion,
        }),
      }
    case 'heartbeat':
      return { reply: heartbeatReply(at.wallMs), ...PLAIN }
    case 'statusNotification':
      return {
        reply: emptyReply(),
        ...PLAIN,
        live: clockSeen(chargePointId, message.atMs, at),
        lazy: [
          {
            type: 'statusNoted',
            chargePointId,
            connectorId: message.connectorId,
            status: message.status,
            errorCode: message.errorCode === 'NoError' ? undefined : message.errorCode,
          },
        ],
      }
    case 'authorize':
      return {
        reply: authorizeReply(authorise(site, { chargePointId, idTag: message.idTag }, at)),
        ...PLAIN,
      }
    case 'startTransaction': {
      const decision = decideStart(
        site,
        {
          chargePointId,
          connectorId: message.connectorId,
          idTag: message.idTag,
          meterStartWh: message.meterStartWh ?? 0,
          startedWallMs: message.atMs,
        },
        at,
      )
      const { transactionId, idTagInfo } = decision
      const { reservationId } = message
      const used = reservationUsed(site.operations, chargePointId, reservationId, at.wallMs)
      return {
        reply: startTransactionReply({ transactionId, idTagInfo }),
        ...PLAIN,
        durable: used ? [...decision.events, used] : decision.events,
        wake: true,
        note: note('info', 'transactionStarted', {
          transactionId,
          connectorId: message.connectorId,
          idTagStatus: idTagInfo.status,
          repeated: decision.events.length === 0,
        }),
      }
    }
    case 'stopTransaction':
      return stop(site, chargePointId, message, at)
    case 'meterValues':
      return {
        reply: emptyReply(),
        ...PLAIN,
        live: meteredEvents(site, chargePointId, message, at),
      }
    case 'dataTransfer':
      // We extend nothing: OCPP 1.6 4.3 has a word for that, an error would not be one.
      return { reply: dataTransferReply('UnknownVendorId'), ...PLAIN }
    case 'firmwareStatusNotification':
    case 'diagnosticsStatusNotification':
    case 'logStatusNotification':
    case 'signedFirmwareStatusNotification':
      return {
        reply: emptyReply(),
        ...PLAIN,
        lazy: transferEvents(site, chargePointId, message, at),
        note: note('info', message.type, { status: message.status }),
      }
    case 'securityEventNotification':
      return {
        reply: emptyReply(),
        ...PLAIN,
        note: note('warn', 'securityEvent', { event: message.event, techInfo: message.techInfo }),
      }
  }
}

/** Of firmware or of a log. */
type TransferMessage = Extract<InboundMessage, { readonly type: `${string}StatusNotification` }>

/** What a notification says of a transfer, as far as it is new. */
function transferEvents(
  site: Site,
  chargePointId: string,
  message: TransferMessage,
  at: Instant,
): readonly JournalEvent[] {
  const { type, status } = message
  const requestId = 'requestId' in message ? message.requestId : undefined
  const isLog = type === 'logStatusNotification' || type === 'diagnosticsStatusNotification'
  const kind = isLog ? 'log' : 'firmware'
  const before = site.operations.byChargePoint.get(chargePointId)?.transfers.get(kind)
  const transfer = transferAfter(before, { status, requestId }, at.wallMs)
  return transfer ? [{ type: 'transferNoted', chargePointId, kind, transfer }] : []
}

/** Settings that waited for a boot count now, and other firmware is there or is not. */
function afterBoot(
  site: Site,
  chargePointId: string,
  to: string | undefined,
  at: Instant,
): readonly JournalEvent[] {
  const upkeep = site.operations.byChargePoint.get(chargePointId)
  if (!upkeep) return []
  const from = site.chargePoints.get(chargePointId)?.firmwareVersion
  const transfer = firmwareAfterBoot(upkeep, { from, to }, at.wallMs)
  return [
    ...(upkeep.rebootFor.size > 0 ? [{ type: 'settingsInForce', chargePointId } as const] : []),
    ...(transfer
      ? [{ type: 'transferNoted', chargePointId, kind: 'firmware', transfer } as const]
      : []),
  ]
}

function stop(site: Site, chargePointId: string, message: StopTransaction, at: Instant): Answer {
  const decision = decideStop(
    site,
    {
      chargePointId,
      transactionId: message.transactionId,
      idTag: message.idTag,
      meterStopWh: message.meterStopWh ?? message.sample?.energyWh,
      stoppedWallMs: message.atMs,
      reason: message.reason,
      signedValues: signedValues(message.transactionData),
    },
    at,
  )
  const status =
    message.idTag === undefined
      ? undefined
      : authorise(site, { chargePointId, idTag: message.idTag }, at)
  const isLost = decision.outcome === 'unknown' || decision.outcome === 'foreign'
  return {
    reply: stopTransactionReply(status),
    ...PLAIN,
    durable: decision.events,
    wake: true,
    note: isLost
      ? note('warn', 'sessionNotFound', {
          transactionId: message.transactionId,
          outcome: decision.outcome,
          meterStopWh: message.meterStopWh,
        })
      : note('info', 'transactionStopped', {
          transactionId: message.transactionId,
          reason: message.reason,
          repeated: decision.outcome === 'repeated',
          ...(decision.outcome === 'corrected' && { corrected: true }),
        }),
  }
}

function meteredEvents(
  site: Site,
  chargePointId: string,
  message: MeterValues,
  at: Instant,
): readonly LiveEvent[] {
  const { sample, connectorId } = message
  // -1 and 0 stand for an id it never learned (errata 3.18): what runs there is meant.
  const transactionId = (message.transactionId ?? 0) > 0 ? message.transactionId : undefined
  const ageMs = sample.atMs === undefined ? 0 : at.wallMs - sample.atMs
  const transaction = transactionId === undefined ? undefined : site.transactions.get(transactionId)
  // A wrong clock must not make live samples history: only a transaction that is history can.
  const isLive = transaction === undefined || at.nowMs >= transaction.liveFromMs
  const chargePoint = site.chargePoints.get(chargePointId)
  const isLate = chargePoint !== undefined && isOfThePast(chargePoint, -ageMs, at.nowMs)
  const metered: LiveEvent = {
    type: 'metered',
    chargePointId,
    connectorId,
    transactionId,
    currentA: currentOf(sample, phasesOf(site, chargePointId, connectorId)),
    powerW: sample.powerW,
    registerWh: sample.energyWh,
    soc: sample.soc,
    isCurrent: (isLive || ageMs < CURRENT_MS) && !isLate,
  }
  return isLive ? [metered, ...clockSeen(chargePointId, sample.atMs, at)] : [metered]
}

function clockSeen(
  chargePointId: string,
  atMs: number | undefined,
  at: Instant,
): readonly LiveEvent[] {
  return atMs === undefined
    ? []
    : [{ type: 'clockSeen', chargePointId, offsetMs: atMs - at.wallMs }]
}

function phasesOf(site: Site, chargePointId: string, connectorId: number): 1 | 3 {
  return site.tree.byChargePoint.get(chargePointId)?.get(connectorId)?.evse.phases ?? 3
}

/**
 * Amperes on the charge point's own phases. A phase that is there and of which it says nothing may
 * carry as much as the others: what it says of power may be of the same phase alone.
 */
function currentOf({ currentA, currentTotalA }: Sample, phases: 1 | 3): PhaseA | undefined {
  if (!currentA && currentTotalA === undefined) return undefined
  const { l1, l2, l3 } = currentA ?? {}
  const otherA = currentA ? Math.max(l1 ?? 0, l2 ?? 0, l3 ?? 0) : (currentTotalA ?? 0)
  const unsaidA = phases === 1 ? 0 : otherA
  return [l1 ?? otherA, l2 ?? unsaidA, l3 ?? unsaidA]
}

function note(level: 'info' | 'warn', event: string, fields: LogFields): Answer['note'] {
  return { level, event, fields }
}
