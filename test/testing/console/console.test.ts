import { test } from 'tap'
import { txDefault } from '../a-charge-point.js'
import { aConsole } from './a-console.js'
import type { ConsoleWorld } from './a-console.js'

async function charging(options = 'tag=TAG amps=32'): Promise<ConsoleWorld> {
  const world = await aConsole()
  await world.does(`plug ${options}`)
  await world.does('wait-for status=Charging')
  return world
}

test('a car that is plugged in with a tag charges until it is unplugged', async (t) => {
  const { does, calls } = await charging()
  t.match(await does('status'), [/^connected; connector 1 Charging, offer 32 A, draws 32 A/])
  t.match(await does('wait-for draw=32'), [/draw=32 after 0 s/])
  await does('unplug')
  await does('wait-for status=Available')
  await does('wait 1')
  t.match(calls('StopTransaction')[0]?.payload, { reason: 'EVDisconnected', idTag: 'TAG' })
})

test('a card starts, stops its own transaction, and waits for a car', async (t) => {
  const { does, fails, calls } = await aConsole()
  t.same(await does('tag A'), ['tag A: waiting'])
  await does('plug')
  await does('wait-for status=Charging')
  t.match(await fails('tag B'), /another card has started the transaction/)
  t.same(await does('tag A'), ['tag A: stopped'])
  await does('wait-for status=Finishing')
  t.same(await does('tag B'), ['tag B: starting'])
  await does('wait-for id_tag=B')
  t.same(
    calls('StartTransaction').map(({ payload }) => payload.idTag),
    ['A', 'B'],
  )
})

test('a card that waited too long for its car starts nothing', async (t) => {
  const { does, calls } = await aConsole()
  await does('tag A')
  await does('wait 121')
  await does('plug')
  await does('wait 5')
  t.same(calls('StartTransaction'), [])
})

for (const { line, status, back } of [
  { line: 'suspend', status: 'SuspendedEV', back: 'resume' },
  { line: 'delay 1h', status: 'SuspendedEV', back: 'resume' },
  { line: 'full', status: 'SuspendedEV', back: 'soc 30' },
  { line: 'full-after 3', status: 'SuspendedEV', back: 'soc 30' },
] as const) {
  test(`${line}: ${status} until ${back}`, async (t) => {
    const { does } = await charging()
    await does(line)
    await does(`wait-for status=${status} timeout=10`)
    await does(back)
    await does('wait-for status=Charging timeout=10')
    t.pass()
  })
}

test('delayed charging begins when its time has come', async (t) => {
  const { does, clock } = await aConsole()
  await does('plug tag=A delay=90s')
  const fromMs = clock.monotonic()
  await does('wait-for status=Charging timeout=200')
  t.ok(clock.monotonic() - fromMs >= 90_000)
  t.ok(clock.monotonic() - fromMs < 100_000)
})

test('what a car takes follows max-amps and phases', async (t) => {
  const { does } = await charging('tag=A')
  t.match(await does('meter'), [/^16 A, 11040 W/])
  await does('max-amps 10')
  await does('phases 1')
  await does('wait 2')
  t.match(await does('meter'), [/^10 A, 2300 W/])
})

test('state of charge rises with what is charged, and the last part is slower', async (t) => {
  const { does } = await aConsole()
  await does('plug tag=A amps=32 capacity=40 soc=50 kwh=10')
  t.same(await does('soc'), ['50 %'])
  await does('wait-for draw=32')
  await does('wait-for draw<20 timeout=1h')
  const [soc = ''] = await does('soc')
  t.ok(Number.parseFloat(soc) >= 70 && Number.parseFloat(soc) < 75, soc)
  await does('wait-for status=SuspendedEV timeout=1h')
  t.same(await does('soc'), ['75 %'])
})

test('a fault ends the transaction and lasts until it is cleared', async (t) => {
  const { does, calls } = await charging()
  await does('fault groundfailure')
  await does('wait-for status=Faulted')
  await does('wait 1')
  const told = calls('StatusNotification').at(-1)?.payload
  t.match(told, { status: 'Faulted', errorCode: 'GroundFailure' })
  t.match(calls('StopTransaction')[0]?.payload, { reason: 'Other' })
  await does('clear')
  await does('wait-for status=Finishing')
  await does('wait 1')
  t.match(calls('StatusNotification').at(-1)?.payload, { errorCode: 'NoError' })
})

