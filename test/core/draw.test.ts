import { test } from 'tap'
import { drawRange } from '../../src/core/limits/draw.js'
import { grantForm } from '../../src/core/ledger/evse-ledger.js'
import { plan } from '../../src/core/plan/plan.js'
import { oneGroup, RULES } from './a-depot.js'
import { aWorld } from './a-world.js'

test('a car may follow a decrease before its charger has answered', async (t) => {
  const world = aWorld(oneGroup(40, 1), RULES)
  const [charger] = world.chargers
  const [evse] = world.site.tree.evses
  if (!charger || !evse) throw new Error('one charger')
  world.connect(charger)
  world.seconds(20)
  world.start(charger)
  world.seconds(20)
  const at = { chargePointId: charger.id, connectorId: 1 } as const
  world.happen({
    type: 'metered',
    ...at,
    transactionId: undefined,
    currentA: [16, 16, 16],
    powerW: undefined,
    registerWh: undefined,
    isCurrent: true,
  })
  const connector = world.site.chargePoints.get(charger.id)?.connectors.get(1)
  if (!connector) throw new Error('one connector')
  const leastA = (): number => drawRange(evse, connector, RULES, world.nowMs).lowA[0]
  t.equal(leastA(), 16)
  const inFlight = {
    purpose: 'transaction',
    form: grantForm(connector.ledger),
    limitA: 10,
    transactionId: connector.transactionId,
    sentAtMs: world.nowMs,
    durationMs: 150_000,
    longestMs: 150_000,
  } as const
  world.happen({ type: 'profileSent', ...at, inFlight })
  t.equal(leastA(), 10)
  // By then its sample would tell; a charger that never answers hides no load for ever.
  world.nowMs += 5_000
  t.equal(leastA(), 16)
})

test('a car that draws more than it may and falls silent counts until a meter shows it as base load', async (t) => {
  const meters = [{ id: 'm', constraintId: 'group', worstBaseLoadA: [0, 0, 0] as const }]
  const world = aWorld(oneGroup(10, 1), { ...RULES, meters })
  const [charger] = world.chargers
  if (!charger) throw new Error('one charger')
  const read = (atMs: number): void => {
    const currentA = [16, 16, 16 + atMs / 1e6] as const
    const values = { powerW: undefined, energyWh: undefined }
    world.happen({ type: 'meterRead', meterId: 'm', atMs, currentA, ...values })
  }
  world.connect(charger)
  world.seconds(20)
  world.start(charger)
  world.seconds(20)
  world.happen({
    type: 'metered',
    chargePointId: charger.id,
    connectorId: 1,
    transactionId: undefined,
    currentA: [16, 16, 16],
    powerW: undefined,
    registerWh: undefined,
    isCurrent: true,
  })
  const countedA = (): number => {
    read(world.nowMs)
    world.nowMs += 1_000
    const [evse] = plan(world.site, () => false, world.nowMs, world.nowMs).evses
    return evse?.exposureA ?? 0
  }
  for (let second = 1; second <= 20; second++) t.equal(countedA(), 17, `second ${second}`)
  // The next reading is the first without its sample.
  t.ok(countedA() < 17)
  t.equal(world.site.meters.get('m')?.baseA?.[0], 16)
})
