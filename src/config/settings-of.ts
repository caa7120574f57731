/** A configuration file of the right shape as the settings the program uses, in domain units. */
import type { Depot } from '../core/site/depot.js'
import { authorityOf, listenersOf } from './listener-schema.js'
import type { Locate } from './listener-schema.js'
import type {
  LimitSourceSection,
  MeterSection,
  ModbusTcpSection,
  RegisterSection,
  RelaySection,
} from './fieldbus-schema.js'
import { phasesFromWire } from './limit-window-schema.js'
import { configSchema } from './schema.js'
import type { ConfigFile } from './schema.js'
import type {
  LimitSourceSettings,
  MeterSettings,
  ModbusTcpSettings,
  MqttSettings,
  RegisterSettings,
  RelaySettings,
  Settings,
} from './settings.js'

/** What the file does not hold itself. */
export interface Resolved {
  readonly mqttPassword: string | undefined
  readonly depot: Depot | undefined
  /** Where files are that the listeners name. Default: where they say. */
  readonly locate?: Locate
}

export function settingsOf(file: ConfigFile, resolved: Resolved): Settings {
  const { site, http, ocpp, authorisation, balancing, watchdog } = file
  const { locate = (name: string) => name } = resolved
  return {
    site: {
      id: site.id,
      name: site.name,
      timezone: site.timezone,
      nominalVoltageV: site.nominal_voltage_v,
      fuseA: site.fuse_a,
      contractKw: site.contract_kw,
    },
    http: {
      host: http.host,
      port: http.port,
      loopbackTrust: http.loopback_trust,
      publicUrl: http.public_url,
    },
    ocpp: {
      unknownChargePoint: ocpp.unknown_charge_point === 404 ? '404' : ocpp.unknown_charge_point,
      heartbeatIntervalS: ocpp.heartbeat_interval_s,
      meterValueIntervalS: ocpp.meter_value_interval_s,
      profileTimeoutMs: ocpp.profile_timeout_ms,
      callTimeoutMs: ocpp.call_timeout_ms,
      profileDurationS: ocpp.profile_duration_s,
      listen: ocpp.listen,
      rawCalls: ocpp.raw_calls,
      listeners: listenersOf(ocpp.listeners, locate),
      authority: authorityOf(ocpp.authority, locate),
      pingIntervalMs: ocpp.ping_interval_ms,
    },
    ...(authorisation.mode === 'backend' && {
      authorisation: {
        mode: authorisation.mode,
        timeoutMs: authorisation.timeout_ms,
        cacheS: authorisation.cache_s,
        offline: authorisation.offline,
      },
    }),
    balance: {
      minOnS: balancing.min_on_s,
      maxWaitS: balancing.max_wait_s,
      settleS: balancing.settle_s,
    },
    watchdog: { afterS: watchdog.after_s },
    meters: file.meters.map(meter),
    limitSources: file.limit_sources.map(limitSource),
    relays: file.relays.map(relay),
    holidays: new Map(file.holidays.map(({ id, dates }) => [id, dates])),
    mqtt: mqtt(file, resolved.mqttPassword),
    depot: resolved.depot,
  }
}

/** A start without a file: nothing to control, every limit still to be stated. */
export function defaultSettings({ host }: { readonly host: string }): Settings {
  const settings = settingsOf(configSchema.parse({}), { mqttPassword: undefined, depot: undefined })
  return { ...settings, http: { ...settings.http, host } }
}

function meter(section: MeterSection): MeterSettings {
  const { current_a: currents, power_w: power, energy_wh: energy } = section.registers
  return {
    id: section.id,
    constraintId: section.constraint_id,
    modbusTcp: modbusTcp(section.modbus_tcp),
    registers: {
      currentA: [register(currents[0]), register(currents[1]), register(currents[2])],
      powerW: power && register(power),
      energyWh: energy && register(energy),
    },
    worstBaseLoadA: phasesFromWire(section.worst_base_load_a),
    exports: section.exports,
  }
}

function limitSource(section: LimitSourceSection): LimitSourceSettings {
  return {
    id: section.id,
    constraintId: section.constraint_id,
    modbusTcp: modbusTcp(section.modbus_tcp),
    register: register(section.register),
    unit: section.unit,
    fallback: section.fallback,
    holdS: section.hold_s,
  }
}

function relay(section: RelaySection): RelaySettings {
  const { host, port, unit_id: unitId, timeout_ms: timeoutMs } = section.modbus_tcp
  return {
    id: section.id,
    modbusTcp: { host, port, unitId, timeoutMs },
    coil: section.coil,
    cutValue: section.cut_value,
  }
}

function modbusTcp(section: ModbusTcpSection): ModbusTcpSettings {
  return {
    host: section.host,
    port: section.port,
    unitId: section.unit_id,
    intervalMs: section.interval_ms,
    timeoutMs: section.timeout_ms,
  }
}

export function register(section: RegisterSection): RegisterSettings {
  return {
    address: section.address,
    functionCode: section.function_code,
    type: section.type,
    wordOrder: section.word_order,
    scale: section.scale,
  }
}

function mqtt(file: ConfigFile, password: string | undefined): MqttSettings | undefined {
  const section = file.mqtt
  if (!section) return undefined
  return {
    url: section.url,
    username: section.username,
    password: section.password ?? password,
    clientId: section.client_id ?? `yardmaster-${file.site.id}`,
    rootTopic: section.root_topic,
    commands: section.commands,
  }
}
