/**
 * How a limit is put to a charger. Some refuse a purpose, a kind or a unit: each charger walks down
 * a chain of forms until it finds one that it takes, and stays there.
 */

export interface ProfileForm {
  readonly purpose: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
  /** 1 stands over 0 of the same purpose while it lasts. */
  readonly stackLevel: 0 | 1
  readonly kind: 'Absolute' | 'Relative'
  /** A for AC and W for DC, or the other way round. */
  readonly unit: 'native' | 'other'
}

/** Where a charger stands in a chain. */
export interface FormState {
  index: number
  /** Refusals in a row of the form at `index`. */
  refusals: number
  /** The form at `index` was accepted at some time. */
  isKnown: boolean
  /** Every form of the chain has been refused since the last was accepted. */
  isExhausted: boolean
  /** Forms that were given up since the last was accepted. */
  triedForms: number
  /** Where its kind begins, as far as that has been gone by. */
  preferred: number
}

/** What of a form is known to suit a charger. */
export interface FormWish {
  /** The best first. */
  readonly purposes: readonly ProfileForm['purpose'][]
  readonly kind: ProfileForm['kind'] | undefined
  readonly unit: ProfileForm['unit'] | undefined
}

/** The standing fallback. A charge point limit instead of it only where it is the limit of one EVSE. */
const STANDING: readonly ProfileForm[] = [
  { purpose: 'TxDefaultProfile', stackLevel: 0, kind: 'Absolute', unit: 'native' },
  { purpose: 'TxDefaultProfile', stackLevel: 0, kind: 'Relative', unit: 'native' },
  { purpose: 'TxDefaultProfile', stackLevel: 0, kind: 'Absolute', unit: 'other' },
  { purpose: 'TxDefaultProfile', stackLevel: 0, kind: 'Relative', unit: 'other' },
]
const STANDING_ALONE: readonly ProfileForm[] = [
  ...STANDING,
  { purpose: 'ChargePointMaxProfile', stackLevel: 0, kind: 'Absolute', unit: 'native' },
  { purpose: 'ChargePointMaxProfile', stackLevel: 0, kind: 'Absolute', unit: 'other' },
]
/** What expires above it. A default at level 1 outlives its transaction: the ledger counts it so. */
const EXPIRING: readonly ProfileForm[] = [
  { purpose: 'TxProfile', stackLevel: 0, kind: 'Absolute', unit: 'native' },
  { purpose: 'TxProfile', stackLevel: 0, kind: 'Relative', unit: 'native' },
  { purpose: 'TxProfile', stackLevel: 0, kind: 'Absolute', unit: 'other' },
  { purpose: 'TxProfile', stackLevel: 0, kind: 'Relative', unit: 'other' },
  { purpose: 'TxDefaultProfile', stackLevel: 1, kind: 'Absolute', unit: 'native' },
  { purpose: 'TxDefaultProfile', stackLevel: 1, kind: 'Absolute', unit: 'other' },
]
/** Beside a charge point limit nothing else can raise (3.13.3: the lowest purpose wins). */
const EXPIRING_OVER_MAX: readonly ProfileForm[] = [
  { purpose: 'ChargePointMaxProfile', stackLevel: 1, kind: 'Absolute', unit: 'native' },
  { purpose: 'ChargePointMaxProfile', stackLevel: 1, kind: 'Absolute', unit: 'other' },
]
/** 0 A for cars that come, above a fallback that would let them draw. */
export const ADMISSION_FORM: ProfileForm = {
  purpose: 'TxDefaultProfile',
  stackLevel: 1,
  kind: 'Absolute',
  unit: 'native',
}
/** The last profile the watchdog tries. */
export const CUT_OFF_FORM: ProfileForm = { ...ADMISSION_FORM, purpose: 'ChargePointMaxProfile' }

/** A form that worked is not given up for a single bad moment of the charger. */
const REFUSALS_KNOWN = 4
const REFUSALS_FIRST = 2

