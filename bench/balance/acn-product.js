/**
 * The product's allocation in suite A. It knows limits of phases, not of a delta transformer: so the
 * room of each line group is found here, first what its cars need on time, then the rest, in
 * proportion to what they could take as far as the lines carry; who gets how much of it is the product's.
 */
import { isWithin } from './acn-network.js'
import { MOST_A, STEP_HOURS } from './acn-simulation.js'

const core = (file) => import(new URL(`../../dist/core/${file}`, import.meta.url).href)
const { balance } = await core('balance/balance.js')
const { unitLoad } = await core('load.js')

const RULES = { minOnMs: 0, maxWaitMs: Infinity }
const STEP_MS = STEP_HOURS * 3_600_000
/** A little more than the need, since rounding and bursts take some. */
const NEED_SHARE = 1.1
const HALVINGS = 25
const STEP_A = 0.05
const EQUALLY = [1, 1, 1]

export function acnProduct(network) {
  return (cars, step) => {
    const demands = cars.map((car, index) => demandOf(car, index, step))
    const room = [[...groupRoom(network, cars, step), Infinity], ...network.podLimits.map(podRoom)]
    const currents = cars.map(() => 0)
    for (const { demand, targetA } of balance(demands, room, RULES, step * STEP_MS)) {
      currents[demand.evse.index] = targetA
    }
    return currents
  }
}

function podRoom(limitA) {
  return [limitA, limitA, limitA, Infinity]
}

function demandOf({ group, pod, missingA, leaveStep }, index, step) {
  const steps = Math.max(1, leaveStep - step)
  const slackMs = STEP_MS * (steps - missingA / MOST_A)
  return {
    evse: { index, path: pod >= 0 ? [1 + pod, 0] : [0] },
    unit: unitLoad([0, 1, 2].map((phase) => phase === group)),
    floorA: 0,
    minA: 0,
    capA: Math.min(MOST_A, missingA),
    stepsPerA: 1000,
    cappedByVehicle: false,
    priority: 1,
    isOn: true,
    lastA: 0,
    sinceMs: 0,
    guaranteed: false,
    hungry: true,
    mayWake: false,
    takes: 1,
    deliveredWh: 0,
    need: { trust: 'known', currentA: missingA / steps, slackMs },
    twiceAt: [],
  }
}

function groupRoom(network, cars, step) {
  const groups = [0, 1, 2].map((group) => cars.filter((car) => car.group === group))
  const most = groups.map((own) =>
    own.reduce((sum, { missingA }) => sum + Math.min(MOST_A, missingA), 0),
  )
  const needed = groups.map((own, group) => Math.min(most[group], NEED_SHARE * neededA(own, step)))
  const onTimeA = grown(network, [0, 0, 0], needed, EQUALLY)
  return grown(network, onTimeA, most, most)
}

/** The current that brings all of it in time: the highest over all departures. */
function neededA(cars, step) {
  let mostA = 0
  let missingA = 0
  for (const car of cars.toSorted((a, b) => a.leaveStep - b.leaveStep)) {
    missingA += car.missingA
    mostA = Math.max(mostA, missingA / (car.leaveStep - step))
  }
  return mostA
}

/** Raises all groups together, in proportion, up to what they want, until the lines stop them. */
function grown(network, fromA, wantedA, parts) {
  const isFine = (groupA) =>
    isWithin(
      network,
      groupA,
      network.podLimits.map(() => 0),
    )
  let nowA = fromA
  let rising = [0, 1, 2].filter((group) => wantedA[group] > nowA[group] + STEP_A)
  while (rising.length > 0) {
    const raised = (by) =>
      nowA.map((a, group) => (rising.includes(group) ? a + by * parts[group] : a))
    let low = 0
    let high = Math.min(...rising.map((group) => (wantedA[group] - nowA[group]) / parts[group]))
    if (isFine(raised(high))) low = high
    for (let n = 0; n < HALVINGS && low < high; n++) {
      const middle = (low + high) / 2
      if (isFine(raised(middle))) low = middle
      else high = middle
    }
    nowA = raised(low)
    rising = rising.filter((group) => {
      const isMissing = wantedA[group] > nowA[group] + STEP_A
      return isMissing && isFine(nowA.map((a, other) => (other === group ? a + STEP_A : a)))
    })
  }
  return nowA
}
