/** A limit falls, from wherever it comes: the chargers permit less within a second. */
import { createServer } from 'node:net'
import { test } from 'tap'
import { embeddedBroker } from '../../src/adapters/embedded-broker.js'
import { mqttObserver } from '../adapters/mqtt-observer.js'
import type { Observed } from '../adapters/mqtt-observer.js'
import { eventually, inTime } from './deadline.js'
import { gridConnection, METER_UNIT } from './grid-connection.js'
import { restClient } from './rest-client.js'
import { simulatedChargers } from './simulated-chargers.js'
import { startGateway } from './yardmaster-process.js'

const depot = (head: string): string => `
site: { id: yard-1, fuse_a: 63 }
ocpp: { meter_value_interval_s: 1 }
${head}
depot:
  constraints:
    - { id: yard, name: Yard, type: charge_group, max_power_kw: 40 }
  chargers:
    - { id: cp1, name: One, parent_charge_group: yard, ocpp_charge_point_id: CP1, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
    - { id: cp2, name: Two, parent_charge_group: yard, ocpp_charge_point_id: CP2, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
`
const REACTION_MS = 1_000
const POLL_MS = 250
const NOISE_A = 0.001

test('REST, the grid operator and a dead meter: each is followed, and no broker is missed', async (t) => {
  const grid = await gridConnection(t, 60)
  const nobody = await closedPort()
  const gateway = await startGateway(t, {
    config: depot(`mqtt: { url: "mqtt://127.0.0.1:${nobody}" }${grid.yaml()}`),
  })
  const rest = restClient(gateway.port)
  const chargers = simulatedChargers(t, gateway.port, ['CP1', 'CP2'])
  grid.drawA = () => chargers.chargePoints.reduce((sum, each) => sum + each.drawA(1)[0], 0)
  const permits = (what: string, check: (permittedA: number) => boolean, withinMs?: number) =>
    eventually(what, () => (check(chargers.permittedA()) ? true : undefined), {
      ...(withinMs !== undefined && { withinMs }),
      otherwise: () => `(${chargers.permittedA()} A)`,
    })

  for (const identity of ['CP1', 'CP2']) chargers.plugIn(identity)
  await permits('much current', (amperes) => amperes > 36)
  const lost = await gateway.logged('upstreamLost')
  t.match(lost, { level: 'warn' })
  t.match(JSON.stringify(lost), new RegExp(`127\\.0\\.0\\.1:${nobody}`))

  // 20 kW on three phases of 230 V.
  const lower = await rest.put('/constraints/yard', { max_power_kw: 20 })
  t.match(lower, { status: 200, body: { max_power_kw: 20 } })
  await permits('what REST allows', (amperes) => amperes <= 29 + NOISE_A, REACTION_MS)

  grid.limitA = 16
  await permits('what the grid allows', (amperes) => amperes <= 14 + NOISE_A, POLL_MS + REACTION_MS)
  chargers.forget()

  grid.simulator.fault({ type: 'silent' }, METER_UNIT)
  const silent = await gateway.logged('fieldDeviceLost')
  t.match(silent, { level: 'warn', id: 'main' })
  t.match(await rest.get('/site'), { status: 200 })
  t.ok(chargers.highestPermittedA() <= 14 + NOISE_A, `${chargers.highestPermittedA()} A`)
  t.notOk(gateway.isOver())
  t.same(
    chargers.chargePoints.flatMap((chargePoint) => chargePoint.complaints()),
    [],
  )
})

test('a backend sees birth, state and end, and can lower a limit', async (t) => {
  const broker = await embeddedBroker({ host: '127.0.0.1' })
  if (!broker) throw new Error('the package aedes is not installed: npm ci')
  t.teardown(() => broker.close())
  const gateway = await startGateway(t, { config: depot(`mqtt: { url: "${broker.url}" }`) })
  const chargers = simulatedChargers(t, gateway.port, ['CP1', 'CP2'])
  chargers.plugIn('CP1')
  await eventually('a car that charges', () => (chargers.permittedA() > 20 ? true : undefined))

  // It comes late: all it sees at first was kept for it.
  const backend = await mqttObserver(Number(new URL(broker.url).port), 'depot/v1/yard-1/#', 4)
  t.teardown(() => backend.close())
  const next = (topic: string, matches: (message: Observed) => boolean = () => true) =>
    inTime(
      topic,
      backend.next((message) => message.topic === `depot/v1/yard-1/${topic}` && matches(message)),
    )
  for (const [topic, payload] of [
    ['status', { online: true, reason: 'start', boot: String, version: String }],
    ['info', { schema: 1, commands: 'lower-only', chargers: 2 }],
    ['state/site', { chargers: 2, exposureA: Array }],
    ['state/group/yard', { id: 'yard', limitW: 40_000, failsafe: false }],
    ['state/charger/CP1', { chargePointId: 'CP1', connected: true, evses: [{ id: 1 }] }],
  ] as const) {
    const message = await next(topic)
    t.equal(message.retained, true, `${topic} is retained`)
    t.match(JSON.parse(message.payload), payload, topic)
  }

  const send = async (id: string, args: object) => {
    const command = JSON.stringify({ id, ts: Date.now(), args })
    await backend.client.publishAsync('depot/v1/yard-1/cmd/limit', command, { qos: 1 })
    const ack = await next('ack/limit', ({ payload }) => payload.includes(`"${id}"`))
    return JSON.parse(ack.payload)
  }
  t.match(await send('c-1', { limitA: 12 }), { id: 'c-1', status: 'done' })
  await eventually(
    'what the backend allows',
    () => (chargers.permittedA() <= 12 + NOISE_A ? true : undefined),
    { withinMs: REACTION_MS, otherwise: () => `(${chargers.permittedA()} A)` },
  )
  t.match(await send('c-1', { limitA: 12 }), { id: 'c-1', status: 'duplicate' })
  t.match(await send('c-2', { limitAmps: 12 }), { id: 'c-2', status: 'rejected', reason: /limitA/ })
  // The site's topic follows within its rhythm.
  await next('state/site', ({ payload }) => payload.includes('"limitA":[12,12,12]'))

  chargers.at('CP1').unplug(1)
  const stopped = await next('event/session', ({ payload }) => payload.includes('"stopped"'))
  t.match(JSON.parse(stopped.payload), { id: String })

  gateway.signal('SIGTERM')
  t.equal(await gateway.ended(5_000), 0)
  const end = await next('status', ({ payload }) => payload.includes('"online":false'))
  t.match(JSON.parse(end.payload), { online: false, reason: 'stop' })
})

/** Nobody listens there. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
