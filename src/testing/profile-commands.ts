/** The CALLs about charging profiles, with the faults a charge point may have in them. */
import { after } from '../after.js'
import type { Cancel } from '../ports.js'
import type { CommandContext } from './charge-point-commands.js'
import type { Answer } from './charge-point-wire.js'
import { decodeChargingProfile } from './charging-profile.js'
import type { ChargingProfile } from './charging-profile.js'
import { NOMINAL_VOLTAGE_V } from './charging-profiles.js'
import { compositeSchedule } from './composite-schedule.js'
import { isUnwanted } from './profile-refusal.js'
import { integerOf, textOf } from './wire-fields.js'
import type { ConnectorState } from './simulated-device.js'
import type { Fields } from './wire-fields.js'

export interface ProfileCommands {
  readonly handlers: readonly (readonly [string, (payload: Fields) => Answer])[]
  /** Undefined, with a complaint, when it is malformed. */
  decoded(profile: unknown): ChargingProfile | undefined
  install(connectorId: number, profile: ChargingProfile): void
  powerCycled(): void
}

export function profileCommands(context: CommandContext): ProfileCommands {
  const { clock, device, profiles, behaviour, complain } = context
  const delayed = new Set<Cancel>()
  /** When the last that was accepted takes effect. */
  let dueMs = -Infinity

  return {
    handlers: [
      ['SetChargingProfile', setChargingProfile],
      ['ClearChargingProfile', clearChargingProfile],
      ['GetCompositeSchedule', getCompositeSchedule],
    ],
    decoded,
    install,
    powerCycled() {
      for (const cancel of delayed) cancel()
      delayed.clear()
    },
  }

  function setChargingProfile(payload: Fields): Answer {
    const profile = decoded(payload['csChargingProfiles'])
    if (!profile) return error('FormationViolation', 'malformed profile')
    const connectorId = integerOf(payload['connectorId'])
    if (connectorId === undefined || connectorId < 0 || connectorId > device.connectors.length) {
      return error('PropertyConstraintViolation', 'no such connector')
    }
    const transaction = device.connector(connectorId)?.transaction
    if (isUnwanted(profile, behaviour())) return refusal()
    if (profiles.refusal(connectorId, profile, transaction)) return refusal()
    const { acceptsAndIgnores, ignoresKinds } = behaviour()
    if (!acceptsAndIgnores && !ignoresKinds.includes(profile.kind)) install(connectorId, profile)
    return status('Accepted')
  }

  function refusal(word = 'Rejected'): Answer {
    switch (behaviour().answersProfilesWith) {
      case 'rejected':
        return status(word)
      case 'notSupported':
        return error('NotSupported', 'no such profile')
      case 'notImplemented':
        return error('NotImplemented', 'no charging profiles')
    }
  }

  function install(connectorId: number, profile: ChargingProfile): void {
    const receivedAtMs = clock.monotonic()
    const transaction = device.connector(connectorId)?.transaction
    takeEffect(() => {
      // The transaction may have ended before the profile took effect.
      const isOver = profile.purpose === 'TxProfile' && transaction !== currentOf(connectorId)
      if (!isOver) profiles.install(connectorId, profile, receivedAtMs)
    })
  }

  function clearChargingProfile(payload: Fields): Answer {
    const selection = {
      id: integerOf(payload['id']),
      connectorId: integerOf(payload['connectorId']),
      purpose: textOf(payload['chargingProfilePurpose']),
      stackLevel: integerOf(payload['stackLevel']),
    }
    const { rejectsProfiles, acceptsAndIgnores } = behaviour()
    if (rejectsProfiles) return refusal('Unknown')
    if (acceptsAndIgnores) return status('Accepted')
    const isKnown = profiles.matching(selection).length > 0
    takeEffect(() => profiles.clear(selection))
    return status(isKnown ? 'Accepted' : 'Unknown')
  }

  function getCompositeSchedule(payload: Fields): Answer {
    const { supportsCompositeSchedule, compositeLies } = behaviour()
    if (!supportsCompositeSchedule) return error('NotSupported', 'no composite schedule')
    const connectorId = integerOf(payload['connectorId']) ?? 0
    const durationS = integerOf(payload['duration']) ?? 0
    const connectors = device.connectors.filter(({ id }) => connectorId === 0 || id === connectorId)
    if (connectors.length === 0) return status('Rejected')
    const unit = payload['chargingRateUnit'] === 'W' ? 'W' : 'A'
    const chargingSchedulePeriod = compositeSchedule({
      profiles: profiles.all(),
      durationS,
      wallMs: device.wallMs(),
      monotonicMs: clock.monotonic(),
      transactionStartsMs: connectors.flatMap(({ transaction }) => transaction?.startedAtMs ?? []),
      limitAt(aheadMs) {
        let total = 0
        for (const connector of connectors) {
          const voltageV = unit === 'W' ? NOMINAL_VOLTAGE_V * device.usedPhases(connector) : 1
          total += told(connector, aheadMs) * voltageV
        }
        return Math.floor(total * 10) / 10
      },
    })
    return {
      type: 'result',
      payload: {
        status: 'Accepted',
        connectorId,
        scheduleStart: device.timestamp(),
        chargingSchedule: { duration: durationS, chargingRateUnit: unit, chargingSchedulePeriod },
      },
    }

    function told(connector: ConnectorState, aheadMs: number): number {
      switch (compositeLies) {
        case 'never':
          return device.limitA(connector, aheadMs)
        case 'hardwareMaximum':
          return connector.options.maxCurrentA
        case 'zero':
          return 0
      }
    }
  }

  function decoded(value: unknown): ChargingProfile | undefined {
    if (value === undefined) return undefined
    const profile = decodeChargingProfile(value)
    if (!profile) complain(`malformed charging profile: ${JSON.stringify(value).slice(0, 300)}`)
    return profile
  }

  function currentOf(connectorId: number): unknown {
    return device.connector(connectorId)?.transaction
  }

  /** In the order accepted, after the delay this charge point has. */
  function takeEffect(run: () => void): void {
    const nowMs = clock.monotonic()
    dueMs = Math.max(dueMs, nowMs + behaviour().applyDelayMs)
    if (dueMs <= nowMs) return run()
    const cancel = after(clock, dueMs - nowMs, () => {
      delayed.delete(cancel)
      run()
    })
    delayed.add(cancel)
  }
}

function status(word: string): Answer {
  return { type: 'result', payload: { status: word } }
}

function error(code: string, description: string): Answer {
  return { type: 'error', code, description }
}
