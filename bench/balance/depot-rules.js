/**
 * Textbook rules for suite B: who comes in which order, the minimum for as many as fit, and what is
 * left by turns or one after the other. All but two take back what a car does not use.
 */

const MIN_A = 6
const MOST_A = 32
const RECLAIM_AFTER = 2

export function uncontrolled() {
  return {
    name: 'uncontrolled',
    tickS: 60,
    control(cars) {
      for (const car of cars) car.offerA = MOST_A
    },
  }
}

/** The limit divided by the cars that are plugged in; first come first served below the minimum. */
export function staticEqual({ limitA }) {
  return {
    name: 'static equal share',
    tickS: 60,
    control(cars) {
      const places = Math.floor(limitA / MIN_A)
      const shareA = Math.min(MOST_A, Math.floor(limitA / Math.max(1, cars.length)))
      for (const [index, car] of cars.entries()) {
        if (shareA >= MIN_A) car.offerA = shareA
        else car.offerA = index < places ? MIN_A : 0
      }
    },
  }
}

/** In the order of arrival (cars are given in it), then one ampere each by turns. */
export function roundRobin({ limitA }) {
  return sortedRule('round robin + reclaim', limitA, () => 0, fillByTurns)
}

export function firstCome({ limitA }) {
  return sortedRule('first come + reclaim', limitA, () => 0, fillInOrder)
}

export function earliestDeadline({ limitA }) {
  return sortedRule('earliest deadline', limitA, ({ need }) => need.leaveS, fillInOrder)
}

export function leastLaxity({ limitA }) {
  const laxityS = ({ need, mask, deliveredKwh }, nowS) => {
    const phases = mask[0] + mask[1] + mask[2]
    const mostKw = (MOST_A / 2) * phases * 0.23
    const missingKwh = Math.max(0, need.energyKwh - deliveredKwh)
    return need.leaveS - nowS - (3600 * missingKwh) / mostKw
  }
  return sortedRule('least laxity', limitA, laxityS, fillInOrder)
}

function sortedRule(name, limitA, keyOf, fill) {
  return {
    name,
    tickS: 60,
    control(cars, nowS) {
      for (const car of cars) reclaim(car)
      const ranked = cars.map((car) => ({ car, key: keyOf(car, nowS) }))
      ranked.sort((a, b) => a.key - b.key)
      const roomA = [limitA, limitA, limitA]
      const admitted = []
      for (const { car } of ranked) {
        car.offerA = 0
        const { capA = MOST_A } = car.reclaimed
        if (capA < MIN_A || fits(car, roomA) < MIN_A) continue
        give(car, roomA, MIN_A)
        admitted.push(car)
      }
      fill(admitted, roomA)
    },
  }
}

/**
 * A car that stays below its offer for two rounds is offered what it takes and one ampere more; one
 * that takes nothing, nothing more.
 */
function reclaim(car) {
  car.reclaimed ??= { capA: MOST_A, rounds: 0 }
  const { reclaimed } = car
  if (car.offerA === 0) return
  if (car.drawnA > car.offerA - 0.5) {
    reclaimed.rounds = 0
    reclaimed.capA = Math.min(MOST_A, Math.max(reclaimed.capA, car.offerA + 2))
    return
  }
  reclaimed.rounds += 1
  if (reclaimed.rounds <= RECLAIM_AFTER) return
  reclaimed.capA = car.drawnA < 0.5 ? 0 : Math.max(MIN_A, Math.ceil(car.drawnA + 1))
}

function fillInOrder(cars, roomA) {
  for (const car of cars) {
    const addA = Math.min(car.reclaimed.capA - car.offerA, fits(car, roomA))
    if (addA > 0) give(car, roomA, addA)
  }
}

function fillByTurns(cars, roomA) {
  let rising = cars
  while (rising.length > 0) {
    rising = rising.filter((car) => car.offerA < car.reclaimed.capA && fits(car, roomA) >= 1)
    for (const car of rising) if (fits(car, roomA) >= 1) give(car, roomA, 1)
  }
}

export function fits({ mask }, roomA) {
  let mostA = Infinity
  for (let phase = 0; phase < 3; phase++) if (mask[phase]) mostA = Math.min(mostA, roomA[phase])
  return Math.floor(mostA)
}

function give(car, roomA, currentA) {
  car.offerA += currentA
  for (let phase = 0; phase < 3; phase++) roomA[phase] -= car.mask[phase] * currentA
}
