import * as fc from 'fast-check'
import { test } from 'tap'
import { newLedger } from '../../src/core/ledger/evse-ledger.js'
import { accepted, refused, sent, unanswered } from '../../src/core/ledger/told.js'
import { rebooted, restoreMark } from '../../src/core/ledger/doubted.js'
import type { EvseLedger } from '../../src/core/ledger/evse-ledger.js'
import { exposureOf } from '../../src/core/ledger/exposure.js'
import type { ExposureFacts } from '../../src/core/ledger/exposure.js'
import { marked, markOfDoubt } from '../../src/core/ledger/marks.js'
import { fallbacks } from '../../src/core/ledger/fallbacks.js'
import { replay } from '../../src/core/site/reduce.js'
import { buildTree } from '../../src/core/site/tree.js'
import { aCharger, aConstraint, aDepot, anEvse, oneGroup, RULES } from './a-depot.js'
import { aWorld } from './a-world.js'
import type { Treatment, World } from './a-world.js'

const FACTS: ExposureFacts = {
  hardwareA: 32,
  connected: true,
  measuredA: undefined,
  expiryVerified: false,
  isolated: false,
  outOfService: false,
  wasFree: false,
  forgetsOffline: false,
}

function ledgerWith(more: Partial<EvseLedger>): EvseLedger {
  return { ...newLedger(0), seen: true, ...more }
}

const TX_FORM = {
  purpose: 'TxProfile',
  stackLevel: 0,
  kind: 'Absolute',
  unit: 'native',
} as const

const granted = {
  limitA: 16,
  isBound: true,
  mayBeOver: false,
  acknowledgedAtMs: 0,
  refreshFromMs: 50_000,
  mayExpireFromMs: 120_000,
  expiredByMs: 210_000,
}
const paused = { ...granted, limitA: 0 }

