/** Whatever one peer sends, and however much: the limit is kept, and the others are served. */
import { test } from 'tap'
import type { NetworkPeer } from '../../src/testing/memory-connection.js'
import type { ChargePointLink } from '../../src/testing/charge-point-wire.js'
import { aStory, gridSection } from './a-story.js'
import type { Story } from './a-story.js'

const LOW_A = 60

interface Flooder extends NetworkPeer {
  link: ChargePointLink | undefined
  answers: number
  ended: string | undefined
}

function flooder(): Flooder {
  const peer: Flooder = {
    link: undefined,
    answers: 0,
    ended: undefined,
    opened: (link) => void (peer.link = link),
    received: (text) => void (peer.answers += text.startsWith('[3') ? 1 : 0),
    closed: (code) => void (peer.ended = `closed with ${code}`),
    refused: (status) => void (peer.ended = `refused with ${status}`),
  }
  return peer
}

/** Four honest chargers with cars, and CP005, which `speaks` 1000 times a second for so long. */
async function flooded(
  site: Story,
  peer: Flooder,
  seconds: number,
  speaks: (n: number) => string,
): Promise<void> {
  for (let ms = 0, n = 0; ms < seconds * 1000; ms += 10) {
    for (let each = 0; each < 10; each++) peer.link?.send(speaks((n += 1)))
    await site.clock.advance(10)
  }
}

const FLOODS: readonly (readonly [string, (n: number) => string])[] = [
  ['heartbeats', (n) => `[2,"${n}","Heartbeat",{}]`],
  [
    'boots',
    (n) => `[2,"${n}","BootNotification",{"chargePointVendor":"V","chargePointModel":"M${n}"}]`,
  ],
  [
    'transactions',
    (n) =>
      `[2,"${n}","StartTransaction",{"connectorId":1,"idTag":"T${n}","meterStart":${n},"timestamp":"2026-01-05T00:00:00Z"}]`,
  ],
  [
    'statuses that change',
    (n) =>
      `[2,"${n}","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"${n % 2 === 0 ? 'Charging' : 'Available'}"}]`,
  ],
  ['answers that nobody asked for', (n) => `[3,"${n}",{"status":"Accepted"}]`],
  [
    'long frames',
    (n) => `[2,"${n}","DataTransfer",{"vendorId":"v","data":"${'x'.repeat(50_000)}"}]`,
  ],
]

for (const [what, speaks] of FLOODS) {
  test(`while one charge point floods with ${what}, the others follow the limit`, async (t) => {
    const site = await aStory({
      count: 5,
      maxA: 200,
      limitA: 160,
      chargers: ['CP001', 'CP002', 'CP003', 'CP004'].map((identity) => ({ identity })),
      settings: gridSection(40, 60),
    })
    await site.everybodyCharges()
    const before = site.permittedA()
    t.ok(before > 90, `${before} A`)
    const peer = flooder()
    site.world.network.connect('CP005', peer)
    await site.seconds(1)
    t.ok(peer.link)
    await flooded(site, peer, 3, speaks)
    const transactions = site.identities.map((id) => site.world.chargePoint(id).transactionId(1))
    site.world.limitSource.setLimit({ limitA: LOW_A })
    await flooded(site, peer, 2.2, speaks)
    t.ok(site.permittedA() <= LOW_A, `${site.permittedA()} A`)
    t.same(
      site.identities.map((id) => site.world.chargePoint(id).transactionId(1)),
      transactions,
    )
    for (const identity of site.identities) {
      t.equal(site.world.network.connections(identity), 1, `${identity} is connected`)
    }
    t.equal(peer.ended, undefined, 'and who floods is served in his turn')
    if (what !== 'answers that nobody asked for')
      t.ok(peer.answers > 100, `${peer.answers} answers`)
    t.same(site.wire.broken(), [])
    await site.stop()
  })
}

test('of a flood of commands each is answered, and those beyond 20 a second are not carried out', async (t) => {
  const site = await aStory({ count: 2, maxA: 200, limitA: 160, settings: gridSection(40, 60) })
  await site.everybodyCharges()
  for (let n = 0; n < 1_000; n++)
    site.command(`c${n}`, { limitA: n === 999 ? 10 : 100, validForS: 600 })
  await site.seconds(2)
  const answers = site.acknowledged()
  t.equal(answers.filter((answer) => answer.endsWith(' done')).length, 200)
  t.ok(answers.every((answer) => / (done|rejected)$/.test(answer)))
  t.ok(site.permittedA() > 40, 'the last one was refused')
  t.equal(site.world.log.count('tooManyCommands'), 1)
  site.command('again', { limitA: 10, validForS: 600 })
  await site.seconds(3)
  t.ok(site.acknowledged().includes('again done'))
  t.ok(site.permittedA() <= 21, `${site.permittedA()} A`)
  await site.stop()
})
