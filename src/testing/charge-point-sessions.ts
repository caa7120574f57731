/** Cars and transactions of a simulated charge point: from the plug to the StopTransaction. */
import type { Clock } from '../ports.js'
import type { Behaviour } from './behaviour.js'
import type { ChargePointConfiguration } from './charge-point-configuration.js'
import type { Outbox } from './charge-point-outbox.js'
import type { CallOutcome } from './charge-point-wire.js'
import type { ChargingProfiles } from './charging-profiles.js'
import type { ConnectorState, LocalTransaction, SimulatedDevice } from './simulated-device.js'
import type { SimulatedEv } from './simulated-ev.js'
import { integerOf, isFields } from './wire-fields.js'

/**
 * What came of a card: it starts a transaction or asks whether it may, stops its own, waits for a
 * car, or is none of the one whose transaction runs.
 */
export type ShownTag = 'starting' | 'stopped' | 'waiting' | 'refused'

export interface Sessions {
  /** `startsAfterMs`: so long the card is not shown. */
  plugIn(
    connector: ConnectorState,
    ev: SimulatedEv,
    idTag: string | undefined,
    startsAfterMs: number,
  ): void
  unplug(connector: ConnectorState): void
  showTag(connector: ConnectorState, idTag: string): ShownTag
  /** Starts what waits for a start; called each second and when that may have become possible. */
  beginWaiting(): void
  /** True when it will start, now or with the next car. */
  remoteStart(
    connector: ConnectorState,
    idTag: string,
    started: (transaction: LocalTransaction) => void,
  ): boolean
  /** What was said of a start before the power was lost is said again. */
  tellStart(
    connector: ConnectorState,
    transaction: LocalTransaction,
    payload: Readonly<Record<string, unknown>>,
  ): void
  /** False when no transaction runs there. */
  stop(connector: ConnectorState, reason: string): boolean
  /** It ends, and nobody will ever be told. */
  lose(connector: ConnectorState): void
  /** Whatever was being asked or awaited is forgotten. */
  powerCycled(): void
}

interface RemoteStart {
  readonly idTag: string
  readonly untilMs: number
  readonly started: (transaction: LocalTransaction) => void
}

const ASK_AGAIN_MS = 30_000