for (const [title, ledger, facts, nowMs, expected] of [
  ['never seen counts nothing', { seen: false }, { connected: false }, 0, 0],
  ['seen without a fallback counts its hardware', {}, {}, 0, 32],
  ['offline without a fallback counts its hardware', {}, { connected: false }, 0, 32],
  ['idle counts its fallback', { fallbackA: 6 }, {}, 0, 6],
  ['granted counts the grant', { fallbackA: 6, grant: granted }, {}, 1000, 16],
  ['paused counts nothing', { fallbackA: 6, grant: paused }, {}, 1000, 0],
  [
    'who refused a further limit for its transaction counts the fallback: the next may have begun',
    { fallbackA: 6, grant: { ...paused, mayBeOver: true } },
    {},
    1000,
    6,
  ],
  [
    'a grant in flight counts at once',
    {
      fallbackA: 6,
      inFlight: {
        purpose: 'transaction',
        form: TX_FORM,
        limitA: 20,
        transactionId: 1,
        sentAtMs: 0,
        durationMs: 150_000,
        longestMs: 150_000,
      },
    },
    {},
    0,
    20,
  ],
  [
    'an unanswered decrease does not count',
    {
      fallbackA: 0,
      grant: granted,
      inFlight: {
        purpose: 'transaction',
        form: TX_FORM,
        limitA: 6,
        transactionId: 1,
        sentAtMs: 0,
        durationMs: 150_000,
        longestMs: 150_000,
      },
    },
    {},
    0,
    16,
  ],
  [
    'a decrease settles',
    { fallbackA: 0, grant: { ...granted, limitA: 6 }, settling: [{ limitA: 16, untilMs: 15_000 }] },
    {},
    14_999,
    16,
  ],
  [
    'a settled decrease is done',
    { fallbackA: 0, grant: { ...granted, limitA: 6 }, settling: [{ limitA: 16, untilMs: 15_000 }] },
    {},
    15_000,
    6,
  ],
  ['a pause counts nothing while it is sure', { fallbackA: 6, grant: paused }, {}, 60_000, 0],
  [
    'offline a pause counts the fallback: it ends with its car, and another may come',
    { fallbackA: 6, grant: paused },
    { connected: false },
    60_000,
    6,
  ],
  [
    'a pause counts the fallback once the charger says that its transaction is over',
    { fallbackA: 6, grant: paused },
    { wasFree: true },
    60_000,
    6,
  ],
  [
    'offline a pause counts nothing while the next car finds an admission profile of 0 A',
    {
      fallbackA: 6,
      grant: paused,
      admission: { refreshFromMs: 300_000, mayExpireFromMs: 570_000 },
    },
    { connected: false },
    60_000,
    0,
  ],
  [
    'a pause that may expire soon counts the fallback',
    { fallbackA: 6, grant: paused },
    {},
    80_000,
    6,
  ],
  [
    'offline unverified keeps the grant after its expiry',
    { fallbackA: 6, grant: granted },
    { connected: false },
    900_000,
    16,
  ],
  [
    'offline verified keeps the grant until it has expired for sure',
    { fallbackA: 6, grant: granted },
    { connected: false, expiryVerified: true },
    209_999,
    16,
  ],
  [
    'offline verified falls back then',
    { fallbackA: 6, grant: granted },
    { connected: false, expiryVerified: true },
    210_000,
    6,
  ],
  [
    'isolated counts nothing until it connects',
    { fallbackA: 6 },
    { connected: false, isolated: true },
    0,
    0,
  ],
  ['isolated but connected counts', { fallbackA: 6 }, { isolated: true }, 0, 6],
  [
    'a disobedient car counts what it draws',
    { fallbackA: 0, grant: { ...granted, limitA: 6 } },
    { measuredA: 15 },
    1000,
    16,
  ],
  [
    'measuring noise is not disobedience',
    { fallbackA: 0, grant: { ...granted, limitA: 6 } },
    { measuredA: 6.9 },
    1000,
    6,
  ],
  [
    'what was granted counts whatever the hardware is said to be',
    { fallbackA: 6, ambiguous: [{ limitA: 63, isExact: true, isBound: true, expiredByMs: 1e9 }] },
    {},
    0,
    63,
  ],
] as const) {
  test(`exposure: ${title}`, async (t) => {
    t.equal(exposureOf(ledgerWith(ledger), { ...FACTS, ...facts }, nowMs).exposureA, expected)
  })
}

/** All chargers connected, given their fallback, and so many cars started. */
function chargingWorld(limitA: number, count: number, cars = count): World {
  const world = aWorld(
    oneGroup(limitA, count, { evses: [anEvse(1, { fallbackCurrentA: 0 })] }),
    RULES,
  )
  for (const charger of world.chargers) world.connect(charger)
  world.seconds(3)
  for (const charger of world.chargers.slice(0, cars)) world.start(charger)
  return world
}

function setLimit(world: World, limitA: number): void {
  world.happen({
    type: 'limitCommanded',
    commandId: 'x',
    nodeId: 'group',
    limitA: [limitA, limitA, limitA],
    limitKw: undefined,
    untilWallMs: Date.parse('2027-01-01T00:00:00Z'),
  })
}

test('the fallback is the first thing a charger gets, then its share', async (t) => {
  const world = chargingWorld(40, 2)
  world.seconds(5)
  t.same(
    world.sent.slice(0, 2).map(({ purpose, limitA }) => [purpose, limitA]),
    [
      ['fallback', 0],
      ['fallback', 0],
    ],
  )
  t.same(
    world.chargers.map((charger) => world.permittedA(charger)),
    [20, 20],
  )
})

test('a newcomer gets its share only after the others have given way and settled', async (t) => {
  const world = chargingWorld(32, 2, 1)
  world.seconds(5)
  t.equal(world.totalA(), 32)
  const [first, second] = world.chargers
  if (!first || !second) throw new Error('two chargers')
  world.start(second)
  let givenWayAtMs = 0
  for (let n = 0; n < 40; n++) {
    world.second()
    t.ok(world.totalA() <= 32, `${world.totalA()} A`)
    if (givenWayAtMs === 0 && world.permittedA(first) === 16) givenWayAtMs = world.nowMs
    if (world.permittedA(second) > 0) break
  }
  t.ok(world.nowMs - givenWayAtMs >= 15_000, 'after settling')
  t.equal(world.permittedA(second), 16)
})

