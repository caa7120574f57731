import { test } from 'tap'
import { aChargePoint, hungryEv } from './a-charge-point.js'
import type { ChargePointWorld } from './a-charge-point.js'

const LATER = '2027-01-01T00:00:00Z'

function reservation(idTag: string, expiryDate = LATER) {
  return { connectorId: 1, reservationId: 5, idTag, expiryDate }
}

test('a reserved connector says so, and charges for nobody else', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  t.match(await world.call('ReserveNow', reservation('A')), { status: 'Accepted' })
  await clock.advance(2000)
  t.equal(chargePoint.status(1), 'Reserved')
  chargePoint.plugIn(1, hungryEv(), { idTag: 'B' })
  await clock.advance(5000)
  t.equal(chargePoint.status(1), 'Preparing')
  chargePoint.unplug(1)
  chargePoint.plugIn(1, hungryEv(), { idTag: 'a' })
  await clock.advance(6000)
  t.match(world.calls('StartTransaction')[0]?.payload, { idTag: 'a', reservationId: 5 })
})

test('a reservation ends with its time', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  const soon = new Date(clock.now() + 10_000).toISOString()
  await world.call('ReserveNow', reservation('A', soon))
  await clock.advance(2000)
  t.equal(chargePoint.status(1), 'Reserved')
  await clock.advance(10_000)
  t.equal(world.statuses(1).at(-1), 'Available')
})

async function withList(world: ChargePointWorld): Promise<void> {
  await world.call('SendLocalList', {
    listVersion: 1,
    updateType: 'Full',
    localAuthorizationList: [
      { idTag: 'GOOD', idTagInfo: { status: 'Accepted' } },
      { idTag: 'BAD', idTagInfo: { status: 'Blocked' } },
      { idTag: 'OLD', idTagInfo: { status: 'Accepted', expiryDate: '2020-01-01T00:00:00Z' } },
    ],
  })
}

for (const [idTag, allowsUnknown, starts] of [
  ['GOOD', 'false', true],
  ['good', 'false', true],
  ['BAD', 'true', false],
  ['OLD', 'true', false],
  ['OTHER', 'true', true],
  ['OTHER', 'false', false],
] as const) {
  test(`offline ${idTag} ${starts ? 'charges' : 'waits'}, unknown cards allowed: ${allowsUnknown}`, async (t) => {
    const world = await aChargePoint()
    const { chargePoint, clock, network } = world
    await withList(world)
    chargePoint.configure('AllowOfflineTxForUnknownId', allowsUnknown)
    network.cut('CP1')
    await clock.advance(20_000)
    chargePoint.plugIn(1, hungryEv(), { idTag })
    await clock.advance(5000)
    t.equal(chargePoint.hasTransaction(1), starts)
  })
}

test('a card of the list needs not be asked for where that is allowed', async (t) => {
  const world = await aChargePoint()
  await withList(world)
  world.chargePoint.configure('LocalPreAuthorize', 'true')
  world.chargePoint.plugIn(1, hungryEv(), { idTag: 'GOOD' })
  await world.clock.advance(2000)
  t.equal(world.chargePoint.hasTransaction(1), true)
  t.same(world.calls('Authorize'), [])
})

test('a differential list adds, replaces and removes; an old one does not count', async (t) => {
  const world = await aChargePoint()
  await withList(world)
  const change = {
    listVersion: 2,
    updateType: 'Differential',
    localAuthorizationList: [
      { idTag: 'GOOD' },
      { idTag: 'BAD', idTagInfo: { status: 'Accepted' } },
    ],
  }
  t.match(await world.call('SendLocalList', change), { status: 'Accepted' })
  t.match(await world.call('SendLocalList', change), { status: 'VersionMismatch' })
  world.chargePoint.configure('LocalPreAuthorize', 'true')
  world.chargePoint.plugIn(1, hungryEv(), { idTag: 'BAD' })
  await world.clock.advance(1000)
  t.same(world.calls('Authorize'), [])
})

test('the key is taken and never told', async (t) => {
  const world = await aChargePoint()
  const set = { key: 'AuthorizationKey', value: '00112233445566778899' }
  t.match(await world.call('ChangeConfiguration', set), { status: 'Accepted' })
  t.notMatch(JSON.stringify(await world.call('GetConfiguration', {})), /AuthorizationKey|0011/)
  const asked = await world.call('GetConfiguration', { key: ['AuthorizationKey', 'CpoName'] })
  t.match(asked, { configurationKey: [{ key: 'CpoName' }], unknownKey: ['AuthorizationKey'] })
})

test('a key of yes or no takes nothing else', async (t) => {
  const world = await aChargePoint()
  const set = (value: string): Promise<unknown> =>
    world.call('ChangeConfiguration', { key: 'LocalPreAuthorize', value })
  t.match(await set('maybe'), { status: 'Rejected' })
  t.match(await set('True'), { status: 'Accepted' })
})

for (const [works, upload, download] of [
  [true, ['Uploading', 'Uploaded'], ['Downloading', 'Downloaded', 'Installing', 'Installed']],
  [false, ['Uploading', 'UploadFailed'], ['Downloading', 'DownloadFailed']],
] as const) {
  test(`files are really transferred by HTTP, and it is told that it ${works ? 'worked' : 'failed'}`, async (t) => {
    const asked: string[] = []
    const world = await aChargePoint({
      prepare(controller) {
        controller.answer('DiagnosticsStatusNotification', () => ({}))
        controller.answer('FirmwareStatusNotification', () => ({}))
      },
      files: {
        upload: async (url, name, content) => {
          asked.push(`${url} ${name} ${content.length > 0}`)
          return works
        },
        download: async (url) => {
          asked.push(url)
          return works
        },
      },
    })
    const at = 'http://10.0.0.1/in/'
    t.match(await world.call('GetDiagnostics', { location: at }), { fileName: 'diagnostics.txt' })
    t.same(await world.call('UpdateFirmware', { location: `${at}1`, retrieveDate: LATER }), {})
    await world.clock.advance(60_000)
    t.same(asked, [`${at} diagnostics.txt true`, `${at}1`])
    const told = (action: string): unknown =>
      world.calls(action).map(({ payload }) => payload.status)
    t.same(told('DiagnosticsStatusNotification'), upload)
    t.same(told('FirmwareStatusNotification'), download)
  })
}
