/**
 * The process settings as the program uses them: complete, in domain units, defaults applied. The
 * YAML file has the same structure in snake_case; `schema.ts` turns one into the other.
 */
import type { TlsFiles } from './listener-files.js'
import type { Depot } from '../core/site/depot.js'
import type { PhaseA } from '../core/phases.js'
import type { SecurityProfile } from '../core/security/security-types.js'
import type { Holidays } from '../core/schedule/windows.js'

export interface SiteSettings {
  /** Used in MQTT topics: letters, digits, `-`, `_`, `.`. Default `depot`. */
  readonly id: string
  readonly name: string
  /** IANA zone of the schedules. Default `UTC`. */
  readonly timezone: string
  /** Default 230. */
  readonly nominalVoltageV: number
  /** Main fuse, A per phase. Undefined: no fuse stated, only the tree's limits apply. */
  readonly fuseA: number | undefined
  /** Contracted power, kW. */
  readonly contractKw: number | undefined
}

/** A listener for charge points alone. */
export interface ListenerSettings {
  readonly host: string
  readonly port: number
  readonly securityProfile: SecurityProfile
  /** Of the profiles 2 and 3. */
  readonly tls: TlsFiles | undefined
}

/** `quarantine`: it may connect, and charges nothing before somebody gives it a place. */
export type UnknownChargePoint = 'close' | '404' | 'quarantine'

export interface OcppSettings {
  /** What happens to a charge point id nobody configured. Default `close` (1008). */
  readonly unknownChargePoint: UnknownChargePoint
  /** BootNotification.conf interval, s. Default 300. */
  readonly heartbeatIntervalS: number
  /** Asked of each charger at boot, s. Default 10. */
  readonly meterValueIntervalS: number
  /** SetChargingProfile timeout, ms. Default 15000. */
  readonly profileTimeoutMs: number
  /** Timeout of every other call, ms. Default 30000. */
  readonly callTimeoutMs: number
  /** TxProfile duration D, s. Default 150; refreshed at D/3. */
  readonly profileDurationS: number
  /** Own listener for OCPP; undefined: the same port as REST. */
  readonly listen: { readonly host: string; readonly port: number } | undefined
  /** Experts may send any call but charging profiles. Default false. */
  readonly rawCalls?: boolean
  /** Each with a security profile; then no other listener takes charge points. */
  readonly listeners?: readonly ListenerSettings[] | undefined
  /** The CA that signs certificates for charge points; undefined: there is none here. */
  readonly authority?:
    | { readonly certificateFile: string; readonly keyFile: string; readonly days: number }
    | undefined
  /** Ping period, ms. Default 20000; dead after two missed. */
  readonly pingIntervalMs: number
}

export interface AuthorisationSettings {
  /** Who decides whether an id tag may charge. Default `local`: the id tags of the depot. */
  readonly mode: 'local' | 'backend'
  /** A charger is left waiting for the backend no longer than this, ms. Default 2000. */
  readonly timeoutMs: number
  /** The backend's answers count for so long without asking again, s. Default 600. */
  readonly cacheS: number
  /** Who may charge while the backend does not answer. Default `accept-known`. */
  readonly offline: 'accept-known' | 'accept-all' | 'refuse'
}

export interface BalanceSettings {
  /** Shortest time a car keeps its turn, s. Default 900. */
  readonly minOnS: number
  /** Longest wait of a car before its turn comes whatever its priority, s. Default 3600. */
  readonly maxWaitS: number
  /** An acknowledged decrease frees room after this, s. Default 15. */
  readonly settleS: number
}

export interface WatchdogSettings {
  /** What is measured may be above a limit for so long before chargers are cut off, s. Default 20. */
  readonly afterS: number
}

/** How one number is read from a Modbus device. Addresses are 0-based protocol addresses. */
export interface RegisterSettings {
  readonly address: number
  readonly functionCode: 3 | 4
  readonly type:
    | 'uint16'
    | 'int16'
    | 'uint32'
    | 'int32'
    | 'float32'
    | 'uint64'
    | 'int64'
    | 'float64'
  readonly wordOrder: 'big' | 'little'
  /** value = raw * scale, in the unit of the quantity (A, W, Wh). */
  readonly scale: number
}

export interface ModbusTcpSettings {
  readonly host: string
  /** Default 502. */
  readonly port: number
  /** Default 1. */
  readonly unitId: number
  /** Default 1000. */
  readonly intervalMs: number
  /** Default 1000. */
  readonly timeoutMs: number
}

export interface MeterSettings {
  readonly id: string
  /** The node it measures; undefined: the whole site. */
  readonly constraintId: string | undefined
  readonly modbusTcp: ModbusTcpSettings
  readonly registers: {
    readonly currentA: readonly [RegisterSettings, RegisterSettings, RegisterSettings]
    readonly powerW: RegisterSettings | undefined
    readonly energyWh: RegisterSettings | undefined
  }
  /** Assumed uncontrolled load once the meter is silent, A per phase. No default: must be stated. */
  readonly worstBaseLoadA: PhaseA
  /** False: nothing behind it feeds in, so a negative current is a fault of the meter. Default true. */
  readonly exports?: boolean | undefined
}

export interface LimitSourceSettings {
  readonly id: string
  /** The node it limits; undefined: the whole site. */
  readonly constraintId: string | undefined
  readonly modbusTcp: ModbusTcpSettings
  readonly register: RegisterSettings
  /** What the register holds. */
  readonly unit: 'A' | 'W'
  /** In force at start and while the source is silent, in the same unit. No default. */
  readonly fallback: number
  /** Silent for this long means lost, s. Default 60. */
  readonly holdS: number
}

/** A contactor behind a coil on Modbus TCP. */
export interface RelaySettings {
  readonly id: string
  readonly modbusTcp: Omit<ModbusTcpSettings, 'intervalMs'>
  /** 0-based protocol address. */
  readonly coil: number
  /** What the coil must be to cut the power. */
  readonly cutValue: boolean
}

export interface MqttSettings {
  /** mqtt:// or mqtts:// */
  readonly url: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly clientId: string
  /** Default `depot/v1`. */
  readonly rootTopic: string
  /** Default `lower-only`. */
  readonly commands: 'off' | 'lower-only' | 'all'
}

export interface HttpSettings {
  /** Default 0.0.0.0 (`run`), 127.0.0.1 (`demo`). */
  readonly host: string
  /** Default 8000. */
  readonly port: number
  /** How charge points reach this gateway over HTTP. Default: where each has dialled it. */
  readonly publicUrl?: string | undefined
  /** False: even loopback needs the token. Default true. */
  readonly loopbackTrust: boolean
}

export interface Settings {
  readonly site: SiteSettings
  readonly http: HttpSettings
  readonly ocpp: OcppSettings
  readonly balance: BalanceSettings
  /** Absent: locally. */
  readonly authorisation?: AuthorisationSettings
  readonly watchdog: WatchdogSettings
  readonly meters: readonly MeterSettings[]
  readonly limitSources: readonly LimitSourceSettings[]
  /** What constraints name as `cut_off_relay`. Default: none. */
  readonly relays?: readonly RelaySettings[]
  /** Lists of dates that schedules name. */
  readonly holidays?: Holidays
  readonly mqtt: MqttSettings | undefined
  /** Content for the first start only; the store owns the depot from then on. */
  readonly depot: Depot | undefined
}