test('a fall of the limit is answered by decreases in the same second', async (t) => {
  const world = chargingWorld(60, 3)
  world.seconds(20)
  t.equal(world.totalA(), 60)
  setLimit(world, 30)
  world.sent = []
  world.second()
  t.equal(world.sent.filter(({ change }) => change === 'decrease').length, 3)
  t.equal(world.totalA(), 30)
})

test('a refused decrease makes the others give way', async (t) => {
  const world = chargingWorld(60, 3)
  world.seconds(20)
  const [stubborn, ...others] = world.chargers
  if (!stubborn) throw new Error('three chargers')
  stubborn.treatment = 'reject'
  setLimit(world, 32)
  world.seconds(3)
  t.equal(world.permittedA(stubborn), 20)
  t.ok(world.totalA() <= 32, `${world.totalA()} A`)
  t.ok(others.every((charger) => [0, 6].includes(world.permittedA(charger))))
  stubborn.treatment = 'accept'
  world.seconds(90)
  t.ok(world.permittedA(stubborn) < 20, 'asked again until it obeys')
  t.ok(world.totalA() > 31 && world.totalA() <= 32)
})

test('an unanswered decrease makes the others give way as soon as it is late', async (t) => {
  const world = chargingWorld(60, 3)
  world.seconds(20)
  const [silent] = world.chargers
  if (!silent) throw new Error('three chargers')
  silent.treatment = 'loseCall'
  setLimit(world, 32)
  world.seconds(4)
  t.ok(world.totalA() <= 32, `${world.totalA()} A: a decrease unanswered for 2 s counts as refused`)
})

test('an offline charger counts at its last limit; its room is not given away', async (t) => {
  const world = chargingWorld(40, 2)
  world.seconds(20)
  const [gone] = world.chargers
  if (!gone) throw new Error('two chargers')
  world.disconnect(gone)
  for (let n = 0; n < 400; n++) {
    world.second()
    if (world.totalA() > 40) t.fail(`${world.totalA()} A`)
  }
  t.equal(world.site.tree.evses.length, 2)
  t.match(world.plan.evses[0], { exposureA: 20, reason: { type: 'offline' } })
})

test('a grant is refreshed at a third of its duration and never runs out while we live', async (t) => {
  const world = chargingWorld(32, 1)
  world.seconds(10)
  world.sent = []
  for (let n = 0; n < 600; n++) {
    world.second()
    if (world.totalA() !== 32) t.fail(`${world.totalA()} A`)
  }
  t.ok(
    world.sent.length >= 11 && world.sent.length <= 13,
    `${world.sent.length} refreshes in 600 s`,
  )
  t.ok(world.sent.every(({ change }) => change === 'refresh'))
})

test('a reboot counts the hardware until the fallback is acknowledged again', async (t) => {
  const world = chargingWorld(40, 2)
  world.seconds(20)
  const [victim, other] = world.chargers
  if (!victim || !other) throw new Error('two chargers')
  victim.treatment = 'loseCall'
  world.happen({ type: 'rebooted', chargePointId: victim.id })
  world.seconds(2)
  t.equal(world.plan.evses[0]?.exposureA, 32)
  t.ok(world.permittedA(other) <= 8, 'the other gives way')
})

test('a boot that may have lost the fallback is in the mark, so that a restart does not forget it', async (t) => {
  const ledger = ledgerWith({ fallbackA: 6, markA: 16, markFallbackA: 6 })
  t.equal(markOfDoubt(ledger), undefined)
  rebooted(ledger, 1_000)
  const mark = markOfDoubt(ledger)
  t.same(mark, { markA: 16, fallbackA: undefined })
  if (!mark) throw new Error('a mark')
  marked(ledger, mark)
  t.equal(markOfDoubt(ledger), undefined)
  const again = newLedger(0)
  restoreMark(again, mark, 0, 150_000)
  t.equal(exposureOf(again, FACTS, 1_000).exposureA, 32)
})

