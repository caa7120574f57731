/** Suite A as in ACN-Sim: periods of five minutes, ideal batteries, true departures and energies. */

export const STEP_HOURS = 5 / 60
const VOLTAGE_KV = 0.208
export const MOST_A = 6.6 / 0.208

/** `rule(cars, step)` returns amperes by car; a car knows what it still misses and when it leaves. */
export function simulateAcn({ sessions, network, rule }) {
  const cars = sessions.map((session) => ({
    session,
    ...network.place(session.station),
    arriveStep: session.arriveStep,
    leaveStep: session.leaveStep,
    /** In ampere-periods: what is missing, as the current that would bring it in one period. */
    missingA: session.energyKwh / VOLTAGE_KV / STEP_HOURS,
  }))
  const wantedA = cars.reduce((sum, { missingA }) => sum + missingA, 0)
  const lastStep = Math.max(...cars.map(({ leaveStep }) => leaveStep))
  let plugged = []
  let next = 0
  for (let step = 0; step < lastStep; step++) {
    while (next < cars.length && cars[next].arriveStep <= step) plugged.push(cars[next++])
    plugged = plugged.filter(({ leaveStep, missingA }) => leaveStep > step && missingA > 1e-9)
    if (plugged.length === 0) continue
    const currents = rule(plugged, step)
    for (const [index, car] of plugged.entries()) {
      car.missingA -= Math.min(currents[index], MOST_A, car.missingA)
    }
  }
  const left = cars.reduce((sum, { missingA }) => sum + missingA, 0)
  return { met: 100 * (1 - left / wantedA), cars }
}