test('what happens while it is disconnected is told later, or never', async (t) => {
  for (const [queue, stops] of [
    ['on', 1],
    ['off', 0],
  ] as const) {
    const { does, calls } = await charging()
    await does(`offline queue ${queue}`)
    await does('disconnect')
    await does('wait-for connected=no')
    await does('unplug')
    await does('wait 60')
    await does('reconnect')
    await does('wait-for connected=yes')
    await does('wait 5')
    t.equal(calls('StopTransaction').length, stops, queue)
  }
})

test('reconnect while connected leaves one connection that works', async (t) => {
  const { does, calls, clock } = await charging()
  await does('reconnect')
  await clock.advance(5000)
  await does('wait-for connected=yes')
  const before = calls('MeterValues').length
  await does('meter')
  await does('wait 1')
  t.equal(calls('MeterValues').length, before + 1)
})

test('a reset boots again and ends the transaction with its reason', async (t) => {
  const { does, calls } = await charging()
  await does('reset hard')
  await does('wait-for connected=no')
  await does('wait-for accepted=yes timeout=60')
  await does('wait 2')
  t.equal(calls('BootNotification').length, 2)
  t.match(calls('StopTransaction')[0]?.payload, { reason: 'HardReset' })
})

test('quirks go by the names of scenario files, and off is as it should be', async (t) => {
  const { does, fails, controller, chargePoints } = await charging()
  t.same(await does('behaviours'), ['no quirks'])
  t.same(await does('quirk accepts_and_ignores'), ['accepts_and_ignores: true'])
  const told = controller.call('CP1', 'SetChargingProfile', txDefault(6))
  await does('wait 1')
  t.match(await told, { status: 'Accepted' })
  await does('wait-for offer=32 timeout=0')
  await does('quirk acceptsAndIgnores off')
  t.same(await does('quirk answer_delay 20s'), ['answer_delay: 20s'])
  t.same(await does('quirk resumes_from_zero'), ['answer_delay: 20s, resumes_from_zero: false'])
  t.equal(chargePoints[0]?.behaviour().resumesFromZero, false)
  t.same(await does('quirk refuses_units W'), [
    'answer_delay: 20s, refuses_units: W, resumes_from_zero: false',
  ])
  t.match(await fails('quirk nonsense'), /there is no quirk nonsense; there are answer_delay, /)
  t.match(await fails('quirk answer_delay on'), /answer_delay cannot be "on" \(From a call/)
})

test('a clock that is ahead shows in its times', async (t) => {
  const { does, calls, clock } = await aConsole()
  await does('clock-offset 3600')
  await does('plug')
  await does('wait 1')
  const { timestamp } = calls('StatusNotification').at(-1)?.payload ?? {}
  const aheadMs = Date.parse(String(timestamp)) - clock.now()
  t.ok(Math.abs(aheadMs - 3_600_000) < 2000, String(aheadMs))
  t.same(await does('clock-offset -60'), ['clock -60 s ahead'])
})

test('wait-for fails with what is instead', async (t) => {
  const { fails, clock } = await aConsole()
  const fromMs = clock.monotonic()
  t.equal(
    await fails('wait-for status=Charging timeout=5'),
    'status=Charging did not come within 5 s, it is Available',
  )
  t.ok(clock.monotonic() - fromMs >= 5000)
})

test('wait-for looks at connectors, at the charge point and at its calls', async (t) => {
  const { does, controller } = await aConsole({ connectors: 2 })
  await does('wait-for status=Available 0 timeout=0')
  await does('plug 2 tag=A')
  await does('wait-for offer>=6 2')
  await does('wait-for transaction!=none 2')
  await does('wait-for transaction=none 1 timeout=0')
  await does('wait-for calls.GetConfiguration=0 timeout=0')
  controller.call('CP1', 'GetConfiguration', {}).catch(() => {})
  await does('wait-for calls.GetConfiguration=1 timeout=1')
  t.pass()
})

test('a command is for all charge points, or for the one it is addressed to', async (t) => {
  const { does, fails, chargePoints, run } = await aConsole({ identities: ['CP1', 'CP2', 'CP3'] })
  await does('@CP2 plug')
  t.same(
    chargePoints.map((chargePoint) => chargePoint.status(1)),
    ['Available', 'Preparing', 'Available'],
  )
  const answer = await run('plug')
  t.match(answer, {
    outcomes: [
      { charge_point: 'CP1', ok: true },
      { charge_point: 'CP2', ok: false, kind: 'failed', problem: /unplug it/ },
      { charge_point: 'CP3', ok: true },
    ],
  })
  t.equal((await does('@all wait-for status=Preparing')).length, 3)
  t.match(await fails('@CP4 plug'), /there is no charge point CP4; there are CP1, CP2, CP3/)
})

for (const [line, problem] of [
  ['plog', /there is no command plog; there are plug, unplug, /],
  ['unplug', /no car is plugged in at connector 1: plug 1/],
  ['plug 2', /CP1 has no connector 2, it has 1/],
  ['plug colour=red', /plug has no colour=; it has tag=, kwh=/],
  ['tag', /usage: tag ID \[CONNECTOR\]/],
  ['fault nonsense', /there is no error code nonsense; there are ConnectorLockFailure/],
  ['plug phases=4', /phases must be a number from 1 to 3, got "4"/],
  ['full-after soon', /SECONDS must be seconds or a duration such as 90s/],
  ['wait-for', /is no condition; write it like offer>=6/],
  ['wait-for offr>=6', /there is no field offr; there are status, offer/],
  ['wait-for offer>=six', /offer>= needs a number, got "six"/],
  ['reset', /usage: reset soft\|hard/],
  ['send Heartbeat nonsense', /the payload must be JSON, got nonsense/],
] as const) {
  test(`"${line}" says what is wrong`, async (t) => {
    const { fails } = await aConsole()
    t.match(await fails(line), problem)
  })
}

test('wrong words are found without running a line', async (t) => {
  const { console, chargePoints } = await aConsole()
  t.equal(console.check('plug tag=A'), undefined)
  t.equal(console.check('  # a comment'), undefined)
  t.match(console.check('plog'), /there is no command/)
  t.match(console.check('wait-for x'), /is no condition/)
  t.equal(chargePoints[0]?.status(1), 'Available')
})

test('any call can be sent', async (t) => {
  const { does, calls, controller } = await aConsole()
  controller.answer('DataTransfer', () => ({ status: 'Accepted', data: 'x' }))
  t.same(await does('send DataTransfer {"vendorId": "me", "data": "1 2"}'), [
    '{"status":"Accepted","data":"x"}',
  ])
  t.same(calls('DataTransfer')[0]?.payload, { vendorId: 'me', data: '1 2' })
})

test('everything can be asked for as data', async (t) => {
  const { run } = await charging()
  const answer = await run('status json')
  t.match(answer, {
    outcomes: [
      {
        charge_point: 'CP1',
        fields: {
          connected: true,
          accepted: true,
          connectors: [
            { connector: 1, status: 'Charging', offer: 32, transaction: Number, soc: Number },
          ],
        },
      },
    ],
  })
})

test('statuses and connections are seen as they happen', async (t) => {
  const { events, does } = await charging()
  await does('disconnect')
  await does('wait 1')
  const seen = events.filter(({ type }) => type !== 'sent' && type !== 'received')
  t.match(seen, [
    { type: 'connected' },
    { type: 'status', connectorId: 0, status: 'Available' },
    { type: 'status', connectorId: 1, status: 'Available' },
    { type: 'status', connectorId: 1, status: 'Preparing' },
    { type: 'status', connectorId: 1, status: 'SuspendedEV' },
    { type: 'status', connectorId: 1, status: 'Charging' },
    { type: 'disconnected', code: 1000 },
  ])
})

test('help says every command, and how one is used', async (t) => {
  const { does } = await aConsole()
  const [all = ''] = await does('help')
  for (const word of ['plug', 'quirk NAME', 'wait-for CONDITION', 'quit']) t.match(all, word)
  t.match(await does('help delay'), [/^delay SECONDS \[CONNECTOR\]\n/])
})
