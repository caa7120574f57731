/**
 * What the frames between the controller and its chargers say, read by nobody else: when each profile
 * left and arrived, what was accepted, and whether every offer is one a car understands.
 */
import type { Tree } from '../../core/site/tree.js'
import type { Frame } from '../memory-network.js'
import { integerOf, isFields, numberOf, textOf } from '../wire-fields.js'
import type { Fields } from '../wire-fields.js'

export interface SentProfile {
  readonly identity: string
  readonly connectorId: number
  readonly purpose: string
  /** Undefined for a limit in W. */
  readonly limitA: number | undefined
  readonly told: ToldLimit | undefined
  readonly sentAtMs: number
  arrivedAtMs: number | undefined
}

export interface WireTruth {
  /** The controller says this. */
  sent(identity: string, text: string, atMs: number): void
  /** A frame arrives. True when it may change what its charger permits. */
  arriving(frame: Frame): boolean
  /** A new connection: what was asked on the old one is not awaited any more. */
  opened(identity: string): void
  /** The profile or clearing that arrived at this charger at this instant. */
  arrivedAt(identity: string, atMs: number): SentProfile | undefined
  /** When the last profile for this connector arrived; -Infinity: none did. */
  lastArrivalMs(identity: string, connectorId: number): number
  /** The last limits this connector accepted; undefined: none since it booted. */
  accepted(identity: string, connectorId: number): Accepted
  /** A profile is on its way or unanswered now. */
  isInFlight(identity: string): boolean
}

/** As it is told: A per phase, or W over all of them. */
export interface ToldLimit {
  readonly unit: 'A' | 'W'
  readonly limit: number
}

export interface Accepted {
  transaction: ToldLimit | undefined
  /** When that was said; -Infinity: not on this connection. */
  transactionSaidAtMs: number
  fallback: ToldLimit | undefined
}

interface Outstanding {
  readonly id: string
  readonly action: string
  readonly sentAtMs: number
}

const KEPT_MESSAGES = 12
const QUESTION_PATIENCE_MS = 5_000
/**
 * Limits, and what protects the fuse beyond them. The watchdog goes a step further each 15 s, and a
 * charger that answers nothing must not keep the next step waiting as long as a call without hurry.
 */
const PROTECTS: ReadonlySet<string> = new Set([
  'SetChargingProfile',
  'ClearChargingProfile',
  'RemoteStopTransaction',
  'ChangeAvailability',
])
/** With a short duration a profile is told again soon, answered or not. */
const MOST_PROFILE_PATIENCE_MS = 15_000

