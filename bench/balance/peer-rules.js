/**
 * The rules of three open projects, written anew from their source and run outside their home: in
 * this simulation, not the projects themselves. Sources: ocpp-balanz/balanz 44ff515
 * (model.py `Group.balanz`), evcc-io/evcc b29b49e30 (core/circuit, core/loadpoint.go), EVerest
 * everest-core 23c9dac16 (EnergyManager).
 */

const MIN_A = 6
const MOST_A = 32

/**
 * A start at 6 A, 3 A more every two minutes for who uses it; a cap once seen stays for the session;
 * who pauses is out for six hours. Order: the meter register of the charger. One number of amperes
 * for all phases.
 */
export function balanzRule({ limitA }) {
  const registers = new Map()
  const registerOf = (evse) => {
    if (!registers.has(evse)) registers.set(evse, (evse * 2654435761) % 5000)
    return registers.get(evse)
  }
  return {
    name: "balanz's rule in our simulation",
    tickS: 60,
    control(cars, nowS) {
      for (const car of cars) noteUsage(car, nowS)
      const wanting = cars.filter(({ balanz }) => nowS >= balanz.suspendedUntilS)
      const energyOf = (car) => registerOf(car.evse) + car.deliveredKwh
      wanting.sort((a, b) => energyOf(a) - energyOf(b))
      let roomA = limitA
      const given = new Map(cars.map((car) => [car, 0]))
      for (const car of wanting) {
        if (roomA < MIN_A) break
        given.set(car, MIN_A)
        roomA -= MIN_A
      }
      let rising = wanting.filter((car) => given.get(car) > 0)
      while (roomA >= 1 && rising.length > 0) {
        rising = rising.filter((car) => given.get(car) < car.balanz.mostA)
        for (const car of rising) {
          if (roomA < 1) break
          given.set(car, given.get(car) + 1)
          roomA -= 1
        }
      }
      for (const car of cars) {
        if (given.get(car) > car.offerA) car.balanz.raisedAtS = nowS
        car.offerA = given.get(car)
      }
      for (const car of cars) registers.set(car.evse, registerOf(car.evse))
    },
  }
}

function noteUsage(car, nowS) {
  car.balanz ??= { recent: [], mostA: MIN_A, capA: MOST_A, raisedAtS: nowS, suspendedUntilS: 0 }
  const { balanz } = car
  if (car.offerA === 0) {
    balanz.recent = []
    balanz.mostA = MIN_A
    return
  }
  balanz.recent.push(car.drawnA)
  if (balanz.recent.length > 5) balanz.recent.shift()
  const usedA = Math.max(...balanz.recent)
  if (balanz.recent.length === 5 && usedA < 2) {
    balanz.suspendedUntilS = nowS + 6 * 3600
    return
  }
  if (balanz.recent.length === 5 && usedA <= car.offerA - 0.8) {
    balanz.capA = Math.min(balanz.capA, Math.max(MIN_A, Math.ceil(usedA)))
  }
  const mayRise = car.drawnA >= car.offerA - 0.6 && nowS - balanz.raisedAtS >= 120
  balanz.mostA = Math.min(balanz.capA, mayRise ? car.offerA + 3 : Math.max(MIN_A, car.offerA))
}

/** One charger each 30 s: what it has and what the circuit has left by its meter. */
export function evccRule({ limitA }) {
  let turn = 0
  return {
    name: "evcc's rule in our simulation",
    tickS: 30,
    control(cars) {
      if (cars.length === 0) return
      turn = (turn + 1) % cars.length
      const car = cars[turn]
      const loadA = [0, 0, 0]
      for (const { mask, drawnA } of cars) {
        for (let phase = 0; phase < 3; phase++) loadA[phase] += mask[phase] * drawnA
      }
      const leftA = limitA - Math.max(...loadA)
      const wantedA = Math.min(MOST_A, Math.floor(car.drawnA + leftA))
      car.offerA = wantedA < MIN_A ? 0 : wantedA
    },
  }
}

/**
 * 6 A each in the order of the tree, then slices by turns; nothing is taken back, and one number of
 * amperes for all phases.
 */
export function everestRule({ limitA }) {
  return {
    name: "EVerest's rule in our simulation",
    tickS: 60,
    control(cars) {
      const leaves = cars.toSorted((a, b) => a.evse - b.evse)
      const given = new Map(leaves.map((car) => [car, 0]))
      let roomA = limitA
      for (const car of leaves) {
        if (roomA < MIN_A) break
        given.set(car, MIN_A)
        roomA -= MIN_A
      }
      let rising = leaves.filter((car) => given.get(car) > 0)
      while (roomA >= 0.5 && rising.length > 0) {
        for (const car of rising) {
          if (roomA < 0.5) break
          given.set(car, given.get(car) + 0.5)
          roomA -= 0.5
        }
        rising = rising.filter((car) => given.get(car) < MOST_A)
      }
      for (const car of leaves) car.offerA = Math.floor(given.get(car))
    },
  }
}
