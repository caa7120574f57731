/** What charge points answer to our CALLs, as typed results. Words in any case, extra fields ignored. */
import { isRecord, wordIn } from './fields.js'
import type { OutboundAction } from './outbound.js'

export interface ConfigurationKey {
  readonly key: string
  readonly readonly: boolean
  /** Numbers and booleans come as text too; undefined when the key has no value. */
  readonly value: string | undefined
}

/** A hint at most: what charge points report here is often wrong (errors in start and unit). */
export interface CompositeSchedule {
  readonly unit: 'A' | 'W'
  readonly periods: readonly { readonly startS: number; readonly limit: number }[]
}

export interface CallResults {
  readonly SetChargingProfile: { readonly status: 'Accepted' | 'Rejected' | 'NotSupported' }
  /** `Unknown`: there was none to clear. */
  readonly ClearChargingProfile: { readonly status: 'Accepted' | 'Unknown' }
  readonly GetCompositeSchedule: {
    readonly status: 'Accepted' | 'Rejected'
    readonly schedule: CompositeSchedule | undefined
  }
  readonly GetConfiguration: {
    readonly keys: readonly ConfigurationKey[]
    readonly unknownKeys: readonly string[]
  }
  readonly ChangeConfiguration: {
    readonly status: 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported'
  }
  readonly TriggerMessage: { readonly status: 'Accepted' | 'Rejected' | 'NotImplemented' }
  readonly RemoteStartTransaction: { readonly status: 'Accepted' | 'Rejected' }
  readonly RemoteStopTransaction: { readonly status: 'Accepted' | 'Rejected' }
  readonly Reset: { readonly status: 'Accepted' | 'Rejected' }
  readonly UnlockConnector: { readonly status: 'Unlocked' | 'UnlockFailed' | 'NotSupported' }
  /** `Scheduled`: after the running transaction. */
  readonly ChangeAvailability: { readonly status: 'Accepted' | 'Rejected' | 'Scheduled' }
}

export type DecodedResult<Action extends OutboundAction> =
  | { readonly ok: true; readonly result: CallResults[Action] }
  /** The answer makes no sense: what the call asked for may or may not be in force. */
  | { readonly ok: false; readonly reason: string }

/** Reads the payload of a CALLRESULT to a call of this action. Never throws. */
export function decodeResult<Action extends OutboundAction>(
  action: Action,
  payload: unknown,
): DecodedResult<Action> {
  if (!isRecord(payload)) return { ok: false, reason: `${action}: the answer is not an object` }
  const result = DECODERS[action](payload)
  if (!result) return { ok: false, reason: `${action}: the answer has no status OCPP 1.6 knows` }
  return { ok: true, result }
}

type Payload = Readonly<Record<string, unknown>>

const ACCEPTED_OR_REJECTED = withStatus(['Accepted', 'Rejected'])

const DECODERS: {
  readonly [Action in OutboundAction]: (payload: Payload) => CallResults[Action] | undefined
} = {
  SetChargingProfile: withStatus(['Accepted', 'Rejected', 'NotSupported']),
  ClearChargingProfile: withStatus(['Accepted', 'Unknown']),
  GetCompositeSchedule: (payload) => {
    const answer = ACCEPTED_OR_REJECTED(payload)
    return answer && { ...answer, schedule: compositeSchedule(payload['chargingSchedule']) }
  },
  GetConfiguration: configuration,
  ChangeConfiguration: withStatus(['Accepted', 'Rejected', 'RebootRequired', 'NotSupported']),
  TriggerMessage: withStatus(['Accepted', 'Rejected', 'NotImplemented']),
  RemoteStartTransaction: ACCEPTED_OR_REJECTED,
  RemoteStopTransaction: ACCEPTED_OR_REJECTED,
  Reset: ACCEPTED_OR_REJECTED,
  UnlockConnector: withStatus(['Unlocked', 'UnlockFailed', 'NotSupported']),
  ChangeAvailability: withStatus(['Accepted', 'Rejected', 'Scheduled']),
}

function withStatus<Status extends string>(statuses: readonly Status[]) {
  return (payload: Payload): { readonly status: Status } | undefined => {
    const { status: sent } = payload
    const status = typeof sent === 'string' ? wordIn(sent, statuses) : undefined
    return status === undefined ? undefined : { status }
  }
}

function configuration(payload: Payload): CallResults['GetConfiguration'] {
  const { configurationKey, unknownKey } = payload
  return {
    keys: listOf(configurationKey).flatMap((entry) => {
      if (!isRecord(entry) || typeof entry['key'] !== 'string') return []
      const { key, readonly, value } = entry
      return [{ key, readonly: readonly === true || readonly === 'true', value: textOf(value) }]
    }),
    unknownKeys: listOf(unknownKey).filter((key) => typeof key === 'string'),
  }
}

function compositeSchedule(schedule: unknown): CompositeSchedule | undefined {
  if (!isRecord(schedule)) return undefined
  const unit = schedule['chargingRateUnit']
  if (unit !== 'A' && unit !== 'W') return undefined
  const periods = listOf(schedule['chargingSchedulePeriod']).flatMap((period) => {
    if (!isRecord(period)) return []
    const { startPeriod, limit } = period
    if (!isFinite(startPeriod) || !isFinite(limit)) return []
    return [{ startS: startPeriod, limit }]
  })
  return { unit, periods }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value)
}
