/** What we send is held to the standard to the letter: a violation is a fault of ours. */
import { isRecord } from './fields.js'
import { requests } from './generated/validators.js'
import type { OutboundAction, OutboundCall, RawCall } from './outbound-call.js'

/** What is wrong with the call, by its schema or beyond it; undefined: it may be sent. */
export function callProblem(call: OutboundCall | RawCall): string | undefined {
  if ('raw' in call) return undefined
  const { action, payload } = call
  const validate = requests[action]
  if (!validate(payload)) {
    const { instancePath = '', keyword = '', missing } = validate.errors?.[0] ?? {}
    const what = missing === undefined ? keyword : `${missing} is missing`
    return `${action} ${instancePath || 'payload'}: ${what}`
  }
  const problem = BEYOND_THE_SCHEMA[action]?.(payload)
  return problem === undefined ? undefined : `${action}: ${problem}`
}

type Payload = Readonly<Record<string, unknown>>

const BEYOND_THE_SCHEMA: Partial<Record<OutboundAction, (payload: Payload) => string | undefined>> =
  {
    SetChargingProfile: ({ connectorId, csChargingProfiles }) =>
      isRecord(csChargingProfiles) ? profileProblem(connectorId, csChargingProfiles) : undefined,
    // Errata 3.25: with an id the rest does not count, and some refuse both.
    ClearChargingProfile: (payload) =>
      payload['id'] !== undefined && Object.keys(payload).length > 1
        ? 'an id comes alone'
        : undefined,
    RemoteStartTransaction: ({ chargingProfile }) =>
      chargingProfile === undefined ? undefined : 'limits are told by SetChargingProfile alone',
    SendLocalList: localListProblem,
    UnlockConnector: ({ connectorId }) =>
      connectorId === 0 ? 'there is no connector 0 to unlock' : undefined,
  }

function profileProblem(connectorId: unknown, profile: Payload): string | undefined {
  const { chargingProfilePurpose: purpose, transactionId, chargingSchedule } = profile
  // 3.13.1 says which purpose goes where.
  if (purpose === 'ChargePointMaxProfile' && connectorId !== 0) {
    return 'a ChargePointMaxProfile is for connector 0'
  }
  if (purpose === 'TxProfile' && connectorId === 0) return 'a TxProfile needs a connector'
  if (purpose !== 'TxProfile' && transactionId !== undefined) {
    return 'only a TxProfile has a transaction'
  }
  if (profile['chargingProfileKind'] !== 'Recurring' && profile['recurrencyKind'] !== undefined) {
    return 'only a recurring profile has a recurrencyKind'
  }
  const schedule = isRecord(chargingSchedule) ? chargingSchedule['chargingSchedulePeriod'] : []
  const starts = (Array.isArray(schedule) ? schedule : []).map((period: unknown) =>
    isRecord(period) ? Number(period['startPeriod']) : NaN,
  )
  // Errata 3.45 and 3.70.
  if (starts[0] !== 0) return 'the first period starts at 0'
  const isAscending = starts.every(
    (start, index) => index === 0 || start > (starts[index - 1] ?? 0),
  )
  return isAscending ? undefined : 'periods are in the order of their starts'
}

function localListProblem({
  listVersion,
  updateType,
  localAuthorizationList,
}: Payload): string | undefined {
  // Errata 3.52: 0 and -1 are answers, no versions.
  if (typeof listVersion === 'number' && listVersion < 1) return 'a version is above 0'
  const entries: readonly unknown[] = Array.isArray(localAuthorizationList)
    ? localAuthorizationList
    : []
  const seen = new Set<string>()
  for (const entry of entries) {
    if (!isRecord(entry)) continue
    const { idTag, idTagInfo } = entry
    if (updateType === 'Full' && idTagInfo === undefined) {
      return 'in a full list each id tag says whether it may charge'
    }
    const folded = String(idTag).toLowerCase()
    if (seen.has(folded)) return 'an id tag comes twice'
    seen.add(folded)
  }
  return undefined
}
