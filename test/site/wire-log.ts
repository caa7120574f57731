/** What went over the wire, as a judge of its own: neither the ledger nor the simulation is asked. */
import type { Frame } from '../../src/testing/memory-network.js'

export interface ProfileFrame {
  readonly atMs: number
  readonly identity: string
  readonly purpose: string
  /** A. */
  readonly limitA: number
  readonly transactionId: number | undefined
  readonly durationS: number | undefined
}

export interface CallFrame {
  readonly atMs: number
  readonly identity: string
  readonly id: string
  readonly action: string
  readonly payload: Fields
}

export interface WireLog {
  readonly observe: (frame: Frame) => void
  /** SetChargingProfile as it reached the chargers. */
  profiles(identity?: string): readonly ProfileFrame[]
  /** CALLs of charge points with this action, as they reached the controller. */
  callsOf(identity: string, action: string): readonly CallFrame[]
  /** CALLs of the controller with this action, as they reached the charge point. */
  callsTo(identity: string, action: string): readonly CallFrame[]
  /** The payload of each answer that reached the charge point for its CALLs of this action. */
  answersTo(identity: string, action: string): readonly Fields[]
  /** What is wrong with the profiles by the rules for each of them, in words. */
  broken(): readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/** IEC 61851 knows no current between 0 and 6 A. */
const LEAST_OFFER_A = 6

export function wireLog(): WireLog {
  const profiles: ProfileFrame[] = []
  const calls: CallFrame[] = []
  const told: CallFrame[] = []
  const answers: { readonly identity: string; readonly id: string; readonly payload: Fields }[] = []
  /** Charge points that got their TxDefaultProfile since they last booted. */
  const hasFallback = new Set<string>()
  const broken: string[] = []

  return {
    observe({ atMs, identity, to, text }) {
      const frame: unknown = JSON.parse(text)
      if (!Array.isArray(frame)) return
      const [type, id, third, fourth]: readonly unknown[] = frame
      if (to === 'chargePoint' && type === 3) {
        answers.push({ identity, id: String(id), payload: fields(third) })
      }
      if (type !== 2) return
      const call = {
        atMs,
        identity,
        id: String(id),
        action: String(third),
        payload: fields(fourth),
      }
      if (to === 'server') {
        calls.push(call)
        if (call.action === 'BootNotification') hasFallback.delete(identity)
        return
      }
      told.push(call)
      if (call.action === 'SetChargingProfile') noteProfile(call)
    },
    profiles: (identity) =>
      profiles.filter((profile) => identity === undefined || profile.identity === identity),
    callsOf: (identity, action) =>
      calls.filter((call) => call.identity === identity && call.action === action),
    callsTo: (identity, action) =>
      told.filter((call) => call.identity === identity && call.action === action),
    answersTo(identity, action) {
      const ids = new Set(
        calls
          .filter((call) => call.identity === identity && call.action === action)
          .map(({ id }) => id),
      )
      return answers
        .filter((answer) => answer.identity === identity && ids.has(answer.id))
        .map(({ payload }) => payload)
    },
    broken: () => broken,
  }

  function noteProfile({ atMs, identity, payload }: CallFrame): void {
    const profile = fields(payload['csChargingProfiles'])
    const schedule = fields(profile['chargingSchedule'])
    const periods: readonly unknown[] = Array.isArray(schedule['chargingSchedulePeriod'])
      ? schedule['chargingSchedulePeriod']
      : []
    const noted: ProfileFrame = {
      atMs,
      identity,
      purpose: String(profile['chargingProfilePurpose']),
      limitA: Number(fields(periods[0])['limit']),
      transactionId: numberOf(profile['transactionId']),
      durationS: numberOf(schedule['duration']),
    }
    profiles.push(noted)
    const { purpose, limitA } = noted
    const complain = (what: string): void => void broken.push(`${what}: ${JSON.stringify(noted)}`)
    if (!(limitA === 0 || limitA >= LEAST_OFFER_A)) complain('an offer no car understands')
    if (purpose === 'TxDefaultProfile') hasFallback.add(identity)
    if (purpose !== 'TxProfile') return
    if (noted.transactionId === undefined) complain('for no transaction')
    if (noted.durationS === undefined) complain('without an end')
    if (!hasFallback.has(identity)) complain('before the TxDefaultProfile')
  }
}

/** How often the offer to this charge point changed. */
export function changesOf(profiles: readonly ProfileFrame[], identity: string): number {
  const offers = profiles.filter(
    (profile) => profile.identity === identity && profile.purpose === 'TxProfile',
  )
  return offers.filter((offer, index) => offer.limitA !== offers[index - 1]?.limitA).length
}

export function fields(value: unknown): Fields {
  // A JSON object has string keys and unknown values; anything else becomes one without any.
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
