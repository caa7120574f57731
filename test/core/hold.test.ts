/** A probe and the watchdog may hold an EVSE low; neither has a way to raise it. */
import { test } from 'tap'
import { oneGroup, RULES } from './a-depot.js'
import { aWorld } from './a-world.js'

const ADDRESS = { chargePointId: 'CP_c0', connectorId: 1 } as const

test('a held EVSE gets no more than the hold, and without refresh its grant runs out', async (t) => {
  const world = aWorld(oneGroup(50, 1, { expiryVerified: true }), RULES)
  const [charger] = world.chargers
  if (!charger) throw new Error('the depot has no charger')
  world.connect(charger)
  world.seconds(5)
  world.start(charger)
  world.seconds(60)
  t.equal(world.permittedA(charger), 32, 'charging')

  world.happen({ type: 'held', ...ADDRESS, hold: { maxA: 10, refresh: true } })
  world.seconds(5)
  t.equal(world.permittedA(charger), 10)
  world.seconds(400)
  t.equal(world.permittedA(charger), 10, 'refreshed meanwhile')

  world.happen({ type: 'held', ...ADDRESS, hold: { maxA: 10, refresh: false } })
  world.seconds(200)
  t.equal(charger.grant, undefined, 'it was left to expire')
  t.equal(world.permittedA(charger), charger.fallbackA)

  world.happen({ type: 'held', ...ADDRESS, hold: undefined })
  world.seconds(60)
  t.ok(world.permittedA(charger) > 20, 'charging again')
})

test('who is cut off gets 0 A, and from the second step also no fallback', async (t) => {
  const world = aWorld(oneGroup(50, 1, { expiryVerified: true }), RULES)
  const [charger] = world.chargers
  if (!charger) throw new Error('the depot has no charger')
  world.connect(charger)
  world.seconds(5)
  world.start(charger)
  world.seconds(60)
  world.happen({ type: 'cutOffChanged', ...ADDRESS, cutOff: 'transaction' })
  world.seconds(3)
  t.equal(world.permittedA(charger), 0)
  t.equal(charger.fallbackA, 6)
  world.happen({ type: 'cutOffChanged', ...ADDRESS, cutOff: 'fallback' })
  world.seconds(3)
  t.equal(charger.fallbackA, 0)
  world.happen({ type: 'cutOffChanged', ...ADDRESS, cutOff: 'none' })
  world.seconds(60)
  t.equal(charger.fallbackA, 6)
  t.ok(world.permittedA(charger) > 20)
})
