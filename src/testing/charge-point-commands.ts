/** What a simulated charge point answers to CALLs of the central system, and does about them. */
import type { Clock } from '../ports.js'
import type { Behaviour, ScriptedAnswer } from './behaviour.js'
import type { ChargePointConfiguration } from './charge-point-configuration.js'
import type { MeterValues } from './charge-point-meter-values.js'
import type { Outbox } from './charge-point-outbox.js'
import type { Registration } from './charge-point-registration.js'
import type { Sessions } from './charge-point-sessions.js'
import type { Answer } from './charge-point-wire.js'
import { profileCommands } from './profile-commands.js'
import type { ChargingProfiles } from './charging-profiles.js'
import type { ConnectorState, SimulatedDevice } from './simulated-device.js'
import type { UpkeepCommands } from './upkeep-commands.js'
import { integerOf, textOf } from './wire-fields.js'
import type { Fields } from './wire-fields.js'

export interface Commands {
  answer(action: string, payload: Fields): Answer
  /** CALLs received, by action. */
  received(): ReadonlyMap<string, number>
  /** What becomes of the next CALLs of this action, in order. */
  script(action: string, answers: readonly ScriptedAnswer[]): void
  /** What was accepted but has not taken effect is lost. */
  powerCycled(): void
}

export interface CommandContext {
  readonly clock: Clock
  readonly device: SimulatedDevice
  readonly profiles: ChargingProfiles
  readonly configuration: ChargePointConfiguration
  readonly sessions: Sessions
  readonly registration: Registration
  readonly meterValues: MeterValues
  readonly behaviour: () => Behaviour
  readonly outbox: Outbox
  readonly upkeep: UpkeepCommands
  readonly reset: (type: 'Hard' | 'Soft') => void
  readonly statusMayHaveChanged: () => void
  readonly complain: (problem: string) => void
}

type Handler = (payload: Fields) => Answer