for (const [title, isRestarted] of [
  ['after a boot a fallback that was lower is not raised while nothing fits', false],
  ['nor after a restart, when nobody knows any more what it was before the boot', true],
] as const) {
  test(title, async (t) => {
    const world = aWorld(oneGroup(40, 2), RULES)
    for (const charger of world.chargers) world.connect(charger)
    world.seconds(3)
    const [booted, other] = world.chargers
    if (!booted || !other) throw new Error('two chargers')
    world.start(other)
    world.seconds(10)
    const { ledger } = world.site.chargePoints.get(booted.id)?.connectors.get(1) ?? {}
    if (!ledger) throw new Error('a connector')
    ledger.fallbackA = 0
    booted.fallbackA = 0
    world.happen({ type: 'rebooted', chargePointId: booted.id })
    if (isRestarted) {
      ledger.beforeBootA = undefined
      restoreMark(ledger, { markA: 16, fallbackA: undefined }, world.nowMs, 150_000)
    }
    setLimit(world, 20)
    world.sent = []
    world.second()
    const told = world.sent.filter(({ chargePointId }) => chargePointId === booted.id)
    t.match(told, [{ purpose: 'fallback', limitA: 0 }])
    setLimit(world, 40)
    world.seconds(40)
    t.equal(booted.fallbackA, 6, 'as soon as it fits')
  })
}

test('after a restart the durable mark counts, and nothing rises before it is told again', async (t) => {
  const world = chargingWorld(40, 2)
  world.seconds(20)
  const marks = world.site.tree.evses.map((evse) => ({
    chargePointId: evse.chargePointId ?? '',
    mark: { markA: 20, fallbackA: 0 },
  }))
  const after = aWorld(world.site.depot, RULES)
  for (const { chargePointId, mark } of marks) {
    replay(
      after.site,
      { type: 'marked', chargePointId, connectorId: 1, mark },
      { nowMs: 1_000, wallMs: 0 },
    )
  }
  after.second()
  t.same(
    after.plan.evses.map((evse) => evse.exposureA),
    [20, 20],
  )
  t.equal(after.plan.nodes[1]?.within, true)
})

const treatments: readonly Treatment[] = [
  'accept',
  'accept',
  'accept',
  'reject',
  'loseCall',
  'loseAnswer',
]
const step = fc.record({
  charger: fc.nat(5),
  seconds: fc.integer({ min: 1, max: 40 }),
  what: fc.oneof(
    fc.constantFrom('connect' as const, 'disconnect' as const, 'start' as const, 'stop' as const),
    fc.constantFrom(...treatments),
  ),
})

test('whatever chargers answer, lose or refuse, what they permit stays within a constant limit', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 100 }),
      fc.array(step, { maxLength: 60 }),
      (limitA, steps) => {
        const world = chargingWorld(limitA, 6, 0)
        for (const { charger: index, what, seconds } of steps) {
          const charger = world.chargers[index]
          if (!charger) continue
          switch (what) {
            case 'connect':
              if (!charger.connected) world.connect(charger)
              break
            case 'disconnect':
              if (charger.connected) world.disconnect(charger)
              break
            case 'start':
              if (charger.connected && !charger.charging) world.start(charger)
              break
            case 'stop': {
              const transactionId = world.site.chargePoints
                .get(charger.id)
                ?.connectors.get(1)?.transactionId
              if (!charger.connected || transactionId === undefined) break
              charger.charging = false
              charger.grant = undefined
              const wallMs = Date.parse('2026-06-01T00:00:00Z') + world.nowMs
              world.happen({
                type: 'transactionStopped',
                transactionId,
                meterStopWh: 0,
                stoppedWallMs: wallMs,
                receivedWallMs: wallMs,
                reason: 'Local',
              })
              break
            }
            case 'accept':
            case 'reject':
            case 'loseCall':
            case 'loseAnswer':
              charger.treatment = what
              break
          }
          for (let n = 0; n < seconds; n++) {
            world.second()
            if (world.totalA() > limitA + 1e-6) return false
          }
        }
        return true
      },
    ),
    { numRuns: 200 },
  )
  t.pass()
})

