import { test } from 'tap'
import { drawRange } from '../../src/core/limits/draw.js'
import { grantForm } from '../../src/core/ledger/evse-ledger.js'
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
