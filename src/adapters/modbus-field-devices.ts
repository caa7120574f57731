/** Site meters and grid-limit sources on Modbus TCP: devices of one host and port share one bus. */
import type { LimitSourceSettings, MeterSettings, ModbusTcpSettings } from '../config/settings.js'
import { type FieldReader, limitReader, meterReader } from '../modbus/field-reader.js'
import type { RegisterBus } from '../modbus/register-bus.js'
import type { Clock, FieldDevices, FieldEvent, Log } from '../ports.js'
import { modbusBus } from './modbus-bus.js'
import { type PolledDevice, type Poller, pollDevice } from './modbus-poller.js'
import { modbusTcp } from './modbus-tcp-link.js'

export interface ModbusFieldDevicesOptions {
  readonly meters: readonly MeterSettings[]
  readonly limitSources: readonly LimitSourceSettings[]
  readonly clock: Clock
  readonly log: Log
  /** From 0 to below 1, spreads reconnects. Default Math.random. */
  readonly random?: () => number
}

/**
 * Polls every device each `intervalMs` until stopped, whatever fails. It reports readings with the
 * time their request went out, and failures in words; what is stale and what follows from it is the
 * controller's. Throws when started twice.
 */
export function modbusFieldDevices(options: ModbusFieldDevicesOptions): FieldDevices {
  const { meters, limitSources, clock, log, random = Math.random } = options
  const buses = new Map<string, RegisterBus>()
  let pollers: readonly Poller[] | undefined

  function busOf({ host, port }: ModbusTcpSettings): RegisterBus {
    const name = busName(host, port)
    const bus =
      buses.get(name) ?? modbusBus({ name, open: modbusTcp(host, port), clock, log, random })
    buses.set(name, bus)
    return bus
  }

  function start(sink: (event: FieldEvent) => void): void {
    if (pollers) throw new Error('the field devices were started already')
    const all = [...meters, ...limitSources].map(({ modbusTcp: at }) => busName(at.host, at.port))
    const device = (
      kind: PolledDevice['kind'],
      { id, modbusTcp: at }: MeterSettings | LimitSourceSettings,
      read: FieldReader,
    ): PolledDevice => {
      const name = busName(at.host, at.port)
      const sharesBus = all.filter((other) => other === name).length > 1
      return { kind, id, intervalMs: at.intervalMs, sharesBus, read }
    }
    const devices = [
      ...meters.map((meter) => device('meter', meter, meterReader(meter, busOf(meter.modbusTcp)))),
      ...limitSources.map((source) =>
        device('limitSource', source, limitReader(source, busOf(source.modbusTcp))),
      ),
    ]
    pollers = devices.map((polled) => pollDevice(polled, { clock, log, sink }))
  }

  return {
    start,
    async stop() {
      for (const poller of pollers ?? []) poller.stop()
      await Promise.all([...buses.values()].map((bus) => bus.close()))
      await Promise.all((pollers ?? []).map((poller) => poller.idle()))
    },
  }
}

/** Host names are not case-sensitive; an IPv6 address needs its brackets. */
function busName(host: string, port: number): string {
  return host.includes(':') ? `[${host.toLowerCase()}]:${port}` : `${host.toLowerCase()}:${port}`
}