export function chargePointCommands(context: CommandContext): Commands {
  const { device, configuration, sessions, registration, meterValues, behaviour } = context
  const received = new Map<string, number>()
  const scripts = new Map<string, ScriptedAnswer[]>()
  const ofProfiles = profileCommands(context)

  const handlers = new Map<string, Handler>([
    ...ofProfiles.handlers,
    ...context.upkeep.handlers,
    ['GetConfiguration', getConfiguration],
    ['ChangeConfiguration', changeConfiguration],
    ['TriggerMessage', triggerMessage],
    ['ExtendedTriggerMessage', triggerMessage],
    ['RemoteStartTransaction', remoteStart],
    ['RemoteStopTransaction', remoteStop],
    [
      'Reset',
      (payload) => {
        const type = payload['type'] === 'Hard' ? 'Hard' : 'Soft'
        return { afterwards: () => context.reset(type), ...status('Accepted') }
      },
    ],
    ['ChangeAvailability', changeAvailability],
    ['UnlockConnector', unlockConnector],
  ])

  return {
    answer(action, payload) {
      received.set(action, (received.get(action) ?? 0) + 1)
      const { neverAnswers } = behaviour()
      if (neverAnswers.includes(action) || neverAnswers.includes('*')) return { type: 'nothing' }
      const handler = handlers.get(action)
      if (!handler) return { type: 'error', code: 'NotImplemented', description: action }
      const scripted = scripts.get(action)?.shift() ?? 'normal'
      if (scripted === 'silent') return { type: 'nothing' }
      if (scripted === 'reject') return status('Rejected')
      const answer = handler(payload)
      return scripted === 'loseAnswer' ? { type: 'nothing' } : answer
    },
    received: () => received,
    script(action, answers) {
      scripts.set(action, [...answers])
    },
    powerCycled: () => ofProfiles.powerCycled(),
  }

  function changeConfiguration(payload: Fields): Answer {
    const key = textOf(payload['key']) ?? ''
    const value = textOf(payload['value']) ?? ''
    const { leastSampleIntervalS, refusesMeasurands, bootsAboveMeasurands } = behaviour()
    const isTooOften = key === 'MeterValueSampleInterval' && Number(value) < leastSampleIntervalS
    const measurands = key === 'MeterValuesSampledData' ? value.split(',') : []
    const isRefused = measurands.some((name) => refusesMeasurands.includes(name))
    if (isTooOften || isRefused) return status('Rejected')
    const answer = status(configuration.change(key, value))
    if (measurands.length <= bootsAboveMeasurands) return answer
    return { ...answer, afterwards: () => context.reset('Soft') }
  }

  function getConfiguration(payload: Fields): Answer {
    const asked = Array.isArray(payload['key']) ? payload['key'].map(String) : []
    if (asked.length !== 1 && behaviour().tellsSettingsByNameOnly) {
      return { type: 'error', code: 'InternalError', description: 'not all at once' }
    }
    const configurationKey = configuration.entries(asked)
    const known = new Set(configurationKey.map(({ key }) => key))
    const unknownKey = asked.filter((key) => !known.has(key))
    return { type: 'result', payload: { configurationKey, unknownKey } }
  }

  function triggerMessage(payload: Fields): Answer {
    const connectorId = integerOf(payload['connectorId'])
    const message = textOf(payload['requestedMessage']) ?? ''
    if (connectorId !== undefined && connectorId > device.connectors.length) {
      return status('Rejected')
    }
    const connectors = device.connectors.filter(({ id }) => id === (connectorId ?? id))
    const statuses =
      connectorId === undefined ? [0, ...connectors.map(({ id }) => id)] : [connectorId]
    const actions = new Map([
      ['BootNotification', () => registration.boot()],
      ['Heartbeat', () => registration.heartbeat()],
      ['StatusNotification', () => statuses.forEach((id) => registration.repeatStatus(id))],
      ['MeterValues', () => connectors.forEach((each) => meterValues.sample(each, 'Trigger'))],
    ])
    const afterwards = actions.get(message) ?? context.upkeep.repeat(message)
    return afterwards ? { afterwards, ...status('Accepted') } : status('NotImplemented')
  }

  function remoteStart(payload: Fields): Answer {
    const idTag = textOf(payload['idTag'])
    const id = integerOf(payload['connectorId'])
    const connector =
      id === undefined
        ? device.connectors.find(({ ev, transaction }) => ev && !transaction)
        : device.connector(id)
    if (!connector || idTag === undefined) return status('Rejected')
    // Errata 3.41: a profile that comes with the start has no transaction yet.
    const profile = ofProfiles.decoded(payload['chargingProfile'])
    const isTaken = sessions.remoteStart(connector, idTag, () => {
      if (profile) ofProfiles.install(connector.id, profile)
    })
    if (!isTaken) return status('Rejected')
    return { afterwards: () => sessions.beginWaiting(), ...status('Accepted') }
  }

  function remoteStop(payload: Fields): Answer {
    const id = integerOf(payload['transactionId'])
    const connector = device.connectors.find(({ transaction }) => {
      return transaction !== undefined && transaction.id === id
    })
    if (!connector || id === undefined) return status('Rejected')
    return { afterwards: () => void sessions.stop(connector, 'Remote'), ...status('Accepted') }
  }

  function changeAvailability(payload: Fields): Answer {
    const id = integerOf(payload['connectorId']) ?? 0
    const connectors = device.connectors.filter((each) => id === 0 || each.id === id)
    if (connectors.length === 0) return status('Rejected')
    if (behaviour().refusesChangeAvailability) return status('Rejected')
    if (behaviour().ignoresChangeAvailability) return status('Accepted')
    for (const connector of connectors) {
      connector.isOperative = payload['type'] !== 'Inoperative'
    }
    // OCPP 1.6 5.2: a running transaction is finished first.
    const isBusy = connectors.some(({ isOperative, transaction }) => !isOperative && transaction)
    return {
      ...status(isBusy ? 'Scheduled' : 'Accepted'),
      afterwards() {
        context.statusMayHaveChanged()
        sessions.beginWaiting()
      },
    }
  }

  function unlockConnector(payload: Fields): Answer {
    const connector: ConnectorState | undefined = device.connector(
      integerOf(payload['connectorId']) ?? 0,
    )
    if (!connector) return status('NotSupported')
    return {
      ...status('Unlocked'),
      afterwards: () => void sessions.stop(connector, 'UnlockCommand'),
    }
  }
}

function status(word: string): Extract<Answer, { type: 'result' }> {
  return { type: 'result', payload: { status: word } }
}
