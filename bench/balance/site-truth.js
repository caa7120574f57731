/**
 * What the simulated chargers really did, second by second: what their cars got, how often they were
 * switched, and how far all they permit went over a limit, by whose doing.
 */
import { GROUPS } from './site-days.js'

const PHASES = [0, 1, 2]
const NOTICEABLE_A = 0.05
/** Within 16 s what happened outside must be answered, and the meter is a second late. */
const REACTION_S = 17

export function siteTruth({ sessions, evses, fuseA, groupLimitA, groupOf }) {
  const cars = new Map(
    sessions.map((session) => [
      session.tag,
      { session, deliveredKwh: 0, switches: 0, setpoints: 0, wasA: 0 },
    ]),
  )
  const groups = Array.from({ length: evses }, (_, evse) => groupOf(evse))
  const recentBases = []
  const over = {
    ofGroupsAs: 0,
    controlledAs: 0,
    outsideAs: 0,
    outsideS: 0,
    worstA: 0,
    flowingAs: 0,
  }
  const ampereHours = { room: 0, permitted: 0, drawn: 0 }
  let profiles = 0
  let pluggedS = 0

  return {
    frame({ to, text }) {
      if (to === 'chargePoint' && text.includes('"SetChargingProfile"')) profiles += 1
    },
    look({ chargePoints, baseLoadA }) {
      const site = [0, 0, 0]
      const drawn = [0, 0, 0]
      const ofGroups = Array.from({ length: GROUPS }, () => [0, 0, 0])
      for (const [evse, chargePoint] of chargePoints.entries()) {
        if (!chargePoint.hasTransaction(1)) continue
        pluggedS += 1
        noteCar(chargePoint)
        const usableA = chargePoint.usableA(1)
        const drawA = chargePoint.drawA(1)
        for (const phase of PHASES) {
          site[phase] += usableA[phase]
          ofGroups[groups[evse]][phase] += usableA[phase]
          drawn[phase] += drawA[phase]
        }
      }
      noteSite(site, drawn, baseLoadA)
      for (const group of ofGroups) {
        over.ofGroupsAs += Math.max(0, ...group.map((phaseA) => excessOf(phaseA - groupLimitA)))
      }
    },
    /** `plugged`: hours with a session, of all EVSEs. */
    finish() {
      return {
        cars: [...cars.values()].map(asFigures),
        over,
        ampereHours,
        profiles,
        plugged: pluggedS / 3600,
      }
    },
  }

  function noteCar(chargePoint) {
    const car = cars.get(chargePoint.idTag(1))
    const ev = chargePoint.ev(1)
    if (!car || !ev) return
    car.deliveredKwh = Math.min(car.session.energyKwh, ev.chargedWh() / 1000)
    const offerA = Math.max(...chargePoint.permittedA(1))
    if (offerA > 0 !== car.wasA > 0) car.switches += 1
    if (offerA !== car.wasA) car.setpoints += 1
    car.wasA = offerA
  }

  function noteSite(site, drawn, baseLoadA) {
    recentBases.push(baseLoadA)
    if (recentBases.length > REACTION_S + 1) recentBases.shift()
    let outsideA = 0
    let controlledA = 0
    let flowingA = 0
    for (const phase of PHASES) {
      const roomA = fuseA - baseLoadA[phase]
      ampereHours.room += Math.max(0, roomA) / 3600
      ampereHours.permitted += site[phase] / 3600
      ampereHours.drawn += drawn[phase] / 3600
      flowingA = Math.max(flowingA, excessOf(drawn[phase] - roomA))
      const excessA = excessOf(site[phase] - roomA)
      if (excessA === 0) continue
      // What the building took on within the time to answer is its doing, all else is ours.
      const roseA = baseLoadA[phase] - Math.min(...recentBases.map((base) => base[phase]))
      outsideA = Math.max(outsideA, Math.min(excessA, roseA))
      controlledA = Math.max(controlledA, excessOf(excessA - roseA))
    }
    over.controlledAs += controlledA
    over.outsideAs += outsideA
    over.outsideS += outsideA > 0 ? 1 : 0
    over.worstA = Math.max(over.worstA, outsideA)
    over.flowingAs += flowingA
  }
}

function excessOf(overA) {
  return overA > NOTICEABLE_A ? overA : 0
}

function asFigures({ session, deliveredKwh, switches, setpoints }) {
  const { energyKwh, tag } = session
  return { session: { tag, energyKwh }, deliveredKwh, switches, setpoints }
}
