/** The published sessions and figures in `data/`; their sources are in `data/README.md`. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const HOUR_S = 3600
const MARCH_S = Date.parse('2019-03-01T00:00:00Z') / 1000
const ACN_STEP_S = 300

/** Local time as written, its zone ignored: seconds since 1970. */
export function localS(text) {
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`) / 1000
}

export function readJplSessions() {
  const [, ...lines] = gunzipped('jpl_2019-09-01_2019-12-31.csv.gz').trim().split('\n')
  return lines.map((line) => {
    const [arrival, departure, asked, delivered, station, id, estimate] = line.split(',')
    return {
      id,
      station,
      arriveS: localS(arrival),
      leaveS: localS(departure),
      energyKwh: Number(delivered),
      askedKwh: Number(asked),
      statedLeaveS: localS(estimate),
    }
  })
}

/** The serialised event queue of ACN-Sim; `step` fields count periods of five minutes. */
export function readCaltechSessions() {
  const queue = JSON.parse(JSON.parse(gunzipped('caltech_20190301_20190401_events.json.gz')))
  return Object.values(queue.context_dict)
    .filter((item) => item.class.endsWith('.EV'))
    .map(({ attributes }) => caltechSession((name) => attributes[`_${name}`]))
    .toSorted((a, b) => a.arriveStep - b.arriveStep)
}

function caltechSession(fact) {
  const [arriveStep, leaveStep] = [fact('arrival'), fact('departure')]
  return {
    id: fact('session_id'),
    station: fact('station_id'),
    arriveStep,
    leaveStep,
    arriveS: MARCH_S + arriveStep * ACN_STEP_S,
    leaveS: MARCH_S + leaveStep * ACN_STEP_S,
    energyKwh: fact('requested_energy'),
    askedKwh: fact('requested_energy'),
    statedLeaveS: MARCH_S + fact('estimated_departure') * ACN_STEP_S,
  }
}

export function readAcnNetwork() {
  return JSON.parse(file('caltech_acn_network.json').toString())
}

/** Share of demand met, %, at 10, 20 .. 150 kW, by name of the network and the rule. */
export function readPublishedCurves() {
  return JSON.parse(file('published_demand_met_caltech_mar2019.json').toString())
}

/** Of suite B-h: % of the demand by day and limit, written by `site-bounds.py`. */
export function readSiteBounds() {
  return JSON.parse(readFileSync(new URL('site-bounds.json', import.meta.url)).toString())
}

export function hoursOf(session) {
  return (session.leaveS - session.arriveS) / HOUR_S
}

function gunzipped(name) {
  return gunzipSync(file(name)).toString()
}

function file(name) {
  return readFileSync(new URL(`data/${name}`, import.meta.url))
}
