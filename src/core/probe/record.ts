/** What a probe leaves with the charger: the record, and whether its expiry counts as verified. */
import type { Charger, ProbeRecord } from '../site/depot.js'
import type { Findings } from './probe-types.js'
import type { StepOutcome } from './probe.js'

export interface Identity {
  readonly vendor: string | undefined
  readonly model: string | undefined
  readonly firmware: string | undefined
}

/** Undefined: nothing was found out. What was found before of the same firmware stays. */
export function probedCharger(
  charger: Charger,
  outcomes: readonly StepOutcome[],
  identity: Identity,
  atMs: number,
): Charger | undefined {
  if (outcomes.length === 0) return undefined
  const known = charger.probe && isOf(charger.probe, identity) ? charger.probe : undefined
  const record = recordOf(known, outcomes, identity, atMs)
  const isStated = known !== undefined && isVerified(known) && !charger.expiryVerified
  // Who set it to false after a probe that said otherwise has reasons.
  const expiryVerified = expiryVerdict(record, outcomes, charger.expiryVerified) && !isStated
  return { ...charger, probe: record, expiryVerified }
}

/** The charger is another one than was probed, or runs another firmware; undefined: it is the same. */
export function outdatedCharger(charger: Charger, identity: Identity): Charger | undefined {
  const { probe } = charger
  if (!probe || probe.outdated === true || identity.vendor === undefined) return undefined
  if (isOf(probe, identity)) return undefined
  return { ...charger, probe: { ...probe, outdated: true }, expiryVerified: false }
}

/** It ends its limits by itself, and goes no higher than its fallback when it is on its own. */
export function isVerified({ expiry, fallbackSeen, keepsOverReconnect }: ProbeRecord): boolean {
  return expiry === 'honoured' && fallbackSeen === true && keepsOverReconnect !== false
}

function expiryVerdict(
  record: ProbeRecord,
  outcomes: readonly StepOutcome[],
  before: boolean,
): boolean {
  const isAbout = outcomes.some(
    ({ step, isClear }) => isClear && (step === 'expiry' || step === 'reconnect'),
  )
  if (!isAbout) return before
  const isDisproved =
    record.expiry === 'ignored' ||
    record.fallbackSeen === false ||
    record.keepsOverReconnect === false
  if (isDisproved) return false
  return before || isVerified(record)
}

function recordOf(
  known: ProbeRecord | undefined,
  outcomes: readonly StepOutcome[],
  { vendor, model, firmware }: Identity,
  atMs: number,
): ProbeRecord {
  const findings: Findings = { ...known }
  let notes = known?.notes ?? []
  for (const { step, isClear, findings: found } of outcomes) {
    const { notes: added = [], ...values } = found
    // What could not be found out this time disproves nothing.
    if (isClear) Object.assign(findings, values)
    else if (!findings.expiry) Object.assign(findings, { expiry: values.expiry })
    notes = [
      ...notes.filter((note) => !note.startsWith(`${step}: `)),
      ...added.map((note) => `${step}: ${note}`),
    ]
  }
  return {
    ...findings,
    atMs,
    vendor,
    model,
    firmware,
    notes,
  }
}

function isOf(probe: ProbeRecord, { vendor, model, firmware }: Identity): boolean {
  if (probe.outdated === true) return false
  return probe.vendor === vendor && probe.model === model && probe.firmware === firmware
}