export function newFormState(): FormState {
  return {
    index: 0,
    refusals: 0,
    isKnown: false,
    isExhausted: false,
    triedForms: 0,
    preferred: 0,
  }
}

/** The place of the standing form that suits best; without a wish the first. */
export function preferredStanding(wish: FormWish, isAlone: boolean): number {
  return bestOf(isAlone ? STANDING_ALONE : STANDING, wish)
}

/** `hasOneLevel`: nothing can stand above the fallback but what is for a transaction. */
export function preferredExpiring(
  wish: FormWish,
  standing: ProfileForm,
  hasOneLevel: boolean,
): number {
  const chain = expiringChain(standing)
  // Those that are come first: their places stay the same.
  return bestOf(hasOneLevel && chain.some(isBound) ? chain.filter(isBound) : chain, wish)
}

/** A purpose outweighs a unit, and that a kind: of what is refused the next is tried in any case. */
function bestOf(chain: readonly ProfileForm[], { purposes, kind, unit }: FormWish): number {
  const cost = (form: ProfileForm): number => {
    const rank = purposes.indexOf(form.purpose)
    const isOther = (is: string, wanted: string | undefined): number =>
      wanted === undefined || is === wanted ? 0 : 1
    return (
      4 * (rank < 0 ? purposes.length : rank) +
      2 * isOther(form.unit, unit) +
      isOther(form.kind, kind)
    )
  }
  let best = 0
  for (const [at, form] of chain.entries()) if (cost(form) < cost(formAt(chain, best))) best = at
  return best
}

/** A form that is known to suit it takes the place of the one that has been told so far. */
export function beginAt(state: FormState, preferred: number): void {
  Object.assign(state, newFormState(), { index: preferred, preferred })
}

export function standingForm(state: FormState): ProfileForm {
  return formAt(STANDING_ALONE, state.index)
}

export function expiringForm(state: FormState, standing: ProfileForm): ProfileForm {
  return formAt(expiringChain(standing), state.index)
}

function expiringChain({ purpose }: ProfileForm): readonly ProfileForm[] {
  return purpose === 'ChargePointMaxProfile' ? EXPIRING_OVER_MAX : EXPIRING
}

function formAt(chain: readonly ProfileForm[], index: number): ProfileForm {
  const form = chain[index % chain.length]
  if (!form) throw new Error(`no profile form at ${index}`)
  return form
}

/** OCPP 1.6 3.13.1: only a TxProfile ends with its transaction. */
export function isBound({ purpose }: ProfileForm): boolean {
  return purpose === 'TxProfile'
}

export function formAccepted(state: FormState): void {
  state.refusals = 0
  state.isKnown = true
  state.isExhausted = false
  state.triedForms = 0
}

/** True: the next form of the chain may be tried at once. */
export function formRefused(state: FormState, chainLength: number): boolean {
  state.refusals += 1
  const patience = state.isKnown ? REFUSALS_KNOWN : state.index === 0 ? REFUSALS_FIRST : 1
  if (state.refusals < patience) return false
  state.refusals = 0
  state.isKnown = false
  state.triedForms += 1
  state.index = state.index + 1 >= chainLength ? 0 : state.index + 1
  const isLast = state.triedForms >= chainLength
  if (isLast) {
    state.isExhausted = true
    state.triedForms = 0
  }
  return !isLast
}

/** `isAlone`: its charge point has no other EVSE. */
export function standingLength(isAlone: boolean): number {
  return (isAlone ? STANDING_ALONE : STANDING).length
}

/** `isHeld`: a TxProfile is in force, and (3.13.3) a default below it would limit nothing. */
export function expiringLength(standing: ProfileForm, isHeld: boolean): number {
  const chain = expiringChain(standing)
  return isHeld && chain.some(isBound) ? chain.filter(isBound).length : chain.length
}
