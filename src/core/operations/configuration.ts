/** The settings of a charge point as it last told them. Secrets are neither kept nor shown. */
import type { Operations } from './operations.js'
import { upkeepOf } from './operations.js'

export interface KnownConfiguration {
  readonly keys: ReadonlyMap<string, KnownKey>
  /** Wall ms of the last answer. */
  readonly readWallMs: number
}

export interface KnownKey {
  readonly value: string | undefined
  readonly readonly: boolean
}

export interface ConfigurationNoted {
  readonly type: 'configurationNoted'
  readonly chargePointId: string
  /** Replaces what was known, else adds to it. */
  readonly isWhole: boolean
  readonly keys: readonly {
    readonly key: string
    readonly value: string | undefined
    readonly readonly: boolean
  }[]
  readonly wallMs: number
}

/** A setting was taken; with `needsBoot` it counts from the next boot on. */
export interface SettingChanged {
  readonly type: 'settingChanged'
  readonly chargePointId: string
  readonly key: string
  readonly value: string
  readonly needsBoot: boolean
  readonly wallMs: number
}

/** It has booted: its settings count. */
export interface SettingsInForce {
  readonly type: 'settingsInForce'
  readonly chargePointId: string
}

const KEYS_MAX = 500
const NAME_MAX = 100
const VALUE_MAX = 1_000
const REBOOT_KEYS_MAX = 50

/** Write-only: whoever reads these could pass for the charge point. */
export function isSecretKey(key: string): boolean {
  return /authori[sz]ation-?_?key|passw(or)?d|secret|private-?_?key|api-?_?key/i.test(key)
}

export function applyConfiguration(operations: Operations, event: ConfigurationNoted): void {
  const upkeep = upkeepOf(operations, event.chargePointId)
  const keys = new Map(event.isWhole ? [] : upkeep.configuration?.keys)
  for (const { key, value, readonly } of event.keys) keep(keys, key, value, readonly)
  upkeep.configuration = { keys, readWallMs: event.wallMs }
}

export function applySetting(operations: Operations, event: SettingChanged): void {
  const { chargePointId, key, value, needsBoot, wallMs } = event
  const upkeep = upkeepOf(operations, chargePointId)
  const keys = new Map(upkeep.configuration?.keys)
  keep(keys, key, value, false)
  upkeep.configuration = { keys, readWallMs: upkeep.configuration?.readWallMs ?? wallMs }
  const { rebootFor } = upkeep
  if (needsBoot && rebootFor.size < REBOOT_KEYS_MAX) rebootFor.add(key.slice(0, NAME_MAX))
}

function keep(
  keys: Map<string, KnownKey>,
  key: string,
  value: string | undefined,
  readonly: boolean,
): void {
  const name = key.slice(0, NAME_MAX)
  if (!keys.has(name) && keys.size >= KEYS_MAX) return
  keys.set(name, { value: isSecretKey(key) ? undefined : value?.slice(0, VALUE_MAX), readonly })
}