test('automatic fallbacks give the minimum by priority as long as the dead-man sum fits', async (t) => {
  const depot = aDepot(
    [
      aConstraint('group', 40, {
        type: 'charge_group',
        baseLoadA: 10,
        schedule: [{ from: '17:00', to: '20:00', maxCurrentA: [24, 24, 24] }],
      }),
    ],
    [aCharger('a', 'group'), aCharger('b', 'group', { priority: 7 }), aCharger('c', 'group')],
  )
  const { currentA, problems } = fallbacks(buildTree(depot, RULES), RULES)
  t.same(currentA, [6, 6, 0], '24 A less 10 A leave 14 A: two minimums, b first')
  t.same(problems, [])
})

test('stated fallbacks that do not fit are refused with the arithmetic', async (t) => {
  const stated = (id: string): ReturnType<typeof aCharger> =>
    aCharger(id, 'group', { evses: [anEvse(1, { fallbackCurrentA: 10 })] })
  const depot = aDepot(
    [aConstraint('group', 25, { type: 'charge_group', name: 'North' })],
    [stated('a'), stated('b'), stated('c')],
  )
  const { problems } = fallbacks(buildTree(depot, RULES), RULES)
  t.match(
    problems[0]?.message,
    /3 EVSEs below "North" add up to 30\.0 A on L1.*leaves 25\.0 A: 5\.0 A too much/,
  )
})

test('the priority of an id tag goes before that of the charger', async (t) => {
  const depot = oneGroup(30, 2, { priority: 1, evses: [anEvse(1, { fallbackCurrentA: 0 })] })
  const world = aWorld(
    { ...depot, idTags: new Map([['tag', { idTag: 'TAG', priority: 1 }]]) },
    RULES,
  )
  for (const charger of world.chargers) world.connect(charger)
  world.seconds(3)
  for (const charger of world.chargers) world.start(charger)
  world.seconds(60)
  t.same(
    world.chargers.map((charger) => world.permittedA(charger)),
    [15, 15],
  )
  const [, second] = world.chargers
  const transaction = [...world.site.transactions.values()].find(
    ({ chargePointId }) => chargePointId === second?.id,
  )
  if (!transaction) throw new Error('it charges')
  world.site.transactions.set(transaction.id, { ...transaction, idTag: 'BUS' })
  world.happen({
    type: 'depotChanged',
    depot: { ...depot, idTags: new Map([['bus', { idTag: 'BUS', priority: 9 }]]) },
  })
  world.seconds(60)
  t.same(
    world.chargers.map((charger) => world.permittedA(charger)),
    [6, 24],
  )
})

test('a lowered hardware figure does not make a granted limit smaller in the books', async (t) => {
  const world = chargingWorld(40, 2)
  world.seconds(20)
  const depot = world.site.depot
  const c0 = depot.chargers.get('c0')
  if (!c0) throw new Error('it is there')
  const smaller = { ...c0, evses: [anEvse(1, { fallbackCurrentA: 0, maxCurrentA: 12 })] }
  const chargers = new Map(depot.chargers).set('c0', smaller)
  world.happen({ type: 'depotChanged', depot: { ...depot, chargers } })
  for (let n = 0; n < 60; n++) {
    world.second()
    if (world.totalA() > 40) t.fail(`${world.totalA()} A`)
  }
  t.same(
    world.chargers.map((charger) => world.permittedA(charger)),
    [12, 28],
  )
})

test('a refused raise does not keep a decrease from being sent at once', async (t) => {
  const world = chargingWorld(40, 2, 1)
  world.seconds(10)
  setLimit(world, 20)
  world.seconds(20)
  const [charger] = world.chargers
  if (!charger) throw new Error('two chargers')
  charger.treatment = 'reject'
  setLimit(world, 32)
  world.seconds(3)
  charger.treatment = 'accept'
  setLimit(world, 10)
  world.second()
  t.equal(world.permittedA(charger), 10)
})

