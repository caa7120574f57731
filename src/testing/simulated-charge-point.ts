/**
 * An OCPP 1.6-J charge point without sockets: give it a link, hand it what arrives, and cars. It says
 * what a real one would; beside that it tells a judge the truth about what it lets through.
 */
import type { Cancel, Clock } from '../ports.js'
import { OBEDIENT } from './behaviour.js'
import type { Behaviour, ScriptedAnswer } from './behaviour.js'
import { capabilities } from './charge-point-capabilities.js'
import { chargePointCommands } from './charge-point-commands.js'
import { chargePointConfiguration } from './charge-point-configuration.js'
import { memoryKeeper, restoreMemory } from './charge-point-memory.js'
import type { ChargePointMemory } from './charge-point-memory.js'
import { chargePointMeterValues } from './charge-point-meter-values.js'
import { chargePointOutbox } from './charge-point-outbox.js'
import { chargePointReadings } from './charge-point-readings.js'
import type { ChargePointReadings } from './charge-point-readings.js'
import { chargePointRegistration } from './charge-point-registration.js'
import { chargePointSessions } from './charge-point-sessions.js'
import type { ShownTag } from './charge-point-sessions.js'
import { chargePointWire } from './charge-point-wire.js'
import type { CallOutcome, ChargePointLink } from './charge-point-wire.js'
import type { ChargingProfile } from './charging-profile.js'
import { chargingProfiles } from './charging-profiles.js'
import type { InstalledProfile } from './charging-profiles.js'
import type { Random } from './random.js'
import { simulatedDevice } from './simulated-device.js'
import type { ConnectorOptions, ConnectorState } from './simulated-device.js'
import type { SimulatedEv } from './simulated-ev.js'
import type { Fields } from './wire-fields.js'
import { upkeepCommands } from './upkeep-commands.js'
import type { ChargePointFiles } from './upkeep-commands.js'

export interface SimulatedChargePointOptions {
  readonly identity: string
  /** Connectors 1, 2, ... */
  readonly connectors: readonly ConnectorOptions[]
  readonly clock: Clock
  readonly random: Random
  readonly behaviour?: Partial<Behaviour>
  readonly vendor?: string
  readonly model?: string
  readonly firmwareVersion?: string
  /** What outlives its process; default: nothing does. */
  readonly memory?: ChargePointMemory
  /** Real transfers for firmware and diagnostics; default: as if. */
  readonly files?: ChargePointFiles
}

export interface SimulatedChargePoint extends ChargePointReadings {
  readonly identity: string
  readonly connectors: readonly ConnectorOptions[]
  /** False while it reboots: nothing can be connected. */
  isUp(): boolean
  connect(link: ChargePointLink): void
  received(text: string): void
  /** The link is gone, whoever ended it. */
  disconnected(): void

  /** Physics and everything that is due by time; `start` calls it each second. */
  tick(): void
  start(): void
  stop(): void

  /** With an id tag the car asks to charge by itself, at once or `startsAfterMs` later. Throws when a car is there already. */
  plugIn(
    connectorId: number,
    ev: SimulatedEv,
    options?: { readonly idTag?: string; readonly startsAfterMs?: number },
  ): void
  unplug(connectorId: number): void
  /** Somebody holds a card to the reader. */
  showTag(connectorId: number, idTag: string): ShownTag
  /** An error code of OCPP 1.6 7.6; it ends what runs there. Undefined: the fault is gone. */
  fault(connectorId: number, errorCode: string | undefined): void
  /** Power is lost and returns: transactions end, and it must boot again. */
  reboot(options?: { readonly keepProfiles?: boolean; readonly reason?: string }): void
  behave(change: Partial<Behaviour>): void
  behaviour(): Behaviour
  /** False: what happens while nobody listens is never told. */
  keepOfflineQueue(keeps: boolean): void
  /** Says so now, with what it measures. */
  sendMeterValues(connectorId: number): void
  /** Any CALL, in its turn; unanswered while it is not registered. */
  send(action: string, payload: Fields, settled: (outcome: CallOutcome) => void): void
  /** What becomes of the next CALLs of this action, in order. */
  answerNext(action: string, answers: readonly ScriptedAnswer[]): void

  isConnected(): boolean
  /** The central system has accepted it. */
  isAccepted(): boolean
  status(connectorId: number): string
  profiles(): readonly InstalledProfile[]
  configuration(key: string): string
  /** Sets a key as somebody at the charge point would, read-only or not. */
  configure(key: string, value: string): void
  /** Its idea of UTC. */
  wallMs(): number
  /** CALLs received, by action. */
  callsReceived(): ReadonlyMap<string, number>
  /** Messages about transactions that wait for an answer. */
  keptMessages(): number
  /** Nothing waits to be said or answered. */
  isIdle(): boolean
  /** What arrived that no charge point could understand; the first 100. */
  complaints(): readonly string[]
}

