/**
 * One day of suite B-h through the whole product: its controller in its own simulation, with OCPP
 * messages that take 0.2 to 2 s there and back, a meter that is a second late and cars that follow a
 * lower limit within 1 to 5 s. What is judged is what the simulated chargers really permit.
 */
import { FIRST_HOUR, GROUPS, randomOf } from './site-days.js'
import { localS } from './read-data.js'
import { siteTruth } from './site-truth.js'

const product = (file) => import(new URL(`../../dist/${file}`, import.meta.url).href)
const { after } = await product('after.js')
const { parseSettings } = await product('config/load.js')
const { createController } = await product('controller.js')
const { runScenario } = await product('testing/simulation/run.js')

const HARDWARE_A = 32
const HARDWARE_KW = 22.08
const TAPER_KWH = 1.5
/** `latencyMs`: of one frame, one way. */
export const WORLD = {
  latencyMs: [100, 1000],
  meterLateMs: 1000,
  stopDelayMs: [1000, 5000],
  wakeUpMs: 60_000,
}
/** Site phases of the first, second and third line of an EVSE, so that one-phase cars spread. */
const ROTATIONS = ['RST', 'STR', 'TRS']
const WORST_BASE_A = 60
const TELL_AGAIN_MS = 5000

/** `info`: `nothing`, `stated` (told of each session once it runs) or `true` (calendars of vehicles). */
export async function simulateSiteDay(day, info, world = WORLD) {
  const truth = siteTruth(day)
  const told = toldSessions(day, info)
  let controller
  const scenario = scenarioOf(day, info, world)
  const result = await runScenario(scenario, {
    create(settings, ports) {
      controller = createController(settings, lateMeter(ports, world))
      return controller
    },
    onFrame: (frame) => truth.frame(frame),
    onLook(look) {
      truth.look(look)
      told.look(look.atMs, controller)
    },
  })
  return { ...truth.finish(), result: summaryOf(result) }
}

function summaryOf({ verdicts, violations, residuals, reactions, chargerHours }) {
  const broken = verdicts.filter(({ holds }) => !holds).map(({ invariant }) => invariant)
  return { broken, violations, residuals, reactions, chargerHours }
}

function scenarioOf(day, info, world) {
  const parsed = parseSettings(JSON.stringify(configOf(day, info)), 'bench.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  const random = randomOf(`${day.date} cars`)
  return {
    name: `${day.date}, ${day.limitA} A, ${info}`,
    seed: day.date,
    durationMs: (day.lengthS + 1) * 1000,
    quietMs: 0,
    startWallMs: localS(`${day.date} 0${FIRST_HOUR}:00:00`) * 1000,
    settings: parsed.settings,
    chargers: Array.from({ length: day.evses }, (_, evse) => ({
      identity: identityOf(evse),
      connectors: [{ maxCurrentA: HARDWARE_A, phases: 3, phaseRotation: ROTATIONS[evse % 3] }],
    })),
    traffic: undefined,
    arrivals: day.sessions.map((session) => arrivalOf(session, random, world)),
    baseLoad: {
      type: 'steps',
      steps: day.baseLoad.map(({ atS, currentA }) => ({ atMs: atS * 1000, currentA })),
    },
    limits: [],
    faults: [],
    latencyMs: world.latencyMs,
  }
}

export function identityOf(evse) {
  return `CP${String(evse + 1).padStart(3, '0')}`
}

function arrivalOf(session, random, { stopDelayMs: [least, most], wakeUpMs }) {
  return {
    atMs: session.arriveS * 1000,
    charger: identityOf(session.evse),
    connectorId: 1,
    idTag: session.tag,
    ev: {
      phases: session.phases,
      maxCurrentA: session.capA,
      energyNeedWh: session.energyKwh * 1000,
      taperShare: TAPER_KWH / session.energyKwh,
      wakeUpMs,
      delaysStopMs: Math.round(least + (most - least) * random()),
    },
    leavesAtMs: session.leaveS * 1000,
  }
}

function configOf(day, info) {
  const register = (address) => ({ address, function_code: 4, type: 'float64' })
  return {
    site: { id: 'bench', timezone: 'UTC', fuse_a: day.fuseA },
    meters: [
      {
        id: 'meter',
        modbus_tcp: { host: '127.0.0.1' },
        registers: { current_a: [register(0), register(4), register(8)] },
        worst_base_load_a: WORST_BASE_A,
      },
    ],
    depot: {
      constraints: Array.from({ length: GROUPS }, (_, group) => ({
        id: `group-${group + 1}`,
        name: `Group ${group + 1}`,
        type: 'charge_group',
        max_power_kw: day.evses * HARDWARE_KW,
        max_current_a: day.groupLimitA,
      })),
      chargers: Array.from({ length: day.evses }, (_, evse) => ({
        id: identityOf(evse).toLowerCase(),
        name: identityOf(evse),
        parent_charge_group: `group-${day.groupOf(evse) + 1}`,
        ocpp_charge_point_id: identityOf(evse),
        max_power_kw: HARDWARE_KW,
        expiry_verified: true,
        evses: [
          {
            id: 1,
            max_power_kw: HARDWARE_KW,
            max_current_a: HARDWARE_A,
            phase_rotation: ROTATIONS[evse % 3],
          },
        ],
      })),
      ...(info === 'true' && { vehicles: day.sessions.map((one) => vehicleOf(one, day.date)) }),
    },
  }
}

function vehicleOf(session, date) {
  const minutes = FIRST_HOUR * 60 + Math.floor(session.leaveS / 60)
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60]
  const time = [Math.min(23, hour), hour > 23 ? 59 : minute]
  return {
    id: session.tag.toLowerCase(),
    name: session.id,
    id_tags: [session.tag],
    one_off_departures: [
      {
        date,
        time: time.map((part) => String(part).padStart(2, '0')).join(':'),
        target_kwh: session.energyKwh,
      },
    ],
  }
}

/** What drivers state, sent through REST when the session is there. */
function toldSessions({ sessions, date }, info) {
  const dayMs = localS(`${date} 0${FIRST_HOUR}:00:00`) * 1000
  const waiting = info === 'stated' ? sessions.toSorted((a, b) => a.arriveS - b.arriveS) : []
  const open = new Map()
  return {
    look(atMs, controller) {
      while (waiting[0] && waiting[0].arriveS * 1000 < atMs) {
        const session = waiting.shift()
        open.set(session.tag, session)
      }
      if (open.size === 0 || atMs % TELL_AGAIN_MS >= 1000) return
      for (const { id, idTag } of controller.view().sessions) {
        const session = open.get(idTag)
        if (!session) continue
        open.delete(idTag)
        const departure = new Date(dayMs + session.statedLeaveS * 1000).toISOString()
        void tell(controller, id, { departure, energy_kwh: session.statedKwh })
      }
    },
  }
}

async function tell(controller, id, body) {
  const response = await controller.handle(
    new Request(`http://localhost/api/v1/sessions/live/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', host: 'localhost' },
      body: JSON.stringify(body),
    }),
    { remoteAddress: '127.0.0.1' },
  )
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
}

/** Its values are a second old when they come, and nobody can tell. */
function lateMeter(ports, { meterLateMs }) {
  const { fieldDevices, clock } = ports
  return {
    ...ports,
    fieldDevices: {
      ...fieldDevices,
      start(sink) {
        fieldDevices.start((event) => {
          after(clock, meterLateMs, () => sink(stampedNow(event, clock.monotonic())))
        })
      },
    },
  }
}

function stampedNow(event, atMs) {
  if (event.type !== 'meterRead') return event
  return { ...event, reading: { ...event.reading, atMs } }
}
