/**
 * Suite B: a depot under one limit per phase. Physics each 30 s; the rule is asked at its own tick.
 * Commands take effect at once: what is compared is who gets how much, not how it is sent.
 */
import { PHASE_V } from './depot-sessions.js'

const STEP_S = 30
const HOUR_S = 3600
const DAY_S = 86_400
const MIN_A = 6
/** Over the last energy the car takes linearly less, down to a trickle. */
const TAPER_KWH = 1.5
const TRICKLE = 0.02
const FULL_KWH = 0.001
const WAKE_UP_S = 60

/**
 * `rule.control(cars, nowS)` sets `offerA` of the cars that are plugged in. It may know what a
 * controller knows: `evse`, `arriveS`, `drawnA`, `offerA`, `deliveredKwh`, `mask`; and what `need`
 * says where there is information. `leastA`: no car takes less over its last energy.
 */
export function simulateDepot(options) {
  const { sessions, limitA, rule, need, leastA = 0, wakeUpS = WAKE_UP_S } = options
  const waiting = sessions.map((session) => carOf(session, need))
  const all = [...waiting]
  const over = { maxA: 0, ampereS: 0, seconds: 0 }
  let plugged = []
  let next = 0
  let nowS = 0
  while (next < waiting.length || plugged.length > 0) {
    if (plugged.length === 0) nowS = Math.ceil(waiting[next].session.arriveS / STEP_S) * STEP_S
    plugged = plugged.filter(({ session }) => session.leaveS > nowS)
    while (next < waiting.length && waiting[next].session.arriveS <= nowS) {
      plugged.push(waiting[next])
      next += 1
    }
    if (nowS % rule.tickS === 0) command(rule, plugged, nowS, wakeUpS)
    noteExcess(over, drawAll(plugged, nowS, leastA), limitA)
    nowS += STEP_S
  }
  return { cars: all, over, days: nowS / DAY_S }
}

function carOf(session, need) {
  return {
    session,
    evse: session.evse,
    mask: session.mask,
    arriveS: session.arriveS,
    need: need(session),
    offerA: 0,
    drawnA: 0,
    deliveredKwh: 0,
    wakesAtS: 0,
    switches: 0,
    setpoints: 0,
  }
}

function command(rule, cars, nowS, wakeUpS) {
  const before = cars.map(({ offerA }) => offerA)
  rule.control(cars, nowS)
  for (const [index, car] of cars.entries()) {
    const wasA = before[index]
    if (car.offerA === wasA) continue
    if (!Number.isInteger(car.offerA) || (car.offerA !== 0 && car.offerA < MIN_A)) {
      throw new Error(`${rule.name} offers ${car.offerA} A`)
    }
    car.setpoints += 1
    if (wasA > 0 === car.offerA > 0) continue
    car.switches += 1
    if (car.offerA > 0) car.wakesAtS = nowS + wakeUpS
  }
}

function drawAll(cars, nowS, leastA) {
  const loadA = [0, 0, 0]
  for (const car of cars) {
    const { session, mask } = car
    car.drawnA = drawA(car, nowS, leastA)
    if (car.drawnA === 0) continue
    const forS = Math.min(STEP_S, session.leaveS - nowS)
    const kwh = (car.drawnA * session.phases * PHASE_V * forS) / HOUR_S / 1000
    car.deliveredKwh = Math.min(session.energyKwh, car.deliveredKwh + kwh)
    for (let phase = 0; phase < 3; phase++) loadA[phase] += mask[phase] * car.drawnA
  }
  return loadA
}

function drawA({ session, offerA, wakesAtS, deliveredKwh }, nowS, leastA) {
  const leftKwh = session.energyKwh - deliveredKwh
  if (offerA < MIN_A || nowS < wakesAtS || leftKwh <= FULL_KWH) return 0
  const tapered = session.capA * Math.min(1, Math.max(TRICKLE, leftKwh / TAPER_KWH))
  return Math.min(offerA, Math.max(leastA, tapered))
}

function noteExcess(over, loadA, limitA) {
  const excessA = Math.max(...loadA) - limitA
  if (excessA <= 1e-9) return
  over.maxA = Math.max(over.maxA, excessA)
  over.ampereS += excessA * STEP_S
  over.seconds += STEP_S
}
