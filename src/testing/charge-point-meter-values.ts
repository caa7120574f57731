/** MeterValues of a simulated charge point: what it measures, or nonsense if it is told to. */
import type { Clock } from '../ports.js'
import type { Behaviour } from './behaviour.js'
import type { ChargePointConfiguration } from './charge-point-configuration.js'
import type { Outbox } from './charge-point-outbox.js'
import { NOMINAL_VOLTAGE_V } from './charging-profiles.js'
import type { Random } from './random.js'
import type { ConnectorState, LocalTransaction, SimulatedDevice } from './simulated-device.js'
import type { Fields } from './wire-fields.js'

export interface MeterValues {
  /** Samples the transactions whose interval is over. */
  sampleWhenDue(): void
  sample(connector: ConnectorState, context: 'Sample.Periodic' | 'Trigger'): void
}

export function chargePointMeterValues(options: {
  readonly clock: Clock
  readonly device: SimulatedDevice
  readonly configuration: ChargePointConfiguration
  readonly outbox: Outbox
  readonly random: Random
  readonly behaviour: () => Behaviour
}): MeterValues {
  const { clock, device, configuration, outbox, random, behaviour } = options
  /** Monotonic time of the last sample, or of the start. */
  const sampledAtMs = new WeakMap<LocalTransaction, number>()

  return {
    sampleWhenDue() {
      if (behaviour().samplesOnTriggerOnly) return
      for (const connector of device.connectors) {
        const { transaction } = connector
        if (!transaction) continue
        const intervalMs = configuration.number('MeterValueSampleInterval') * 1000
        if (intervalMs === 0) continue
        const lastMs = sampledAtMs.get(transaction) ?? transaction.startedAtMs
        if (clock.monotonic() - lastMs < intervalMs) continue
        sampledAtMs.set(transaction, clock.monotonic())
        sample(connector, 'Sample.Periodic')
      }
    },
    sample,
  }

  function sample(connector: ConnectorState, context: string): void {
    if (!behaviour().meterValues) return
    const { transaction } = connector
    const sampledValue = behaviour().garbageMeterValues ? nonsense() : measured(connector, context)
    const meterValue = [{ timestamp: device.timestamp(), sampledValue }]
    const connectorId = connector.id
    if (transaction) {
      const payload = (): Fields => ({
        connectorId,
        meterValue,
        transactionId: transaction.id ?? -1,
      })
      outbox.keep('MeterValues', payload, undefined, transaction)
    } else outbox.send('MeterValues', { connectorId, meterValue })
  }

  function measured(connector: ConnectorState, context: string): readonly Fields[] {
    const wanted = configuration.text('MeterValuesSampledData').split(',')
    const currentA = device.drawA(connector) * behaviour().meterFactor
    const used = device.usedPhases(connector)
    const values: Fields[] = []
    if (wanted.includes('Current.Import')) {
      for (let phase = 1; phase <= connector.options.phases; phase += 1) {
        values.push({
          value: (phase <= used ? currentA : 0).toFixed(2),
          measurand: 'Current.Import',
          phase: `L${phase}`,
          unit: 'A',
          context,
        })
      }
    }
    if (wanted.includes('Power.Active.Import')) {
      const value = (currentA * used * NOMINAL_VOLTAGE_V).toFixed(0)
      values.push({ value, measurand: 'Power.Active.Import', unit: 'W', context })
    }
    if (wanted.includes('Energy.Active.Import.Register') || values.length === 0) {
      const value = Math.floor(connector.registerWh).toFixed(0)
      values.push({ value, measurand: 'Energy.Active.Import.Register', unit: 'Wh', context })
    }
    return values
  }

  function nonsense(): readonly Fields[] {
    return random.chance(0.5) ? wrongValues() : wrongWords()
  }

  /** Well said, and impossible. */
  function wrongValues(): readonly Fields[] {
    const value = (): string => random.pick(['NaN', '', '-16.00', '-3000', '1e99', '429496729.5'])
    const ofPhases = ['L1', 'L2', 'L3'].map((phase) => {
      return { value: value(), measurand: 'Current.Import', phase, unit: 'A' }
    })
    const energy = { value: value(), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }
    // What flows, in a unit it is not in.
    const power = { value: '11000', measurand: 'Power.Active.Import', unit: 'kW' }
    const inWrongUnit = { value: '16000', measurand: 'Current.Import', phase: 'L1', unit: 'V' }
    return random.pick([ofPhases, [energy, power], [inWrongUnit], [...ofPhases, energy]])
  }

  /** Not even well said. */
  function wrongWords(): readonly Fields[] {
    const count = random.integer(0, 4)
    return Array.from({ length: count }, () => ({
      value: random.pick(['', 'NaN', '1,5', '-3000', '1e99', '4296944685', 'Infinity', 'null']),
      measurand: random.pick(['Current.Import', 'Energy.Active.Import.Register', 'Current.Imprt']),
      phase: random.pick(['L1', 'L2', 'L3', 'L4', 'N', '']),
      unit: random.pick(['A', 'Wh', 'kWh', 'Hz', '']),
    }))
  }
}
