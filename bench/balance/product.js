/**
 * The product's own allocation in suite B: its tree, `balance`, `learnFrom` and `noteTurn` as built;
 * here is only what turns cars into demands and targets into offers.
 */
const core = (file) => import(new URL(`../../dist/core/${file}`, import.meta.url).href)
const { balance } = await core('balance/balance.js')
const { isResting, learnFrom, mayWake, takesOf } = await core('balance/car.js')
const { newTurn, noteTurn } = await core('balance/turns.js')
const { unitLoad } = await core('load.js')

const MIN_A = 6
const HARDWARE_A = 32
/** As the product ships: `balance.minOnS` and `balance.maxWaitS`. */
const RULES = { minOnMs: 900_000, maxWaitMs: 3_600_000 }
const PHASE_KV = 0.23
const ALL_PHASES = [1, 1, 1]

/**
 * `name` says what it is told of the cars. A site with more than one limit, or one that changes, says
 * what room there is by `roomAt` and in which rooms an EVSE is by `pathOf`.
 */
export function product({
  limitA,
  name,
  roomAt = () => [[limitA, limitA, limitA, Infinity]],
  pathOf = () => [0],
}) {
  return {
    name,
    tickS: 60,
    control(cars, nowS) {
      const nowMs = nowS * 1000
      for (const car of cars) note(car, nowMs)
      const demands = cars.map((car, index) =>
        demandOf(car, { index, path: pathOf(car.evse) }, nowMs),
      )
      for (const { demand, targetA } of balance(demands, roomAt(nowS), RULES, nowMs)) {
        const car = cars[demand.evse.index]
        noteTurn(car.turn, { targetA, isThere: true }, RULES, nowMs)
        car.offerA = targetA
      }
    },
  }
}

/** One look a minute; chargers report each 10 s, so by then two samples agree on the phases. */
function note(car, nowMs) {
  car.turn ??= newTurn(nowMs)
  car.drew = (car.drew ?? 0) + Number(car.drawnA > 0)
  learnFrom(car.turn, { offerA: car.offerA, takenA: car.drawnA }, nowMs)
}

function demandOf(car, evse, nowMs) {
  const { turn, drew, mask } = car
  const hungry = !isResting(turn, nowMs)
  const capA = hungry ? Math.min(HARDWARE_A, Math.max(MIN_A, turn.capA ?? HARDWARE_A)) : MIN_A
  return {
    evse,
    unit: unitLoad(drew >= 1 ? mask : ALL_PHASES),
    floorA: 0,
    minA: MIN_A,
    capA,
    stepsPerA: 1,
    cappedByVehicle: capA < HARDWARE_A,
    priority: 1,
    isOn: turn.targetA > 0,
    lastA: turn.targetA,
    sinceMs: turn.sinceMs,
    guaranteed: turn.guaranteed,
    hungry,
    mayWake: mayWake(turn, nowMs),
    deliveredWh: car.deliveredKwh * 1000,
    takes: takesOf(turn, MIN_A, nowMs),
    need: needOf(car, capA, nowMs),
    twiceAt: [],
  }
}

/** What it would need on average until it leaves, and how long it could wait. */
function needOf({ need, deliveredKwh, drew, mask }, capA, nowMs) {
  if (!need) return undefined
  const hours = Math.max(1 / 60, (need.leaveS - nowMs / 1000) / 3600)
  const phases = drew >= 1 ? mask[0] + mask[1] + mask[2] : 3
  const ampereHours = Math.max(0, need.energyKwh - deliveredKwh) / (phases * PHASE_KV)
  const slackMs = 3_600_000 * (hours - ampereHours / capA)
  return { trust: need.trust, currentA: ampereHours / hours, slackMs }
}
