/** A simulated depot in which some charge points are honest and others are played by the fuzzer. */
import { parseSettings } from '../../dist/config/load.js'
import { createController } from '../../dist/controller.js'
import { manualClock, memoryStore, simulatedEv, simulatedSite } from '../../dist/testing/index.js'

export const HONEST = ['CP001', 'CP002', 'CP003', 'CP004', 'CP005', 'CP006']
export const HOSTILE = ['CP007', 'CP008', 'CP009']
/** Of the grid, A per phase: enough for all, with every connector that a hostile one can think of. */
export const HIGH_A = 1100
export const LOW_A = 160

const register = '{ host: 127.0.0.1 }'

export function depotYaml() {
  const charger = (id, index) =>
    `    - { id: ${id.toLowerCase()}, name: ${id}, parent_charge_group: group, ocpp_charge_point_id: ${id}, max_power_kw: 22.08, ` +
    `evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32, phase_rotation: ${['RST', 'STR', 'TRS'][index % 3]} }] }`
  return `
site: { id: depot, name: Yard, timezone: Europe/Berlin, fuse_a: 1200 }
mqtt: { url: "mqtt://127.0.0.1", commands: all }
limit_sources:
  - id: grid
    modbus_tcp: ${register}
    register: { address: 0, function_code: 3, type: uint16 }
    unit: A
    fallback: 100
    hold_s: 60
depot:
  constraints:
    - { id: yard, name: Yard, type: constraint, max_power_kw: 1000, max_current_a: 1100, schedule: [] }
    - { id: group, name: Group, type: charge_group, parent_id: yard, max_power_kw: 1000 }
  chargers:
${[...HONEST, ...HOSTILE].map(charger).join('\n')}
`
}

/** `observe` sees every frame; `clock` is moved by the caller. */
export async function fuzzDepot(seed, observe = () => {}) {
  const parsed = parseSettings(depotYaml(), 'depot.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const clock = manualClock({ isClosedWorld: true })
  const world = simulatedSite({
    seed,
    clock,
    chargers: HONEST.map((identity) => ({ identity })),
    limitA: HIGH_A,
    observe,
  })
  const secrets = { newToken: () => ({ token: 'token', hash: 'hash' }), verify: () => false }
  const controller = createController(parsed.settings, {
    ...world.ports,
    secrets,
    store: memoryStore(),
  })
  await controller.start()
  world.start()
  await clock.advance(5_000)
  for (const identity of HONEST) {
    const ev = simulatedEv({ maxCurrentA: 32, energyNeedWh: 1e9 })
    world.chargePoint(identity).plugIn(1, ev, { idTag: `CAR-${identity}` })
  }
  await clock.advance(90_000)
  const permittedA = () => Math.max(...world.usableA())

  /** What the controller knows of honest charge points, and what they know themselves: the same. */
  const disturbed = () => {
    const view = controller.view()
    for (const identity of HONEST) {
      const charger = view.chargers.find((one) => one.charger.ocppChargePointId === identity)
      if (!charger?.connected) return `${identity} is not connected`
      const own = world.chargePoint(identity).transactionId(1)
      const session = view.sessions.find((one) => one.chargePointId === identity)
      if (own === undefined || session?.transactionId !== own) {
        return `${identity} charges in transaction ${own}, the controller says ${session?.transactionId}`
      }
      if (session.idTag !== `CAR-${identity}`) return `${identity} charges for ${session.idTag}`
    }
    return undefined
  }

  /** The limit falls and rises again: who is honest follows, whatever the others do. */
  const reacts = async () => {
    const before = permittedA()
    if (before <= LOW_A) return `only ${before} A are permitted before the fall`
    world.limitSource.setLimit({ limitA: LOW_A })
    await clock.advance(2_500)
    const after = permittedA()
    if (after > LOW_A) return `${after} A are permitted 2.5 s after a fall to ${LOW_A} A`
    world.limitSource.setLimit({ limitA: HIGH_A })
    for (let waitedS = 0; permittedA() <= before - 1; waitedS++) {
      if (waitedS > 300) return `still ${permittedA()} A of ${before} A 5 min after the limit rose`
      await clock.advance(1_000)
    }
    return undefined
  }

  return {
    clock,
    world,
    controller,
    disturbed,
    reacts,
    async stop() {
      world.stop()
      await controller.stop()
    },
  }
}
