/** Amperes on L1, L2, L3: RMS, import positive. */
export type PhaseA = readonly [number, number, number]

/** Which of L1, L2, L3 something is connected to. */
export type PhaseMask = readonly [boolean, boolean, boolean]

export const NO_CURRENT: PhaseA = [0, 0, 0]

export function addPhases(a: PhaseA, b: PhaseA): PhaseA {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

export function scalePhases(a: PhaseA, factor: number): PhaseA {
  return [a[0] * factor, a[1] * factor, a[2] * factor]
}

export function maxPhases(a: PhaseA, b: PhaseA): PhaseA {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.max(a[2], b[2])]
}

export function minPhases(a: PhaseA, b: PhaseA): PhaseA {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.min(a[2], b[2])]
}

/** The same current on each phase of the mask. */
export function onPhases(currentA: number, mask: PhaseMask): PhaseA {
  return [mask[0] ? currentA : 0, mask[1] ? currentA : 0, mask[2] ? currentA : 0]
}

export function phaseCount(mask: PhaseMask): number {
  return Number(mask[0]) + Number(mask[1]) + Number(mask[2])
}

export function sumPhases(a: PhaseA): number {
  return a[0] + a[1] + a[2]
}
