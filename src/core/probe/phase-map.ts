/** On which site phases an EVSE's L1..L3 are, by what a meter sees of steps of its current. */
import type { PhaseA } from '../phases.js'
import type { PhaseRotation } from '../site/depot.js'

/** The mean currents while the charger stood at one level. */
export interface PhaseLevel {
  /** By the charger, on its own L1, L2, L3. */
  readonly ownA: PhaseA
  /** By the meter. */
  readonly siteA: PhaseA
}

export type PhaseMap =
  /** More steps may tell. */
  | { readonly type: 'noisy' }
  | {
      readonly type: 'found'
      /** Undefined: the same on all three phases, or none fits. */
      readonly rotation: PhaseRotation | undefined
      readonly phases: number
      readonly note: string | undefined
    }

const ROTATIONS: readonly PhaseRotation[] = ['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR']
/** Right-handed: how electricians swap phases between chargers. */
const CYCLIC: ReadonlySet<PhaseRotation> = new Set(['RST', 'STR', 'TRS'])
const PHASES = [0, 1, 2] as const
/** Of the step: a mean known no better tells nothing. */
const NOISE = 0.12
const USED = 0.3
/** The other load may move in step with two of them, hardly with four. */
const STEPS_MIN = 4
const FITS = 0.3

/** `levels` alternate between low and high. */
export function phaseMap(levels: readonly PhaseLevel[]): PhaseMap {
  const steps = levels.slice(1).map((level, index) => stepOf(levels[index] ?? level, level))
  const ownA = PHASES.map((phase) => mean(steps.map((step) => step.ownA[phase])))
  const siteA = PHASES.map((phase) => mean(steps.map((step) => step.siteA[phase])))
  const stepA = Math.max(...ownA)
  const noiseA = Math.max(
    ...PHASES.map((phase) => errorOfMean(steps.map((step) => step.siteA[phase]))),
  )
  if (steps.length < STEPS_MIN || noiseA > NOISE * stepA) return { type: 'noisy' }

  const phases = siteA.filter((a) => a > USED * stepA).length
  const fitting = ROTATIONS.filter((rotation) => {
    const wiring = wiringOf(rotation)
    return PHASES.every((own) => {
      const seenA = siteA[wiring[own] ?? 0] ?? 0
      return Math.abs(seenA - (ownA[own] ?? 0)) <= FITS * stepA
    })
  })
  return { type: 'found', phases, ...choice(fitting, phases) }
}

function choice(
  fitting: readonly PhaseRotation[],
  phases: number,
): { readonly rotation: PhaseRotation | undefined; readonly note: string | undefined } {
  const [only] = fitting
  if (only === undefined) {
    return { rotation: undefined, note: 'the meter does not see the steps the charger reports' }
  }
  if (fitting.length === 1) return { rotation: only, note: undefined }
  const cyclic = fitting.filter((rotation) => CYCLIC.has(rotation))
  if (cyclic.length !== 1) {
    return {
      rotation: undefined,
      note: 'the car uses all phases alike: a car on one phase would tell which is which',
    }
  }
  const [rotation] = cyclic
  const left = phases === 1 ? 'only L1 was seen' : 'L1 and L2 were seen together'
  return { rotation, note: `${left}: taken as a right-handed field` }
}

export function wiringOf(rotation: PhaseRotation): readonly number[] {
  return PHASES.map((own) => 'RST'.indexOf(rotation.charAt(own)))
}

/** Upwards, whichever came first. */
function stepOf(from: PhaseLevel, to: PhaseLevel): PhaseLevel {
  const isUp = Math.max(...to.ownA) >= Math.max(...from.ownA)
  const [low, high] = isUp ? [from, to] : [to, from]
  return { ownA: difference(high.ownA, low.ownA), siteA: difference(high.siteA, low.siteA) }
}

function difference(a: PhaseA, b: PhaseA): PhaseA {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function errorOfMean(values: readonly number[]): number {
  if (values.length < 2) return Infinity
  const centre = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