const REBOOT_MS = 5000
/** After power-up a car waits this long for the first connection before it starts without. */
const OFFLINE_START_MS = 15_000
const CALL_TIMEOUT_MS = 30_000
const MAX_COMPLAINTS = 100

export function simulatedChargePoint(options: SimulatedChargePointOptions): SimulatedChargePoint {
  const { identity, clock, random } = options
  let behaviour: Behaviour = { ...OBEDIENT, ...options.behaviour }
  const complaints: string[] = []
  let ticking: Cancel | undefined
  let upAtMs = clock.monotonic()
  let keepsOffline = true

  const complain = (problem: string): void => {
    if (complaints.length < MAX_COMPLAINTS) complaints.push(problem)
  }
  const behaves = (): Behaviour => behaviour
  const isUp = (): boolean => clock.monotonic() >= upAtMs
  const statusMayHaveChanged = (): void => registration.reportStatus()

  const configuration = chargePointConfiguration(capabilities(behaviour, options.connectors.length))
  const profiles = chargingProfiles(
    {
      get maxStackLevel() {
        return behaviour.maxStackLevel
      },
      get maxPeriods() {
        return behaviour.maxPeriods
      },
      maxProfiles: configuration.number('MaxChargingProfilesInstalled'),
    },
    behaves,
  )
  if (behaviour.leftoverLimitA > 0) {
    profiles.install(0, leftover(behaviour.leftoverLimitA), clock.monotonic())
  }
  const device = simulatedDevice({
    clock,
    connectors: options.connectors,
    profiles,
    behaviour: behaves,
  })
  const wire = chargePointWire({
    clock,
    callTimeoutMs: CALL_TIMEOUT_MS,
    answerDelayMs: () => behaviour.answerDelayMs,
    answer: (action, payload) => commands.answer(action, payload),
    complain,
  })
  const outbox = chargePointOutbox({
    clock,
    wire,
    maxErrors: () => configuration.number('TransactionMessageAttempts'),
    retryMs: () => configuration.number('TransactionMessageRetryInterval') * 1000,
    replays: () => behaviour.replaysOfflineQueue,
    keepsOffline: () => keepsOffline,
  })
  const registration = chargePointRegistration({
    clock,
    device,
    configuration,
    wire,
    outbox,
    identification: {
      chargePointVendor: options.vendor ?? 'Yardmaster',
      chargePointModel: options.model ?? 'Simulated',
      chargePointSerialNumber: identity.slice(0, 25),
      firmwareVersion: options.firmwareVersion ?? '1.0.0',
    },
    isOperative: () => device.connectors.some((connector) => connector.isOperative),
    isReserved: (connectorId) => upkeep.isReserved(connectorId),
  })
  const shared = { clock, device, configuration, outbox, behaviour: behaves }
  const upkeep = upkeepCommands({
    clock,
    device,
    outbox,
    configuration,
    files: options.files,
    diagnostics: () => JSON.stringify(Object.fromEntries(commands.received())),
  })
  const sessions = chargePointSessions({
    ...shared,
    mayUse: (connectorId, idTag) => upkeep.mayUse(connectorId, idTag),
    listed: (idTag) => upkeep.listed(idTag),
    reservationFor: (connectorId, idTag) => upkeep.usedReservation(connectorId, idTag),
    profiles,
    reach() {
      if (!isUp()) return 'off'
      if (wire.isConnected()) return registration.isAccepted() ? 'online' : 'registering'
      return clock.monotonic() < upAtMs + OFFLINE_START_MS ? 'registering' : 'offline'
    },
    statusMayHaveChanged,
  })
  const meterValues = chargePointMeterValues({ ...shared, random })
  const commands = chargePointCommands({
    ...shared,
    upkeep,
    profiles,
    sessions,
    registration,
    meterValues,
    reset: (type) => reboot({ reason: `${type}Reset` }),
    statusMayHaveChanged,
    complain,
  })

  const parts = { identity, clock, device, profiles, configuration, outbox, upkeep }
  const { memory } = options
  if (memory?.saved) restoreMemory(memory.saved, parts, sessions)
  const remember = memory && memoryKeeper(memory, parts)

  return {
    ...chargePointReadings(device, connectorAt),
    identity,
    connectors: options.connectors,
    isUp,
    connect(link) {
      // A second connection takes over from the first.
      if (wire.isConnected()) unlinked()
      wire.connect(remember ? remembering(link, remember) : link)
      registration.connected({ boots: behaviour.bootsOnReconnect })
    },
    received(text) {
      if (isUp()) wire.received(text)
    },
    disconnected,
    tick,
    start() {
      ticking ??= clock.every(1000, tick)
    },
    stop() {
      ticking?.()
      ticking = undefined
    },
    plugIn(connectorId, ev, { idTag, startsAfterMs = 0 } = {}) {
      sessions.plugIn(connectorAt(connectorId), ev, idTag, startsAfterMs)
    },
    unplug: (connectorId) => sessions.unplug(connectorAt(connectorId)),
    showTag: (connectorId, idTag) => sessions.showTag(connectorAt(connectorId), idTag),
    fault(connectorId, errorCode) {
      const connector = connectorAt(connectorId)
      connector.errorCode = errorCode
      if (errorCode !== undefined) sessions.stop(connector, 'Other')
      statusMayHaveChanged()
    },
    keepOfflineQueue(keeps) {
      keepsOffline = keeps
    },
    sendMeterValues: (id) => meterValues.sample(connectorAt(id), 'Sample.Periodic'),
    send: (action, payload, settled) => outbox.send(action, payload, settled),
    reboot,
    behave(change) {
      behaviour = { ...behaviour, ...change }
      const able = capabilities(behaviour, options.connectors.length)
      for (const [key, value] of Object.entries(able)) configuration.set(key, value)
    },
    behaviour: behaves,
    answerNext: (action, answers) => commands.script(action, answers),

    isConnected: () => wire.isConnected(),
    isAccepted: () => registration.isAccepted(),
    status: (id) => registration.status(id),
    profiles: () => profiles.all(),
    configuration: (key) => configuration.text(key),
    configure: (key, value) => configuration.set(key, value),
    wallMs: () => device.wallMs(),
    callsReceived: () => commands.received(),
    keptMessages: () => outbox.keptCount(),
    isIdle: () => outbox.isIdle(),
    complaints: () => complaints,
  }

  function tick(): void {
    device.tick()
    if (!isUp()) return
    endAtZero()
    sessions.beginWaiting()
    meterValues.sampleWhenDue()
    registration.heartbeatWhenDue()
    statusMayHaveChanged()
    remember?.()
  }

  /** Once it knows of what transaction the limit is. */
  function endAtZero(): void {
    if (!behaviour.endsSessionAtZero) return
    for (const connector of device.connectors) {
      const { transaction } = connector
      const isTold = transaction?.id !== undefined && device.limitA(connector) === 0
      if (isTold) sessions.stop(connector, 'Local')
    }
  }

  function unlinked(): void {
    wire.disconnected()
    registration.disconnected()
  }

  function disconnected(): void {
    unlinked()
    if (behaviour.dropsProfilesOnDisconnect) profiles.clear({})
  }

  function reboot({
    keepProfiles = !behaviour.dropsProfilesOnReboot,
    reason = 'Reboot',
  }: { readonly keepProfiles?: boolean; readonly reason?: string } = {}): void {
    upAtMs = clock.monotonic() + REBOOT_MS
    registration.powerCycled()
    if (behaviour.losesTransactionsOnReboot) outbox.forget()
    for (const connector of device.connectors) {
      if (behaviour.losesTransactionsOnReboot) sessions.lose(connector)
      else sessions.stop(connector, reason)
      connector.isFinished = false
      connector.startNotBeforeMs = upAtMs
    }
    sessions.powerCycled()
    commands.powerCycled()
    if (!keepProfiles) profiles.clear({})
    wire.close()
  }

  function connectorAt(id: number): ConnectorState {
    const connector = device.connector(id)
    if (!connector) throw new Error(`${identity} has no connector ${id}`)
    return connector
  }
}

/** Without an end, from a central system that is gone. */
function leftover(limit: number): ChargingProfile {
  return {
    id: 9000,
    stackLevel: 0,
    purpose: 'ChargePointMaxProfile',
    kind: 'Absolute',
    unit: 'A',
    periods: [{ startS: 0, limit }],
    transactionId: undefined,
    recurrenceS: undefined,
    validFromMs: undefined,
    validToMs: undefined,
    durationS: undefined,
    startMs: 0,
  }
}

/** It says nothing that it would not know after a loss of power. */
function remembering(link: ChargePointLink, remember: () => void): ChargePointLink {
  return {
    send(text) {
      remember()
      link.send(text)
    },
    close: () => link.close(),
  }
}
