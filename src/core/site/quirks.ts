/**
 * How a charger departs from what others of its kind do, and what is done about it. Known of models
 * by public reports, or stated by the operator. None raises what the ledger counts: each changes how
 * a charger is told, or asks for less of it.
 */

/** Absent: as with all others. */
export interface Quirks {
  /** Purposes in which limits are put to it, the best first. */
  readonly purposeOrder?: readonly QuirkPurpose[] | undefined
  readonly kind?: 'Absolute' | 'Relative' | undefined
  /** Of limits. */
  readonly unit?: 'A' | 'W' | undefined
  /** All its profiles have this level; `max`: the highest two that it knows. */
  readonly stackLevel?: number | 'max' | undefined
  /** Sent with each limit: some use as many phases as they are told. */
  readonly numberPhases?: 1 | 3 | undefined
  /** It rounds to this, A, and not always down. */
  readonly limitRounding?: 0.1 | 1 | undefined
  /** Less is a pause, A per phase. */
  readonly minCurrentA?: number | undefined
  /** Less is a pause, W over all phases; DC. */
  readonly minPowerW?: number | undefined
  /** How a session is paused; `minimum`: an offer of 0 ends it, so it keeps its least while there is room. */
  readonly pauseMethod?: 'zero' | 'minimum' | 'remoteStop' | undefined
  /** Its offers expire by themselves after this. */
  readonly profileDurationS?: number | undefined
  /** It is raised at most so often. */
  readonly profileIntervalMinS?: number | undefined
  /** Limits of the charge point that others left are cleared after each boot. */
  readonly clearOnConnect?: boolean | undefined
  /** It starts no transaction by itself: it is told to when a car comes. */
  readonly autoRemoteStart?: boolean | undefined
  /** Is not taken out of service. */
  readonly noChangeAvailability?: boolean | undefined
  /** The only ones it is asked to send. */
  readonly measurands?: readonly string[] | undefined
  /** It is asked for samples no more often. */
  readonly meterIntervalMinS?: number | undefined
  /** Samples are asked for one by one. */
  readonly pollMeterValues?: boolean | undefined
  /** It answers for its settings only by name. */
  readonly skipGetConfigurationAll?: boolean | undefined
}

export type QuirkPurpose = 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
export type QuirkName = keyof Quirks

export interface QuirkRecord {
  readonly id: string
  /** All that is given must fit. */
  readonly vendor?: RegExp
  readonly model?: RegExp
  readonly firmware?: {
    readonly from?: string
    /** Included. */
    readonly upTo?: string
  }
  readonly quirks: Quirks
  /** What was seen without it. */
  readonly symptom: string
  /** Where that is reported. */
  readonly source: string
}

/** What a charge point says of itself when it boots. */
export interface BootIdentity {
  readonly vendor: string | undefined
  readonly model: string | undefined
  readonly firmwareVersion: string | undefined
}

export interface EffectiveQuirks {
  readonly values: Quirks
  /** Where each comes from: the id of a record, or `stated` by the operator. */
  readonly from: ReadonlyMap<QuirkName, string>
}

export const STATED = 'stated'
export const NO_QUIRKS: EffectiveQuirks = { values: {}, from: new Map() }

/** Field by field the last record that fits, and over all of them what is stated. */
export function quirksOf(
  records: readonly QuirkRecord[],
  identity: BootIdentity,
  stated: Quirks | undefined,
): EffectiveQuirks {
  let values: Quirks = {}
  const from = new Map<QuirkName, string>()
  const add = (quirks: Quirks, source: string): void => {
    values = { ...values, ...quirks }
    for (const name of namesOf(quirks)) from.set(name, source)
  }
  for (const record of records) if (isOf(record, identity)) add(record.quirks, record.id)
  if (stated) add(stated, STATED)
  return from.size === 0 ? NO_QUIRKS : { values, from }
}

export function isSameQuirks(one: EffectiveQuirks, other: EffectiveQuirks): boolean {
  if (one === other) return true
  const text = ({ values, from }: EffectiveQuirks): string => JSON.stringify([values, [...from]])
  return text(one) === text(other)
}

function namesOf(quirks: Quirks): readonly QuirkName[] {
  // Object.keys knows no keys of a type; these are of an object with no others.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.keys(quirks) as QuirkName[]
}

function isOf({ vendor, model, firmware }: QuirkRecord, identity: BootIdentity): boolean {
  if (vendor && !vendor.test(identity.vendor ?? '')) return false
  if (model && !model.test(identity.model ?? '')) return false
  return !firmware || isWithin(identity.firmwareVersion, firmware)
}

/** A version that says no number is none of a range: what is not known is not repaired. */
function isWithin(
  version: string | undefined,
  { from, upTo }: NonNullable<QuirkRecord['firmware']>,
): boolean {
  const numbers = numbersOf(version)
  if (numbers.length === 0) return false
  if (from !== undefined && compared(numbers, numbersOf(from)) < 0) return false
  return upTo === undefined || compared(numbers, numbersOf(upTo)) <= 0
}

/** `V1.8.21-rc` is 1, 8, 21. */
function numbersOf(version = ''): readonly number[] {
  const [text] = /\d{1,9}(?:\.\d{1,9})*/.exec(version) ?? []
  return text === undefined ? [] : text.split('.').map(Number)
}

function compared(one: readonly number[], other: readonly number[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