test('a node without a meter carries the load that is known below it', async (t) => {
  const depot = aDepot(
    [
      aConstraint('yard', 40),
      aConstraint('group', 100, { type: 'charge_group', parentId: 'yard', baseLoadA: 20 }),
    ],
    [aCharger('c0', 'group', { evses: [anEvse(1, { fallbackCurrentA: 0 })] })],
  )
  const world = aWorld(depot, RULES)
  for (const charger of world.chargers) world.connect(charger)
  world.seconds(3)
  for (const charger of world.chargers) world.start(charger)
  world.seconds(20)
  t.equal(world.totalA(), 20)
})

const AT_ADMISSION_LEVEL = {
  purpose: 'transaction',
  form: { ...TX_FORM, purpose: 'TxDefaultProfile', stackLevel: 1 },
  limitA: 0,
  transactionId: 1,
  sentAtMs: 0,
  durationMs: 150_000,
  longestMs: 150_000,
} as const

function withAdmission(): EvseLedger {
  return ledgerWith({
    fallbackA: 6,
    admission: { refreshFromMs: 300_000, mayExpireFromMs: 570_000 },
  })
}

test('of decreases one after the other each settles for itself', async (t) => {
  const ledger = ledgerWith({ fallbackA: 0 })
  const told = (limitA: number, nowMs: number): void => {
    const call = { limitA, sentAtMs: nowMs, durationMs: 150_000, longestMs: 150_000 }
    sent(ledger, { purpose: 'transaction', form: TX_FORM, transactionId: 1, ...call })
    accepted(ledger, { settleMs: 15_000, unknownA: 0 }, nowMs)
  }
  const countedA = (nowMs: number): number => exposureOf(ledger, FACTS, nowMs).exposureA
  told(30, 0)
  told(20, 10_000)
  told(16, 20_000)
  t.equal(countedA(24_999), 30)
  t.equal(countedA(25_000), 20)
  // To be told the same once more lowers nothing.
  told(16, 30_000)
  t.equal(countedA(34_999), 20)
  t.equal(countedA(35_000), 16)
})

test('a charger that refuses a further limit for a transaction may have ended it', async (t) => {
  const inFlight = {
    purpose: 'transaction',
    form: TX_FORM,
    limitA: 6,
    transactionId: 1,
    sentAtMs: 0,
    durationMs: 150_000,
    longestMs: 150_000,
  } as const
  const ledger = ledgerWith({ fallbackA: 6, grant: paused, inFlight })
  refused(ledger, true, 1_000)
  t.equal(exposureOf(ledger, FACTS, 1_000).exposureA, 6, 'the next finds the fallback')
  ledger.inFlight = { ...inFlight, limitA: 0, sentAtMs: 2_000 }
  accepted(ledger, { settleMs: 15_000, unknownA: 0 }, 2_500)
  t.equal(exposureOf(ledger, FACTS, 30_000).exposureA, 0, 'it runs')
})

test('a limit in the place of the admission profile leaves none to clear: that would be itself', async (t) => {
  const ledger = withAdmission()
  sent(ledger, AT_ADMISSION_LEVEL)
  accepted(ledger, { settleMs: 15_000, unknownA: 0 }, 1_000)
  t.equal(ledger.admission, undefined)
  t.equal(exposureOf(ledger, FACTS, 50_000).exposureA, 0)
  t.equal(exposureOf(ledger, FACTS, 120_000).exposureA, 6, 'the fallback comes after it')
})

test('a limit that may have taken the place of the admission profile may end before it', async (t) => {
  const ledger = withAdmission()
  sent(ledger, AT_ADMISSION_LEVEL)
  unanswered(ledger, 15_000)
  t.equal(exposureOf(ledger, FACTS, 50_000).exposureA, 0)
  t.equal(exposureOf(ledger, FACTS, 120_000).exposureA, 6)
})
