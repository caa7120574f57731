/** A depot of a few chargers to tell stories with: its grid box, its meter, its operator, its backend. */
import type { PhaseA } from '../../src/core/phases.js'
import type { SimulatedSiteOptions } from '../../src/testing/simulated-site.js'
import { aSite, BUS, depotYaml, settingsFrom } from './a-site.js'
import type { TestSite } from './a-site.js'
import { fields, wireLog } from './wire-log.js'
import type { WireLog } from './wire-log.js'

type Fields = Readonly<Record<string, unknown>>

export interface Story extends TestSite {
  readonly wire: WireLog
  /** CP001, CP002, ... */
  readonly identities: readonly string[]
  /** The building beside the chargers, A per phase. */
  setBaseLoad(currentA: PhaseA): void
  /** Cars that take all they get come to these chargers, or to all; until all is quiet. */
  everybodyCharges(identities?: readonly string[]): Promise<void>
  /** The highest that cars were permitted within this time, A; looks ten times a second. */
  highestA(ms: number): Promise<number>
  /** The limit in force at a charger with a car, 0 without, A. */
  limitA(identity: string): number
  /** The same of all chargers, in order. */
  limitsA(): readonly number[]
  /** The operator. `path` below /api/v1. */
  rest(method: string, path: string, body?: Fields): Promise<{ status: number; body: unknown }>
  /** Why the charger gets what it gets, as the operator reads it. */
  reason(identity: string): Promise<string>
  /** The backend commands a limit. False when the controller does not get it. */
  command(id: string, args: Fields, more?: Fields & { retained?: boolean }): boolean
  /** Acknowledgements that reached the backend, as `id status`. */
  acknowledged(): readonly string[]
}

export interface StoryOptions extends Partial<Omit<SimulatedSiteOptions, 'clock' | 'baseLoad'>> {
  readonly count: number
  /** Of the yard, A per phase. */
  readonly maxA: number
  readonly schedule?: string
  /** Sections of the configuration file. */
  readonly settings?: string
  /** The building takes the same to the hundredth for ever, as none does. Default false. */
  readonly still?: boolean
  readonly withoutBroker?: boolean
}

/** The section for the meter of the yard. */
export function meterSection(worstBaseLoadA: number): string {
  const register = (address: number): string =>
    `{ address: ${address}, function_code: 4, type: float32 }`
  return `
meters:
  - id: meter
    constraint_id: yard
    modbus_tcp: ${BUS}
    registers: { current_a: [${register(6)}, ${register(8)}, ${register(10)}] }
    worst_base_load_a: ${worstBaseLoadA}
`
}

/** The section for the box of the grid operator. */
export function gridSection(fallbackA: number, holdS: number): string {
  return `
limit_sources:
  - id: grid
    modbus_tcp: ${BUS}
    register: { address: 0, function_code: 3, type: uint16 }
    unit: A
    fallback: ${fallbackA}
    hold_s: ${holdS}
`
}

export async function aStory(options: StoryOptions): Promise<Story> {
  const { count, maxA, schedule = '', settings = '', still = false, ...world } = options
  const wire = wireLog()
  let baseLoadA: PhaseA = [0, 0, 0]
  const site = await aSite(settingsFrom(depotYaml(count, { maxA, schedule, head: settings })), {
    seed: 'a story',
    chargers: count,
    ...world,
    baseLoad: (ms) => (still ? baseLoadA : humming(baseLoadA, ms)),
    observe: wire.observe,
  })
  const identities = site.world.chargePoints.map(({ identity }) => identity)

  const story: Story = {
    ...site,
    wire,
    identities,
    setBaseLoad(currentA) {
      baseLoadA = currentA
    },
    async everybodyCharges(whom = identities) {
      // Chargers boot and get their fallback first, as on any morning.
      await site.seconds(5)
      for (const identity of whom) site.plugIn(identity)
      await site.seconds(90)
    },
    async highestA(ms) {
      let highestA = site.permittedA()
      for (let passedMs = 0; passedMs < ms; passedMs += 100) {
        await site.clock.advance(Math.min(100, ms - passedMs))
        highestA = Math.max(highestA, site.permittedA())
      }
      return highestA
    },
    limitA(identity) {
      const chargePoint = site.world.chargePoint(identity)
      return chargePoint.hasTransaction(1) ? chargePoint.limitA(1) : 0
    },
    limitsA: () => identities.map((identity) => story.limitA(identity)),
    async rest(method, path, body) {
      const headers = { host: 'localhost', 'content-type': 'application/json' }
      const request = new Request(`http://localhost/api/v1${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      })
      const response = await site.controller().handle(request, { remoteAddress: '127.0.0.1' })
      return {
        status: response.status,
        body: response.status === 204 ? undefined : await response.json(),
      }
    },
    async reason(identity) {
      const { body } = await story.rest('GET', `/chargers/${identity.toLowerCase()}`)
      return String(fields(body)['reason'])
    },
    command(id, args, { retained = false, ...more } = {}) {
      const payload = JSON.stringify({ id, ts: site.clock.now(), args, ...more })
      return site.world.upstream.request('depot/v1/depot/cmd/limit', payload, { retained })
    },
    acknowledged: () =>
      site.world.upstream
        .published()
        .filter(({ topic }) => topic === 'depot/v1/depot/ack/limit')
        .map(({ payload }) => {
          const { id, status } = fields(JSON.parse(payload))
          return `${String(id)} ${String(status)}`
        }),
  }
  return story
}

/** Up to 0.03 A less, another figure each second. */
function humming(currentA: PhaseA, ms: number): PhaseA {
  const hum = (a: number): number => Math.max(0, a - (Math.floor(ms / 1000) % 4) / 100)
  return [hum(currentA[0]), hum(currentA[1]), hum(currentA[2])]
}
