/** Which current a probe holds a charger at, and whether the car has followed. */
import type { ProbeContext, ProbeObservation } from './probe-types.js'

/** Less is measuring noise. */
const CLEAR_A = 3
const FAR_A = 4
const ABOVE_A = 1
const BELOW_A = 1.5
const SAME_A = 0.1
const FOLLOWS_MS = 3_000

/** Clearly above the fallback and, if the car takes enough, clearly below what it takes. */
export function probeLevelA(context: ProbeContext, seen: ProbeObservation): number | undefined {
  const { baselineA } = context
  const fallbackA = seen.fallbackA ?? 0
  const wantedA = Math.max(seen.minA, fallbackA + FAR_A)
  const levelA = baselineA >= wantedA + CLEAR_A ? wantedA : Math.max(seen.minA, fallbackA + CLEAR_A)
  return baselineA >= levelA - ABOVE_A ? levelA : undefined
}

export function isClearlyBelow(aA: number, bA: number): boolean {
  return aA <= bA - CLEAR_A + SAME_A
}

/** The charger has acknowledged this level. */
export function isGranted(seen: ProbeObservation, levelA: number): boolean {
  return seen.grant !== undefined && Math.abs(seen.grant.limitA - levelA) <= SAME_A
}

/** The limit is no more than this; the site may leave it less. */
export function isLimitedTo(seen: ProbeObservation, levelA: number): boolean {
  return seen.grant !== undefined && seen.grant.limitA <= levelA + SAME_A
}

/** It takes what this level allows, by a sample from after `sinceMs`. */
export function isAtLevel(seen: ProbeObservation, levelA: number, sinceMs: number): boolean {
  const { sample } = seen
  if (!sample || sample.atMs < sinceMs + FOLLOWS_MS || !isGranted(seen, levelA)) return false
  return sample.highestA <= levelA + ABOVE_A && sample.highestA >= levelA - BELOW_A
}

export function isBelow(currentA: number, limitA: number): boolean {
  return currentA <= limitA + ABOVE_A
}
