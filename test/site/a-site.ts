/** A simulated depot with the real controller inside, on one manual clock. */
import { parseSettings } from '../../src/config/load.js'
import { problemText } from '../../src/config/problem.js'
import type { Settings } from '../../src/config/settings.js'
import { createController } from '../../src/controller.js'
import type { Controller } from '../../src/controller.js'
import type { Secrets } from '../../src/ports.js'
import type { PhaseA } from '../../src/core/phases.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import type { MemoryStore } from '../../src/testing/memory-store.js'
import { simulatedSite } from '../../src/testing/simulated-site.js'
import type { SimulatedSite, SimulatedSiteOptions } from '../../src/testing/simulated-site.js'
import { simulatedEv } from '../../src/testing/simulated-ev.js'

export interface TestSite {
  readonly clock: ManualClock
  readonly world: SimulatedSite
  controller(): Controller
  store(): MemoryStore
  /** Power cut and restart: only what was durable survives. */
  restart(): Promise<void>
  /** Seconds pass one by one; `look` sees the world after each. */
  seconds(count: number, look?: (second: number) => void): Promise<void>
  plugIn(identity: string, more?: Partial<Parameters<typeof simulatedEv>[0]>): void
  /** The highest phase of what cars are able to take of what they are permitted. */
  permittedA(): number
  stop(): Promise<void>
}

const SECRETS: Secrets = {
  newToken: () => ({ token: 'test-token', hash: 'hash of test-token' }),
  verify: (token, hash) => hash === `hash of ${token}`,
}

export function settingsFrom(yaml: string): Settings {
  const parsed = parseSettings(yaml, 'test.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'))
  return parsed.settings
}

/** `METER` in a configuration: the simulated meter and limit source, whose bus is not looked at. */
export const BUS = '{ host: 127.0.0.1 }'

export async function aSite(
  settings: Settings,
  options: Omit<SimulatedSiteOptions, 'clock'> & { readonly withoutBroker?: boolean },
): Promise<TestSite> {
  const clock = manualClock()
  const world = simulatedSite({ ...options, clock })
  const { upstream, ...others } = world.ports
  const ports = options.withoutBroker === true ? others : { ...others, upstream }
  let store = memoryStore()
  let controller = createController(settings, { ...ports, secrets: SECRETS, store })
  await controller.start()
  world.start()

  return {
    clock,
    world,
    controller: () => controller,
    store: () => store,
    async restart() {
      const survived = store.crash()
      await controller.stop()
      store = survived
      controller = createController(settings, { ...ports, secrets: SECRETS, store })
      await controller.start()
    },
    async seconds(count, look) {
      for (let second = 1; second <= count; second++) {
        await clock.advance(1_000)
        look?.(second)
      }
    },
    plugIn(identity, more = {}) {
      const ev = simulatedEv({ maxCurrentA: 32, energyNeedWh: 60_000, ...more })
      world.chargePoint(identity).plugIn(1, ev, { idTag: `CAR-${identity}` })
    },
    permittedA: () => highest(world.usableA()),
    async stop() {
      world.stop()
      await controller.stop()
    },
  }
}

export function highest(currentA: PhaseA): number {
  return Math.max(...currentA)
}

/** So many chargers CP001, CP002, ... of 22 kW in groups of ten below one constraint. */
export function depotYaml(
  count: number,
  more: { readonly maxA?: number; readonly schedule?: string; readonly head?: string } = {},
): string {
  const ids = Array.from({ length: count }, (_, index) => `CP${String(index + 1).padStart(3, '0')}`)
  const rotation = (index: number): string => ['RST', 'STR', 'TRS'][index % 3] ?? 'RST'
  const groups = Array.from({ length: Math.ceil(count / 10) }, (_, index) => index)
  return `
${more.head ?? ''}
depot:
  constraints:
    - { id: yard, name: Yard, type: constraint, max_power_kw: 1000, max_current_a: ${more.maxA ?? 100}, schedule: [${more.schedule ?? ''}] }
${groups.map((group) => `    - { id: group${group}, name: Group ${group}, type: charge_group, parent_id: yard, max_power_kw: 500 }`).join('\n')}
  chargers:
${ids
  .map(
    (id, index) =>
      `    - { id: ${id.toLowerCase()}, name: ${id}, parent_charge_group: group${Math.floor(index / 10)}, ocpp_charge_point_id: ${id}, max_power_kw: 22.08, ` +
      `evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32, phase_rotation: ${rotation(index)} }] }`,
  )
  .join('\n')}
`
}
