/**
 * Suite B-h: working days of suite B's sessions at a site as it stands: four groups, each with its
 * own limit, and a building that takes its part of the grid connection first.
 */
import { depotSessions } from './depot-sessions.js'
import { localS, readJplSessions } from './read-data.js'

export const FIRST_HOUR = 5
export const DAY_S = (24 - FIRST_HOUR) * 3600
export const GROUPS = 4
/** Of what the building leaves on average. */
const GROUP_SHARE = 0.4
export const SITE_LIMITS_A = [60, 80, 100, 125]
const SHORTEST_S = 300
const PHASES = [0, 1, 2]
const HOUR_S = 3600

/** Mondays to Fridays of suite B's four weeks, so that the first few are of different days and weeks. */
export const WORKING_DAYS = [
  '2019-09-18',
  '2019-09-26',
  '2019-09-30',
  '2019-10-04',
  '2019-09-10',
  '2019-09-09',
  '2019-09-17',
  '2019-09-25',
  '2019-10-03',
  '2019-09-20',
  '2019-09-11',
  '2019-09-19',
  '2019-09-23',
  '2019-10-01',
  '2019-09-27',
  '2019-09-12',
  '2019-09-16',
  '2019-09-24',
  '2019-10-02',
  '2019-09-13',
]

/**
 * `limitA`: what is left for cars on average; times of sessions count from the first hour of the day.
 * `lengthS`, `evses`: only its first part, and the first EVSEs.
 */
export function siteDay(date, limitA, { lengthS = DAY_S, evses = Infinity } = {}) {
  const fromS = localS(`${date} 0${FIRST_HOUR}:00:00`)
  const all = depotSessions(readJplSessions(), { fromS, toS: fromS + lengthS, mix: 'given' })
  const count = Math.min(evses, all.evses)
  const sessions = all.sessions
    .filter(({ evse }) => evse < count)
    .filter(({ arriveS, leaveS }) => Math.min(leaveS, lengthS) - arriveS >= SHORTEST_S)
    .map((session, index) => ofThisDay(session, index, lengthS))
  const baseLoad = buildingLoad(date)
  const meanA = meanOf(baseLoad, 0, DAY_S)
  return {
    date,
    lengthS,
    limitA,
    sessions,
    evses: count,
    baseLoad,
    fuseA: Math.round(limitA + (meanA[0] + meanA[1] + meanA[2]) / 3),
    groupLimitA: GROUP_SHARE * limitA,
    groupOf: (evse) => Math.floor((evse * GROUPS) / count),
  }
}

/** It has an id tag, and is over at the end of the day. */
function ofThisDay(session, index, lengthS) {
  const leaveS = Math.min(session.leaveS, lengthS)
  return { ...session, leaveS, tag: `S${String(index + 1).padStart(3, '0')}` }
}

/** The last step at or before `atS`. */
export function loadAt(baseLoad, atS) {
  return baseLoad[indexAt(baseLoad, atS)].currentA
}

/** Mean of each phase. */
export function meanOf(baseLoad, fromS, toS) {
  const sums = [0, 0, 0]
  for (let k = indexAt(baseLoad, fromS); k < baseLoad.length && baseLoad[k].atS < toS; k++) {
    const untilS = Math.min(toS, baseLoad[k + 1]?.atS ?? toS)
    const forS = untilS - Math.max(fromS, baseLoad[k].atS)
    for (const phase of PHASES) sums[phase] += forS * baseLoad[k].currentA[phase]
  }
  return sums.map((sum) => sum / (toS - fromS))
}

function indexAt(baseLoad, atS) {
  let low = 0
  let high = baseLoad.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (baseLoad[middle].atS <= atS) low = middle
    else high = middle - 1
  }
  return low
}

/** Single devices on each phase, and one on all of them. */
const DEVICES = [
  ...PHASES.flatMap((phase) => [5, 9, 14].map((currentA) => ({ currentA, on: [phase] }))),
  { currentA: 11, on: PHASES },
]
const CURVE_STEP_S = 300
const [NIGHT_A, DAY_A] = [8, 20]
const SHORTEST_RUN_S = 120
const MEAN_RUN_S = 900

/** A curve of the day, and devices that switch at any second: constant from one step to the next. */
function buildingLoad(date) {
  const random = randomOf(date)
  const switches = DEVICES.flatMap((device) => {
    const times = []
    for (let atS = MEAN_RUN_S * random(); atS < DAY_S; atS += runS(random))
      times.push(Math.round(atS))
    return times.map((atS, k) => ({
      atS,
      device,
      byA: k % 2 === 0 ? device.currentA : -device.currentA,
    }))
  }).toSorted((a, b) => a.atS - b.atS)
  const times = new Set(switches.map(({ atS }) => atS))
  for (let atS = 0; atS < DAY_S; atS += CURVE_STEP_S) times.add(atS)
  const devicesA = [0, 0, 0]
  let next = 0
  return [...times]
    .toSorted((a, b) => a - b)
    .map((atS) => {
      while (next < switches.length && switches[next].atS <= atS) {
        const { device, byA } = switches[next++]
        for (const phase of device.on) devicesA[phase] += byA
      }
      const curveA = curveAt(Math.floor(atS / CURVE_STEP_S) * CURVE_STEP_S)
      return { atS, currentA: devicesA.map((a) => Math.round(10 * (a + curveA)) / 10) }
    })
}

/** Lowest at four in the morning, highest in the afternoon. */
function curveAt(atS) {
  const hour = FIRST_HOUR + atS / HOUR_S
  return NIGHT_A + ((DAY_A - NIGHT_A) / 2) * (1 - Math.cos((2 * Math.PI * (hour - 4)) / 24))
}

function runS(random) {
  return SHORTEST_RUN_S - (MEAN_RUN_S - SHORTEST_RUN_S) * Math.log(1 - random())
}

/** Mulberry32: the bounds belong to these loads, so nothing else may change them. */
export function randomOf(text) {
  let state = [...text].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) >>> 0, 7)
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