export function chargePointSessions(options: {
  readonly clock: Clock
  readonly device: SimulatedDevice
  readonly profiles: ChargingProfiles
  readonly configuration: ChargePointConfiguration
  readonly outbox: Outbox
  readonly behaviour: () => Behaviour
  /** `registering`: on the way from power-up to being accepted. */
  readonly reach: () => 'off' | 'offline' | 'registering' | 'online'
  readonly statusMayHaveChanged: () => void
  /** The reservation that a start uses up. */
  readonly reservationFor?: (connectorId: number, idTag: string) => number | undefined
  /** False: the connector is kept for somebody else. */
  readonly mayUse: (connectorId: number, idTag: string) => boolean
  /** What its own list says; undefined: nothing. */
  readonly listed: (idTag: string) => boolean | undefined
}): Sessions {
  const { clock, device, profiles, configuration, outbox, behaviour, reach } = options
  const { statusMayHaveChanged } = options
  const asking = new Set<ConnectorState>()
  const awaited = new Map<ConnectorState, RemoteStart>()
  /** Cards that wait for their car. */
  const shownTags = new Map<ConnectorState, { readonly idTag: string; readonly untilMs: number }>()

  return {
    plugIn(connector, ev, idTag, startsAfterMs) {
      if (connector.ev) throw new Error(`connector ${connector.id} has a car already`)
      ev.pluggedIn()
      connector.ev = ev
      const shown = shownTags.get(connector)
      shownTags.delete(connector)
      const isInTime = shown !== undefined && clock.monotonic() <= shown.untilMs
      connector.idTag = idTag ?? (isInTime ? shown.idTag : undefined)
      connector.isFinished = false
      connector.startNotBeforeMs = clock.monotonic() + startsAfterMs
      statusMayHaveChanged()
      begin(connector)
    },
    unplug(connector) {
      stop(connector, 'EVDisconnected')
      connector.ev = undefined
      connector.idTag = undefined
      connector.isFinished = false
      connector.isStuckAtZero = false
      asking.delete(connector)
      statusMayHaveChanged()
    },
    showTag(connector, idTag) {
      const { transaction } = connector
      if (transaction) {
        if (transaction.idTag !== idTag) return 'refused'
        stop(connector, 'Local')
        return 'stopped'
      }
      if (!connector.ev) {
        const waitMs = configuration.number('ConnectionTimeOut') * 1000
        shownTags.set(connector, { idTag, untilMs: clock.monotonic() + waitMs })
        return 'waiting'
      }
      connector.idTag = idTag
      connector.isFinished = false
      connector.startNotBeforeMs = clock.monotonic()
      begin(connector)
      return 'starting'
    },
    beginWaiting() {
      for (const connector of device.connectors) begin(connector)
    },
    remoteStart(connector, idTag, started) {
      if (connector.transaction || !connector.isOperative) return false
      if (connector.errorCode !== undefined) return false
      const waitMs = configuration.number('ConnectionTimeOut') * 1000
      awaited.set(connector, { idTag, untilMs: clock.monotonic() + waitMs, started })
      connector.isFinished = false
      return true
    },
    tellStart,
    stop,
    lose: (connector) => void end(connector),
    powerCycled() {
      asking.clear()
      awaited.clear()
      shownTags.clear()
    },
  }

  function begin(connector: ConnectorState): void {
    if (!connector.ev || connector.transaction || connector.isFinished) return
    if (!connector.isOperative || connector.errorCode !== undefined) return
    if (asking.has(connector) || reach() === 'off') return
    const remote = awaited.get(connector)
    awaited.delete(connector)
    if (remote && clock.monotonic() <= remote.untilMs) {
      remote.started(start(connector, remote.idTag))
      return
    }
    const { idTag } = connector
    if (behaviour().startsRemotelyOnly) return
    if (idTag === undefined || clock.monotonic() < connector.startNotBeforeMs) return
    if (!options.mayUse(connector.id, idTag)) return
    if (reach() === 'offline') {
      if (behaviour().startsOffline && mayStartOffline(idTag)) start(connector, idTag)
    } else if (reach() === 'online') {
      const isKnown = isSet('LocalPreAuthorize') && options.listed(idTag) === true
      if (behaviour().authorizesFirst && !isKnown) ask(connector, connector.ev, idTag)
      else start(connector, idTag)
    }
  }

  /** OCPP 1.6 3.5.2. */
  function mayStartOffline(idTag: string): boolean {
    const listed = options.listed(idTag)
    if (listed !== undefined) return listed && isSet('LocalAuthorizeOffline')
    return isSet('AllowOfflineTxForUnknownId')
  }

  function isSet(key: string): boolean {
    return configuration.text(key).toLowerCase() === 'true'
  }

  function ask(connector: ConnectorState, ev: SimulatedEv, idTag: string): void {
    asking.add(connector)
    outbox.send('Authorize', { idTag }, (outcome) => {
      if (connector.ev !== ev || !asking.delete(connector)) return
      if (outcome.type === 'result' && isAccepted(outcome.payload['idTagInfo'])) {
        if (!connector.transaction) start(connector, idTag)
      } else {
        // A refused car may be remembered by its driver; an unanswered question is asked again.
        const waitMs = outcome.type === 'unanswered' ? ASK_AGAIN_MS : Infinity
        connector.startNotBeforeMs = clock.monotonic() + (reach() === 'online' ? waitMs : 0)
      }
    })
  }

  function start(connector: ConnectorState, idTag: string): LocalTransaction {
    const transaction: LocalTransaction = {
      id: undefined,
      idTag,
      startedAtMs: clock.monotonic(),
      meterStartWh: Math.floor(connector.registerWh),
      wasOffered: false,
    }
    connector.transaction = transaction
    const timestamp = device.timestamp()
    const reservationId = options.reservationFor?.(connector.id, idTag)
    tellStart(connector, transaction, {
      connectorId: connector.id,
      idTag,
      meterStart: transaction.meterStartWh,
      timestamp,
      ...(reservationId !== undefined && { reservationId }),
    })
    statusMayHaveChanged()
    return transaction
  }

  function tellStart(
    connector: ConnectorState,
    transaction: LocalTransaction,
    payload: Readonly<Record<string, unknown>>,
  ): void {
    const settled = (outcome: CallOutcome): void => startAnswered(connector, transaction, outcome)
    outbox.keep('StartTransaction', () => payload, settled, transaction)
  }

  function startAnswered(
    connector: ConnectorState,
    transaction: LocalTransaction,
    outcome: CallOutcome,
  ): void {
    if (outcome.type !== 'result') return
    transaction.id = integerOf(outcome.payload['transactionId'])
    if (isAccepted(outcome.payload['idTagInfo']) || connector.transaction !== transaction) return
    if (isSet('StopTransactionOnInvalidId')) {
      stop(connector, 'DeAuthorized')
    }
  }

  function stop(connector: ConnectorState, reason: string): boolean {
    const transaction = end(connector)
    if (!transaction) return false
    const meterStop = Math.floor(connector.registerWh)
    const timestamp = device.timestamp()
    const payload = (): Readonly<Record<string, unknown>> => ({
      // Errata 3.18: -1 for a transaction whose start was never answered.
      transactionId: transaction.id ?? -1,
      idTag: transaction.idTag,
      meterStop,
      timestamp,
      reason,
    })
    outbox.keep('StopTransaction', payload, undefined, transaction)
    statusMayHaveChanged()
    return true
  }

  function end(connector: ConnectorState): LocalTransaction | undefined {
    const { transaction } = connector
    if (!transaction) return undefined
    device.tick()
    connector.transaction = undefined
    connector.isFinished = true
    profiles.transactionEnded(connector.id)
    // The contactor opens: the car sees it at once.
    device.tick()
    return transaction
  }
}

function isAccepted(idTagInfo: unknown): boolean {
  return isFields(idTagInfo) && idTagInfo['status'] === 'Accepted'
}
