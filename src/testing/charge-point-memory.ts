/** What a charge point keeps while it has no power: plain data, written before it says anything. */
import { z } from 'zod'
import type { Clock } from '../ports.js'
import type { ChargePointConfiguration } from './charge-point-configuration.js'
import type { Outbox } from './charge-point-outbox.js'
import type { Sessions } from './charge-point-sessions.js'
import type { ChargingProfile } from './charging-profile.js'
import type { ChargingProfiles } from './charging-profiles.js'
import type { LocalTransaction, SimulatedDevice } from './simulated-device.js'
import type { LocalList, UpkeepCommands } from './upkeep-commands.js'

const optionalNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined)

const profileSchema = z.object({
  id: z.number(),
  transactionId: optionalNumber,
  stackLevel: z.number(),
  purpose: z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']),
  kind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrenceS: optionalNumber,
  validFromMs: optionalNumber,
  validToMs: optionalNumber,
  durationS: optionalNumber,
  startMs: optionalNumber,
  unit: z.enum(['A', 'W']),
  periods: z.array(z.object({ startS: z.number(), limit: z.number() })).min(1),
})

export const savedChargePointSchema = z.object({
  version: z.literal(1),
  charge_point: z.string(),
  configuration: z.record(z.string(), z.string()),
  profiles: z.array(
    z.object({ connector: z.number(), received_wall_ms: z.number(), profile: profileSchema }),
  ),
  local_list: z.object({
    version: z.number(),
    entries: z.array(z.object({ idTag: z.string(), idTagInfo: z.record(z.string(), z.unknown()) })),
  }),
  connectors: z.array(
    z.object({
      operative: z.boolean(),
      register_wh: z.number(),
      /** In `transactions`, of the one that runs. */
      transaction: z.number().nullable(),
    }),
  ),
  transactions: z.array(
    z.object({
      id: z.number().nullable(),
      connector: z.number(),
      id_tag: z.string(),
      meter_start_wh: z.number(),
    }),
  ),
  /** About transactions, and not answered yet. */
  queue: z.array(
    z.object({
      action: z.string(),
      payload: z.record(z.string(), z.unknown()),
      transaction: z.number().nullable(),
    }),
  ),
})

export type SavedChargePoint = z.output<typeof savedChargePointSchema>

export interface ChargePointMemory {
  /** Of its last life; undefined: it is new. */
  readonly saved: SavedChargePoint | undefined
  /** Returns when it is safe: what it says afterwards may be believed. */
  save(state: SavedChargePoint): void
}

export interface MemoryParts {
  readonly identity: string
  readonly clock: Clock
  readonly device: SimulatedDevice
  readonly profiles: ChargingProfiles
  readonly configuration: ChargePointConfiguration
  readonly outbox: Outbox
  readonly upkeep: UpkeepCommands
}

/** The register alone is written this often. */
const REGISTER_MS = 60_000

/** Saves when something has changed; call it before anything is said, and once a second. */
export function memoryKeeper(memory: ChargePointMemory, parts: MemoryParts): () => void {
  let savedAs = ''
  let savedAtMs = -Infinity
  return () => {
    const { clock, profiles, configuration, outbox, upkeep, device } = parts
    const operative = device.connectors.map(({ isOperative }) => isOperative).join()
    const now = `${profiles.revision()} ${configuration.revision()} ${outbox.revision()} ${upkeep.localList().version} ${operative}`
    if (now === savedAs && clock.monotonic() - savedAtMs < REGISTER_MS) return
    savedAs = now
    savedAtMs = clock.monotonic()
    memory.save(snapshot(parts))
  }
}

function snapshot(parts: MemoryParts): SavedChargePoint {
  const { identity, clock, device, profiles, configuration, outbox, upkeep } = parts
  const numbers = new Map<LocalTransaction, number>()
  const connectorOf = new Map<LocalTransaction, number>()
  const numberOf = (
    transaction: LocalTransaction | undefined,
    connector: number,
  ): number | null => {
    if (!transaction) return null
    const number = numbers.get(transaction) ?? numbers.size
    numbers.set(transaction, number)
    if (!connectorOf.has(transaction)) connectorOf.set(transaction, connector)
    return number
  }
  const connectors = device.connectors.map(({ id, isOperative, registerWh, transaction }) => ({
    operative: isOperative,
    register_wh: registerWh,
    transaction: numberOf(transaction, id),
  }))
  const queue = outbox.kept().map(({ action, payload, transaction }) => ({
    action,
    payload: { ...payload },
    transaction: numberOf(transaction, Number(payload['connectorId'] ?? 1)),
  }))
  return {
    version: 1,
    charge_point: identity,
    configuration: Object.fromEntries(configuration.changed()),
    profiles: profiles.all().map(({ connectorId, profile, receivedAtMs }) => ({
      connector: connectorId,
      received_wall_ms: clock.now() - (clock.monotonic() - receivedAtMs),
      profile: { ...profile, periods: [...profile.periods] },
    })),
    local_list: toSaved(upkeep.localList()),
    connectors,
    transactions: [...numbers.keys()].map((transaction) => ({
      id: transaction.id ?? null,
      connector: connectorOf.get(transaction) ?? 1,
      id_tag: transaction.idTag,
      meter_start_wh: transaction.meterStartWh,
    })),
    queue,
  }
}

/** Power is back: what ran has ended with it (OCPP 1.6 7.40 PowerLoss), what was not told will be. */
export function restoreMemory(
  saved: SavedChargePoint,
  { clock, device, profiles, configuration, outbox, upkeep }: MemoryParts,
  sessions: Sessions,
): void {
  for (const [key, value] of Object.entries(saved.configuration)) configuration.set(key, value)
  for (const { connector, received_wall_ms: receivedMs, profile } of saved.profiles) {
    const receivedAtMs = clock.monotonic() - (clock.now() - receivedMs)
    profiles.install(connector, profile satisfies ChargingProfile, receivedAtMs)
  }
  const { version, entries } = saved.local_list
  upkeep.setLocalList({
    version,
    entries: new Map(entries.map((one) => [one.idTag, one.idTagInfo])),
  })
  const transactions = saved.transactions.map((one): LocalTransaction => ({
    id: one.id ?? undefined,
    idTag: one.id_tag,
    startedAtMs: clock.monotonic(),
    meterStartWh: one.meter_start_wh,
    wasOffered: false,
  }))
  saved.connectors.forEach(({ operative, register_wh: registerWh, transaction }, index) => {
    const connector = device.connectors[index]
    if (!connector) return
    connector.isOperative = operative
    connector.registerWh = registerWh
    connector.transaction = transaction === null ? undefined : transactions[transaction]
  })
  for (const { action, payload, transaction } of saved.queue) {
    const of = transaction === null ? undefined : transactions[transaction]
    const connector = device.connector(
      (transaction === null ? undefined : saved.transactions[transaction]?.connector) ?? 1,
    )
    if (action === 'StartTransaction' && of && connector) {
      sessions.tellStart(connector, of, payload)
    } else {
      const isOf = of !== undefined && 'transactionId' in payload
      const say = (): typeof payload =>
        isOf ? { ...payload, transactionId: of.id ?? -1 } : payload
      outbox.keep(action, say, undefined, of)
    }
  }
  for (const connector of device.connectors) {
    sessions.stop(connector, 'PowerLoss')
    connector.isFinished = false
  }
}

function toSaved({ version, entries }: LocalList): SavedChargePoint['local_list'] {
  return {
    version,
    entries: [...entries].map(([idTag, idTagInfo]) => ({ idTag, idTagInfo: { ...idTagInfo } })),
  }
}
