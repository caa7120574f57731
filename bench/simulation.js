/**
 * How much faster than real time a depot is simulated: charge points, cars, meter and the whole
 * controller on one clock, in cycles of a second, judged after each.
 */
import { depotConfig } from './depot-config.js'
import { median } from './statistics.js'

const CHARGERS = 20
const HOURS = 6
const RUNS = 3
const GOAL = 50
const SECONDS_PER_HOUR = 3600

export async function simulation() {
  const testing = await loadTesting()
  // The first one only warms up the code.
  await simulate(testing, 0.5)
  const perCpuS = []
  for (let run = 0; run < RUNS; run++) perCpuS.push(await simulate(testing, HOURS))
  return { chargers: CHARGERS, hours: HOURS, perCpuS: median(perCpuS), all: perCpuS, goal: GOAL }
}

/** Only what is built exists, so the modules are loaded when they are needed. */
async function loadTesting() {
  const load = (file) => import(new URL(`../dist/${file}`, import.meta.url).href)
  return {
    ...(await load('config/load.js')),
    ...(await load('controller.js')),
    ...(await load('testing/base-load.js')),
    ...(await load('testing/manual-clock.js')),
    ...(await load('testing/memory-store.js')),
    ...(await load('testing/random.js')),
    ...(await load('testing/simulated-site.js')),
  }
}

/** Returns charger-hours per CPU-second. */
async function simulate(testing, hours) {
  const parsed = testing.parseSettings(JSON.stringify(config()), 'bench.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  const clock = testing.manualClock()
  const world = testing.simulatedSite({
    seed: 'bench',
    clock,
    chargers: chargers(),
    baseLoad: testing.movingBaseLoad({
      random: testing.seededRandom('base'),
      lowA: 5,
      highA: 20,
    }),
    traffic: {
      gapMs: [60_000, SECONDS_PER_HOUR * 1000],
      stayMs: [SECONDS_PER_HOUR * 1000, 5 * SECONDS_PER_HOUR * 1000],
    },
  })
  const { upstream: _, ...ports } = world.ports
  const controller = testing.createController(parsed.settings, {
    ...ports,
    store: testing.memoryStore(),
  })
  await controller.start()
  world.start()
  const before = process.cpuUsage()
  let mostA = 0
  for (let second = 1; second <= hours * SECONDS_PER_HOUR; second++) {
    await clock.advance(1000)
    mostA = Math.max(mostA, ...world.usableA())
  }
  const { user, system } = process.cpuUsage(before)
  world.stop()
  await controller.stop()
  if (mostA === 0) throw new Error('no car has charged in the simulated depot')
  return (CHARGERS * hours) / ((user + system) / 1e6)
}

/** The depot of the other parts, with a meter, and an evening that begins an hour after midnight. */
function config() {
  const { site, depot } = depotConfig(CHARGERS)
  const [yard, ...groups] = depot.constraints
  const register = (address) => ({ address, function_code: 4, type: 'float32' })
  return {
    site: { ...site, timezone: 'Europe/Berlin' },
    meters: [
      {
        id: 'meter',
        modbus_tcp: { host: '127.0.0.1' },
        registers: { current_a: [register(0), register(2), register(4)] },
        worst_base_load_a: 25,
      },
    ],
    depot: {
      ...depot,
      constraints: [
        { ...yard, schedule: [{ from: '03:00', to: '05:00', max_current_a: 160 }] },
        ...groups,
      ],
    },
  }
}

function chargers() {
  return depotConfig(CHARGERS).depot.chargers.map(({ ocpp_charge_point_id: identity }) => ({
    identity,
    connectors: [{ maxCurrentA: 16, phases: 3 }],
  }))
}
