/** The rules ACN-Sim publishes figures for, written anew: the check that suite A is what it says. */
import { MOST_A } from './acn-simulation.js'
import { isWithin } from './acn-network.js'

const ROUND_ROBIN_STEP_A = 0.1
const PRECISION_A = 0.01

export const ACN_RULES = {
  RR: (network) => (cars) => roundRobin(network, cars),
  FCFS: (network) => inOrder(network, ({ arriveStep }) => arriveStep),
  EDF: (network) => inOrder(network, ({ leaveStep }) => leaveStep),
  LLF: (network) => inOrder(network, laxity),
}

export function laxity({ leaveStep, missingA }, step) {
  return leaveStep - step - missingA / MOST_A
}

/** As much as fits for one after the other. */
function inOrder(network, keyOf) {
  return (cars, step) => {
    const load = emptyLoad(network)
    const currents = cars.map(() => 0)
    const ranked = cars.map((car, index) => ({ car, index, key: keyOf(car, step) }))
    for (const { car, index } of ranked.toSorted((a, b) => a.key - b.key)) {
      const mostA = Math.min(MOST_A, car.missingA)
      currents[index] = fittingA(network, load, car, mostA)
      add(load, car, currents[index])
    }
    return currents
  }
}

/** Bisection, as there. */
function fittingA(network, load, car, mostA) {
  if (fits(network, load, car, mostA)) return mostA
  let low = 0
  let high = mostA
  while (high - low > PRECISION_A) {
    const middle = (low + high) / 2
    if (fits(network, load, car, middle)) low = middle
    else high = middle
  }
  return low
}

function roundRobin(network, cars) {
  const load = emptyLoad(network)
  const currents = cars.map(() => 0)
  let rising = cars.map((_, index) => index)
  while (rising.length > 0) {
    rising = rising.filter((index) => {
      const car = cars[index]
      const nextA = Math.min(ROUND_ROBIN_STEP_A, Math.min(MOST_A, car.missingA) - currents[index])
      if (nextA <= 1e-9 || !fits(network, load, car, nextA)) return false
      currents[index] += nextA
      add(load, car, nextA)
      return true
    })
  }
  return currents
}

function emptyLoad(network) {
  return { groupA: [0, 0, 0], podA: network.podLimits.map(() => 0) }
}

function add({ groupA, podA }, { group, pod }, currentA) {
  groupA[group] += currentA
  if (pod >= 0) podA[pod] += currentA
}

function fits(network, load, car, currentA) {
  add(load, car, currentA)
  const isFine = isWithin(network, load.groupA, load.podA)
  add(load, car, -currentA)
  return isFine
}