export function wireTruth(options: {
  readonly tree: Tree
  readonly profileTimeoutMs: number
  readonly callTimeoutMs: number
  /** Something no controller should say. */
  readonly complain: (invariant: 'offers' | 'sanity', where: string, what: string) => void
  readonly checked: (invariant: 'offers' | 'sanity') => void
  readonly refused: (identity: string) => void
}): WireTruth {
  const { tree, profileTimeoutMs, callTimeoutMs, complain, checked, refused } = options
  /** By identity, the latest last. */
  const messages = new Map<string, SentProfile[]>()
  const byCallId = new Map<string, SentProfile>()
  const outstanding = new Map<string, Outstanding>()
  const acceptances = new Map<string, Accepted>()
  const lastArrivals = new Map<string, number>()

  return {
    sent(identity, text, atMs) {
      if (!text.startsWith('[2,')) return
      const [id, action] = headOf(text)
      noteCall(identity, { id, action, sentAtMs: atMs })
      if (action !== 'SetChargingProfile' && action !== 'ClearChargingProfile') return
      const payload = payloadOf(text)
      const profile = profileOf(identity, payload, atMs)
      byCallId.set(`${identity} ${id}`, profile)
      const known = messages.get(identity) ?? []
      messages.set(identity, known)
      known.push(profile)
      if (known.length > KEPT_MESSAGES) known.shift()
      if (action === 'SetChargingProfile') checkOffer(profile, payload)
    },
    arriving({ atMs, identity, to, text }) {
      if (to === 'server') {
        if (text.startsWith('[3,') || text.startsWith('[4,')) answered(identity, text)
        else if (text.includes('"BootNotification"')) booted(identity)
        return false
      }
      if (!text.startsWith('[2,')) return true
      const [id] = headOf(text)
      const profile = byCallId.get(`${identity} ${id}`)
      if (profile) {
        profile.arrivedAtMs = atMs
        lastArrivals.set(`${identity}#${profile.connectorId}`, atMs)
      }
      return true
    },
    opened(identity) {
      outstanding.delete(identity)
      for (const connectorId of tree.byChargePoint.get(identity)?.keys() ?? []) {
        acceptedBy(identity, connectorId).transactionSaidAtMs = -Infinity
      }
    },
    arrivedAt: (identity, atMs) =>
      messages.get(identity)?.findLast(({ arrivedAtMs }) => arrivedAtMs === atMs),
    lastArrivalMs: (identity, connectorId) =>
      lastArrivals.get(`${identity}#${connectorId}`) ?? -Infinity,
    accepted: acceptedBy,
    isInFlight: (identity) => outstanding.get(identity)?.action === 'SetChargingProfile',
  }

  function noteCall(identity: string, call: Outstanding): void {
    const before = outstanding.get(identity)
    outstanding.set(identity, call)
    checked('sanity')
    if (!before) return
    if (call.sentAtMs - before.sentAtMs >= patienceMs(identity, before.action)) return
    complain('sanity', identity, `is sent ${call.action} while ${before.action} is unanswered`)
  }

  /** How long a charger has at least to answer before it is asked something else. */
  function patienceMs(identity: string, action: string): number {
    // A question about limits must not keep the limits themselves waiting.
    if (action === 'GetCompositeSchedule') return QUESTION_PATIENCE_MS
    if (!PROTECTS.has(action)) return callTimeoutMs
    const [evse] = tree.byChargePoint.get(identity)?.values() ?? []
    const { profileTimeoutMs: ownMs = profileTimeoutMs } = evse?.charger ?? {}
    return Math.min(ownMs, profileTimeoutMs, MOST_PROFILE_PATIENCE_MS)
  }

  function answered(identity: string, text: string): void {
    const [id] = headOf(text)
    if (outstanding.get(identity)?.id === id) outstanding.delete(identity)
    const profile = byCallId.get(`${identity} ${id}`)
    if (!profile) return
    byCallId.delete(`${identity} ${id}`)
    if (!text.includes('"Accepted"')) return refused(identity)
    const known = acceptedBy(identity, profile.connectorId)
    if (profile.purpose === 'TxProfile') {
      known.transaction = profile.told
      known.transactionSaidAtMs = profile.sentAtMs
    }
    if (profile.purpose === 'TxDefaultProfile') known.fallback = profile.told
  }

  function booted(identity: string): void {
    for (const connectorId of tree.byChargePoint.get(identity)?.keys() ?? []) {
      acceptances.delete(`${identity}#${connectorId}`)
    }
  }

  function acceptedBy(identity: string, connectorId: number): Accepted {
    const key = `${identity}#${connectorId}`
    const known = acceptances.get(key) ?? {
      transaction: undefined,
      transactionSaidAtMs: -Infinity,
      fallback: undefined,
    }
    acceptances.set(key, known)
    return known
  }

  function checkOffer(profile: SentProfile, payload: Fields): void {
    const { identity, connectorId, purpose, limitA } = profile
    const evse = tree.byChargePoint.get(identity)?.get(connectorId)
    const where = `${identity}#${connectorId}`
    checked('offers')
    // A limit of the whole charge point is nobody's offer.
    if (connectorId === 0 && purpose === 'ChargePointMaxProfile') return
    if (!evse) return complain('offers', where, 'is sent a profile and is not in the depot')
    const { minCurrentA } = evse.evse
    if (limitA !== undefined && limitA !== 0 && !(limitA >= minCurrentA)) {
      complain('offers', where, `is offered ${limitA} A, its minimum is ${minCurrentA} A`)
    }
    if (purpose !== 'TxProfile') return
    const wanted = fieldsOf(payload['csChargingProfiles'])
    const schedule = fieldsOf(wanted['chargingSchedule'])
    if (numberOf(schedule['duration']) === undefined && wanted['validTo'] === undefined) {
      complain('offers', where, `is offered ${limitA ?? '?'} A without an end`)
    }
    if (integerOf(wanted['transactionId']) === undefined) {
      complain('offers', where, 'is sent a TxProfile for no transaction')
    }
  }
}

function profileOf(identity: string, payload: Fields, sentAtMs: number): SentProfile {
  const profile = fieldsOf(payload['csChargingProfiles'])
  const schedule = fieldsOf(profile['chargingSchedule'])
  const periods: readonly unknown[] = Array.isArray(schedule['chargingSchedulePeriod'])
    ? schedule['chargingSchedulePeriod']
    : []
  const isAmperes = schedule['chargingRateUnit'] !== 'W'
  const limit = numberOf(fieldsOf(periods[0])['limit'])
  return {
    identity,
    connectorId: integerOf(payload['connectorId']) ?? 0,
    purpose: textOf(profile['chargingProfilePurpose']) ?? '',
    limitA: isAmperes ? limit : undefined,
    told: limit === undefined ? undefined : { unit: isAmperes ? 'A' : 'W', limit },
    sentAtMs,
    arrivedAtMs: undefined,
  }
}

/** Message id and, of a CALL, its action, without reading the rest. */
export function headOf(text: string): readonly [string, string] {
  const parts = text.split('"', 4)
  return [parts[1] ?? '', parts[3] ?? '']
}

/** The payload of a CALL or a CALLRESULT; empty when there is none. */
export function payloadOf(text: string): Fields {
  const frame: unknown = JSON.parse(text)
  if (!Array.isArray(frame)) return {}
  return fieldsOf(frame[0] === 2 ? frame[3] : frame[2])
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}
