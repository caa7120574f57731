/** A simulated day: judged by what the simulated chargers would really permit, never by the ledger. */
import { test } from 'tap'
import { seededRandom } from '../../src/testing/random.js'
import { movingBaseLoad } from '../../src/testing/base-load.js'
import { aSite, BUS, depotYaml, highest, settingsFrom } from './a-site.js'

const HOUR_S = 3_600
const LIMIT_A = 110
const EVENING_A = 70

const SETTINGS = settingsFrom(
  depotYaml(20, {
    maxA: LIMIT_A,
    schedule: `{ from: '17:00', to: '20:00', max_current_a: ${EVENING_A} }`,
    head: `
site: { timezone: UTC, fuse_a: 125 }
meters:
  - id: meter
    constraint_id: yard
    modbus_tcp: ${BUS}
    registers:
      current_a: [{ address: 6, function_code: 4, type: float32 }, { address: 8, function_code: 4, type: float32 }, { address: 10, function_code: 4, type: float32 }]
    worst_base_load_a: 25
`,
  }),
)

test('a day of 20 chargers with faults and a restart stays under its limit at every second', async (t) => {
  const site = await aSite(SETTINGS, {
    seed: 'a day',
    withoutBroker: true,
    chargers: 20,
    baseLoad: movingBaseLoad({ random: seededRandom('base'), lowA: 5, highA: 20 }),
    traffic: { gapMs: [60_000, 2 * HOUR_S * 1000], stayMs: [HOUR_S * 1000, 8 * HOUR_S * 1000] },
  })
  const { world } = site
  const faults = new Map<number, () => void | Promise<void>>([
    [
      9 * HOUR_S,
      () => world.chargePoint('CP003').answerNext('SetChargingProfile', ['reject', 'reject']),
    ],
    [
      10 * HOUR_S,
      () => world.chargePoint('CP005').answerNext('SetChargingProfile', ['loseAnswer']),
    ],
    [11 * HOUR_S, () => world.chargePoint('CP007').reboot({ keepProfiles: false })],
    [12 * HOUR_S + 1_800, () => site.restart()],
    [14 * HOUR_S, () => world.network.cut('CP009')],
    [15 * HOUR_S, () => world.network.heal('CP009')],
    [16 * HOUR_S, () => world.network.cut('CP011', { halfOpen: true })],
    [16 * HOUR_S + 600, () => world.network.heal('CP011')],
    // The fall at 17:00 meets a charger that refuses.
    [
      17 * HOUR_S - 60,
      () => world.chargePoint('CP002').answerNext('SetChargingProfile', ['reject', 'silent']),
    ],
  ])
  let worstOverA = 0
  let worstTotalS = 0
  let totalOverS = 0
  let busiestA = 0
  for (let second = 1; second <= 24 * HOUR_S; second++) {
    await faults.get(second)?.()
    await site.clock.advance(1_000)
    const hour = second / HOUR_S
    const limitA = hour >= 17 && hour < 20 ? EVENING_A : LIMIT_A
    const permittedA = world.usableA()
    busiestA = Math.max(busiestA, highest(permittedA))
    worstOverA = Math.max(worstOverA, highest(permittedA) - limitA)
    // Base load steps come from outside: what counts is how soon both together fit again.
    const base = world.baseLoadA()
    const totalA = Math.max(...permittedA.map((a, phase) => a + (base[phase] ?? 0)))
    totalOverS = totalA > limitA + 0.01 ? totalOverS + 1 : 0
    worstTotalS = Math.max(worstTotalS, totalOverS)
  }
  t.ok(worstOverA <= 0.01, `never above the limit: ${worstOverA.toFixed(2)} A at worst`)
  t.ok(worstTotalS <= 16, `after a step of the base load back in ${worstTotalS} s at worst`)
  t.ok(busiestA > 0.8 * LIMIT_A, `the depot was busy: ${busiestA.toFixed(1)} A`)
  const sessions = await site.controller().handle(
    new Request('http://localhost/api/v1/sessions?limit=1000', {
      headers: { host: 'localhost' },
    }),
    { remoteAddress: '127.0.0.1' },
  )
  const ended: unknown = await sessions.json()
  t.ok(
    Array.isArray(ended) && ended.length > 40,
    `${Array.isArray(ended) ? ended.length : 0} sessions`,
  )
  await site.stop()
})
