/** Boot, heartbeat and status of a simulated charge point. */
import { after } from '../after.js'
import type { Cancel, Clock } from '../ports.js'
import type { ChargePointConfiguration } from './charge-point-configuration.js'
import type { Outbox } from './charge-point-outbox.js'
import type { CallOutcome, Wire } from './charge-point-wire.js'
import type { ConnectorState, SimulatedDevice } from './simulated-device.js'
import { numberOf, timeOf } from './wire-fields.js'
import type { Fields } from './wire-fields.js'

export interface Registration {
  isAccepted(): boolean
  connected(options: { readonly boots: boolean }): void
  disconnected(): void
  /** Switched off: it must boot again. */
  powerCycled(): void
  boot(): void
  heartbeat(): void
  heartbeatWhenDue(): void
  /** Tells what changed since it was last told. */
  reportStatus(): void
  /** Tells it anyway; connector 0 is the charge point itself. */
  repeatStatus(connectorId: number): void
  status(connectorId: number): string
}

const RETRY_MS = 10_000
const OWN_CHOICE_S = 30

export function chargePointRegistration(options: {
  readonly clock: Clock
  readonly device: SimulatedDevice
  readonly configuration: ChargePointConfiguration
  readonly wire: Wire
  readonly outbox: Outbox
  readonly identification: Fields
  readonly isOperative: () => boolean
  readonly isReserved: (connectorId: number) => boolean
}): Registration {
  const { clock, device, configuration, wire, outbox, identification, isOperative } = options
  const reported = new Map<number, string>()
  let isAccepted = false
  let cancelRetry: Cancel | undefined
  let heartbeatAtMs = Infinity

  return {
    isAccepted: () => isAccepted,
    connected({ boots }) {
      if (isAccepted && !boots) {
        outbox.open()
        heartbeatLater()
        reportStatus()
      } else {
        isAccepted = false
        boot()
      }
    },
    disconnected() {
      outbox.shut()
      cancelRetry?.()
      cancelRetry = undefined
    },
    powerCycled() {
      isAccepted = false
      outbox.shut()
    },
    boot,
    heartbeat,
    heartbeatWhenDue() {
      if (isAccepted && wire.isConnected() && clock.monotonic() >= heartbeatAtMs) heartbeat()
    },
    reportStatus,
    repeatStatus(connectorId) {
      if (isAccepted) report(connectorId)
    },
    status,
  }

  function boot(): void {
    if (!wire.isConnected()) return
    if (wire.isBusy()) return bootLater(1000)
    wire.call('BootNotification', identification, bootAnswered)
  }

  function bootAnswered(outcome: CallOutcome): void {
    const answer = outcome.type === 'result' ? outcome.payload : {}
    const intervalS = numberOf(answer['interval']) ?? 0
    syncClock(answer)
    if (answer['status'] !== 'Accepted') {
      // OCPP 1.6 4.2: an interval of 0 leaves the next attempt to the charge point.
      const isRefusal = answer['status'] === 'Pending' || answer['status'] === 'Rejected'
      isAccepted = false
      outbox.shut()
      bootLater(isRefusal ? (intervalS > 0 ? intervalS : OWN_CHOICE_S) * 1000 : RETRY_MS)
      return
    }
    isAccepted = true
    if (intervalS > 0) configuration.set('HeartbeatInterval', String(intervalS))
    heartbeatLater()
    reported.clear()
    outbox.open()
    reportStatus()
  }

  function bootLater(delayMs: number): void {
    cancelRetry?.()
    if (!wire.isConnected()) return
    cancelRetry = after(clock, delayMs, boot)
  }

  function heartbeat(): void {
    heartbeatLater()
    outbox.send('Heartbeat', {}, (outcome) => {
      if (outcome.type === 'result') syncClock(outcome.payload)
    })
  }

  function heartbeatLater(): void {
    const intervalS = configuration.number('HeartbeatInterval')
    heartbeatAtMs = intervalS > 0 ? clock.monotonic() + intervalS * 1000 : Infinity
  }

  function syncClock(answer: Fields): void {
    const ms = timeOf(answer['currentTime'])
    if (ms !== undefined) device.setWall(ms)
  }

  function reportStatus(): void {
    if (!isAccepted || !wire.isConnected()) return
    for (let id = 0; id <= device.connectors.length; id += 1) {
      if (reported.get(id) !== told(id)) report(id)
    }
  }

  function report(connectorId: number): void {
    reported.set(connectorId, told(connectorId))
    outbox.send(
      'StatusNotification',
      {
        connectorId,
        errorCode: errorCode(connectorId),
        status: status(connectorId),
        timestamp: device.timestamp(),
      },
      (outcome) => {
        if (outcome.type === 'unanswered') reported.delete(connectorId)
      },
    )
  }

  function told(connectorId: number): string {
    const code = errorCode(connectorId)
    return code === 'NoError' ? status(connectorId) : code
  }

  function errorCode(connectorId: number): string {
    return device.connector(connectorId)?.errorCode ?? 'NoError'
  }

  function status(connectorId: number): string {
    const connector = device.connector(connectorId)
    if (connector) {
      const said = connectorStatus(connector, device)
      return said === 'Available' && options.isReserved(connectorId) ? 'Reserved' : said
    }
    return isOperative() ? 'Available' : 'Unavailable'
  }
}

function connectorStatus(connector: ConnectorState, device: SimulatedDevice): string {
  const { ev, transaction, isOperative, isFinished, errorCode } = connector
  if (errorCode !== undefined) return 'Faulted'
  if (transaction) {
    // OCPP 1.6 4.9: SuspendedEVSE goes before SuspendedEV.
    if (device.offeredA(connector) === 0) return 'SuspendedEVSE'
    return device.drawA(connector) > 0 ? 'Charging' : 'SuspendedEV'
  }
  if (!isOperative) return 'Unavailable'
  if (!ev) return 'Available'
  return isFinished ? 'Finishing' : 'Preparing'
}
