/** Power is lost at any moment: what was acknowledged is there afterwards, and nothing rises. */
import { test } from 'tap'
import { eventually } from './deadline.js'
import { live } from './hand-made-depot.js'
import { restClient } from './rest-client.js'
import type { RestClient, SessionBody } from './rest-client.js'
import { callOnce } from './script-client.js'
import { simulatedChargers } from './simulated-chargers.js'
import { startGateway, temporaryFolder } from './yardmaster-process.js'
import type { Gateway, Scope } from './yardmaster-process.js'

const CONFIG = `
ocpp: { meter_value_interval_s: 1 }
balancing: { settle_s: 1 }
depot:
  constraints:
    - { id: yard, name: Yard, type: charge_group, max_power_kw: 1000, max_current_a: 30 }
  chargers:
    - { id: cp1, name: One, parent_charge_group: yard, ocpp_charge_point_id: CP1, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
    - { id: cp2, name: Two, parent_charge_group: yard, ocpp_charge_point_id: CP2, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
`
const GROUP_A = 30
/** What each does when left alone. */
const FALLBACK_A = 6
const NOISE_A = 0.001

async function killed(t: Scope, gateway: Gateway): Promise<Gateway> {
  gateway.signal('SIGKILL')
  await gateway.ended()
  const { port, dataDir } = gateway
  return startGateway(t, { config: CONFIG, port, dataDir })
}

/** The sessions of these charge points once each has charged more than before. */
function charging(
  rest: RestClient,
  identities: readonly string[],
  before: readonly SessionBody[] = [],
): Promise<readonly SessionBody[]> {
  const of = (sessions: readonly SessionBody[], identity: string): SessionBody | undefined =>
    sessions.find((session) => session.ocpp_charge_point_id === identity)
  return eventually(`${identities.join(' and ')} to charge`, async () => {
    const sessions = await live(rest)
    const found = identities.flatMap((identity) => of(sessions, identity) ?? [])
    const charge = found.filter(
      (session) =>
        (session.power_kw ?? 0) > 0 &&
        session.energy_wh > (of(before, session.ocpp_charge_point_id)?.energy_wh ?? 0),
    )
    return charge.length === identities.length ? charge : undefined
  })
}

function idsOf({ id, transaction_id, ocpp_charge_point_id }: SessionBody): object {
  return { id, transaction_id, ocpp_charge_point_id }
}

test('killed in mid-charge, it goes on with the same transactions below the limit', async (t) => {
  const gateway = await startGateway(t, { config: CONFIG })
  const { port } = gateway
  const rest = restClient(port)
  const chargers = simulatedChargers(t, port, ['CP1', 'CP2'])
  for (const identity of ['CP1', 'CP2']) chargers.plugIn(identity)
  await eventually('two cars that share', () =>
    Math.min(...chargers.chargePoints.map((each) => each.permittedA(1)[0])) > 2 * FALLBACK_A
      ? true
      : undefined,
  )
  const before = await charging(rest, ['CP1', 'CP2'])

  // The network of the second comes back later than the first: what it may draw counts all the same.
  chargers.cutOff('CP2')
  const told = () => chargers.at('CP1').callsReceived().get('SetChargingProfile') ?? 0
  const toldBefore = told()
  const second = await killed(t, gateway)
  t.match(await second.logged('started'), { openTransactions: 2 })
  t.same(new Set((await live(rest)).map(idsOf)), new Set(before.map(idsOf)), 'nobody is back yet')
  await charging(rest, ['CP1'], before)
  await eventually('CP1 to be told its fallback and its share', () =>
    told() >= toldBefore + 2 ? true : undefined,
  )
  chargers.reconnect('CP2')
  const after = await charging(rest, ['CP1', 'CP2'], before)
  t.same(after.map(idsOf), before.map(idsOf))
  t.equal(second.token(), '', 'the token stays as it was')
  t.ok(chargers.highestPermittedA() <= GROUP_A + NOISE_A, `${chargers.highestPermittedA()} A`)

  const first = chargers.at('CP1').transactionId(1)
  chargers.at('CP1').unplug(1)
  await eventually('the end of the first', async () =>
    (await live(rest)).length === 1 ? true : undefined,
  )
  const energyWh = after.find(({ transaction_id }) => transaction_id === first)?.energy_wh ?? 0
  const ended = (await rest.get<SessionBody[]>('/sessions')).body
  t.match(ended, [{ transaction_id: first, stop_reason: 'EVDisconnected' }])
  t.equal(ended.length, 1)
  t.ok((ended[0]?.energy_wh ?? 0) >= energyWh, 'it is billed from the start, not from the kill')
  await eventually('the answer to the stop', () =>
    chargers.at('CP1').keptMessages() === 0 ? true : undefined,
  )

  chargers.plugIn('CP1')
  const third = await eventually('the next car', () => chargers.at('CP1').transactionId(1))
  t.notOk(before.some(({ transaction_id }) => transaction_id === third))
  await eventually('the next car at work', () =>
    chargers.at('CP1').drawA(1)[0] > 0 ? true : undefined,
  )
  t.ok(chargers.highestPermittedA() <= GROUP_A + NOISE_A, `${chargers.highestPermittedA()} A`)
  t.same(
    chargers.chargePoints.flatMap((chargePoint) => chargePoint.complaints()),
    [],
  )
})

test('what was acknowledged right before the kill is there after it', async (t) => {
  let gateway = await startGateway(t, { config: CONFIG, dataDir: await temporaryFolder(t) })
  const { port } = gateway
  const rest = restClient(port)
  const used = new Set<number>()
  let running: number | undefined
  for (let round = 1; round <= 3; round += 1) {
    const timestamp = new Date().toISOString()
    if (running !== undefined) {
      const stop = { transactionId: running, meterStop: round * 100, timestamp, reason: 'Local' }
      await callOnce(port, 'ocpp/CP1', 'StopTransaction', stop)
    }
    const start = { connectorId: 1, idTag: `CAR-${round}`, meterStart: round, timestamp }
    const { transactionId } = await callOnce(port, 'ocpp/CP1', 'StartTransaction', start)
    gateway = await killed(t, gateway)
    t.match(await live(rest), [{ transaction_id: transactionId, id_tag: `CAR-${round}` }])
    const ended = (await rest.get<SessionBody[]>('/sessions')).body
    t.same(new Set(ended.map(({ transaction_id }) => transaction_id)), used)
    if (running !== undefined) t.match(ended[0], { meter_stop_wh: round * 100 })

    // A charge point that did not get the answer says it again: it is no other transaction.
    t.match(await callOnce(port, 'ocpp/CP1', 'StartTransaction', start), { transactionId })
    running = Number(transactionId)
    t.notOk(used.has(running), `${running} is new`)
    used.add(running)
  }
})
