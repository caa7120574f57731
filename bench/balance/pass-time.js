/**
 * Time of one pass of the allocation: every EVSE has a hungry car, a tree of three levels (site,
 * groups of 20, chargers), and so little room that most cars wait (`scarce`), or enough to share.
 * CPU time of the process, so that others who use the machine do not count; what collects garbage does.
 */
import { quantile, growthExponent } from '../statistics.js'

const core = (file) => import(new URL(`../../dist/core/${file}`, import.meta.url).href)
const SIZES = [200, 1000, 10_000]
const GOALS_MS = { 200: 2, 1000: 10, 10_000: 150 }
const SHARES = { scarce: 0.1, sharing: 0.6 }
const GROUP = 20
const HARDWARE_A = 16
const RULES = { minOnMs: 900_000, maxWaitMs: 3_600_000 }
const ROUND_MS = 1000
const ROUNDS = { 200: 400, 1000: 200, 10_000: 60 }
const WARM_UP = 0.3

export async function passTime({ quick }) {
  const { balance } = await core('balance/balance.js')
  const { newTurn, noteTurn } = await core('balance/turns.js')
  const { unitLoad } = await core('load.js')
  const measure = (evses, share) => measured({ balance, newTurn, noteTurn, unitLoad }, evses, share)
  measure(200, SHARES.scarce)
  return Object.entries(SHARES).map(([name, share]) => {
    const sizes = SIZES.slice(0, quick ? 2 : undefined).map((evses) => measure(evses, share))
    const exponent = growthExponent(sizes.map(({ evses, p50Ms }) => ({ x: evses, y: p50Ms })))
    return { name, sizes, exponent }
  })
}

function measured({ balance, newTurn, noteTurn, unitLoad }, evses, share) {
  const cars = Array.from({ length: evses }, (_, index) => carOf(index, newTurn, unitLoad))
  const groups = Math.ceil(evses / GROUP)
  const tookMs = []
  for (let round = 0; round < ROUNDS[evses]; round++) {
    const nowMs = round * ROUND_MS
    const room = roomOf(evses, groups, share)
    const demands = cars.map((car, index) => demandOf(car, index, groups))
    const startedMs = cpuMs()
    const targets = balance(demands, room, RULES, nowMs)
    tookMs.push(cpuMs() - startedMs)
    for (const { demand, targetA } of targets) {
      const car = cars[demand.evse.index]
      noteTurn(car.turn, { targetA, isThere: true }, RULES, nowMs)
      car.deliveredWh += (targetA * 230 * ROUND_MS) / 3_600_000
    }
  }
  const warm = tookMs.slice(Math.floor(WARM_UP * tookMs.length))
  return { evses, goalMs: GOALS_MS[evses], p50Ms: quantile(warm, 0.5), p99Ms: quantile(warm, 0.99) }
}

function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Every third car on one phase; what each has had so far differs. */
function carOf(index, newTurn, unitLoad) {
  const mask = [0, 1, 2].map((phase) => index % 3 > 0 || phase === (index / 3) % 3)
  const turn = newTurn(-1000 * ((index * 7919) % 3600))
  return { turn, unit: unitLoad(mask), deliveredWh: (index * 104_729) % 20_000 }
}

function roomOf(evses, groups, share) {
  const limited = (count, part) => {
    const limitA = count * HARDWARE_A * part
    return [limitA, limitA, limitA, Infinity]
  }
  return [
    limited(evses, share),
    ...Array.from({ length: groups }, (_, group) => limited(GROUP, share + 0.02 * (group % 10))),
    ...Array.from({ length: evses }, () => [32, 32, 32, Infinity]),
  ]
}

function demandOf({ turn, unit, deliveredWh }, index, groups) {
  return {
    evse: { index, path: [1 + groups + index, 1 + Math.floor(index / GROUP), 0] },
    unit,
    floorA: 0,
    minA: 6,
    capA: HARDWARE_A - (index % 5),
    stepsPerA: 10,
    cappedByVehicle: false,
    priority: 1 + (index % 2),
    isOn: turn.targetA > 0,
    lastA: turn.targetA,
    sinceMs: turn.sinceMs,
    guaranteed: turn.guaranteed,
    hungry: true,
    mayWake: false,
    takes: 1,
    deliveredWh,
    need: undefined,
    twiceAt: [],
  }
}
