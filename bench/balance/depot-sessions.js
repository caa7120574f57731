/** Sessions of suite B: the published ones with a car drawn for each by the hash of its id. */
import { createHash } from 'node:crypto'
import { hoursOf } from './read-data.js'

export const PHASE_V = 230
const KW_PER_PHASE_A = PHASE_V / 1000
const CAR_CLASSES = {
  threePhase16: { phases: 3, capA: 16 },
  onePhase32: { phases: 1, capA: 32 },
  onePhase16: { phases: 1, capA: 16 },
}
/** Nobody is asked for more than this share of what the stay allows. */
const MOST_OF_STAY = 0.95
const HASTE_OF_STAY = 0.9
const SHORTEST_S = 300
const LEAST_KWH = 0.1

/** `mix`: `given` (45 % one-phase cars) or `three` (none). Times count from `fromS`. */
export function depotSessions(raw, { fromS, toS, mix }) {
  const stations = [...new Set(raw.map(({ station }) => station))].toSorted((a, b) =>
    a < b ? -1 : 1,
  )
  const evseOf = new Map(stations.map((station, index) => [station, index]))
  const sessions = raw
    .filter((session) => session.arriveS >= fromS && session.arriveS < toS)
    .filter((session) => session.leaveS - session.arriveS >= SHORTEST_S)
    .filter(({ energyKwh }) => energyKwh > LEAST_KWH)
    .map((session) => withCar(session, { fromS, mix, evse: evseOf.get(session.station) }))
    .toSorted((a, b) => a.arriveS - b.arriveS || a.evse - b.evse)
  return { sessions, evses: stations.length }
}

function withCar(session, { fromS, mix, evse }) {
  const hours = hoursOf(session)
  let car = mix === 'three' ? CAR_CLASSES.threePhase16 : carOf(session.id)
  if (session.energyKwh > HASTE_OF_STAY * kwOf(car) * hours) car = CAR_CLASSES.threePhase16
  const arriveS = session.arriveS - fromS
  return {
    id: session.id,
    evse,
    arriveS,
    leaveS: session.leaveS - fromS,
    energyKwh: Math.min(session.energyKwh, MOST_OF_STAY * kwOf(car) * hours),
    statedLeaveS: Math.max(session.statedLeaveS - fromS, arriveS + 60),
    statedKwh: session.askedKwh,
    ...car,
    mask: car.phases === 3 ? [1, 1, 1] : [0, 1, 2].map((phase) => Number(phase === evse % 3)),
  }
}

export function kwOf({ phases, capA }) {
  return phases * capA * KW_PER_PHASE_A
}

function carOf(id) {
  const hash = createHash('sha256').update(id).digest('hex')
  const share = parseInt(hash.slice(0, 8), 16) / 2 ** 32
  if (share < 0.55) return CAR_CLASSES.threePhase16
  return share < 0.8 ? CAR_CLASSES.onePhase32 : CAR_CLASSES.onePhase16
}
