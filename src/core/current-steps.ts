/** What a charger of coarse steps can be told: between two of them it may take the higher one. */
import { EPSILON_A } from './load.js'

/** OCPP 1.6 limits have one decimal (errata 3.71). */
export const FINEST_STEPS_PER_A = 10

export function downToStep(currentA: number, stepsPerA: number): number {
  if (stepsPerA >= FINEST_STEPS_PER_A) return currentA
  return Math.floor((currentA + EPSILON_A) * stepsPerA) / stepsPerA
}

export function upToStep(currentA: number, stepsPerA: number): number {
  if (stepsPerA >= FINEST_STEPS_PER_A) return currentA
  return Math.ceil((currentA - EPSILON_A) * stepsPerA) / stepsPerA
}
