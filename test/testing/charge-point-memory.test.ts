import { test } from 'tap'
import { savedChargePointSchema } from '../../src/testing/charge-point-memory.js'
import type { SavedChargePoint } from '../../src/testing/charge-point-memory.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'
import { memoryNetwork } from '../../src/testing/memory-network.js'
import { plugChargePoint } from '../../src/testing/plug-charge-point.js'
import { seededRandom } from '../../src/testing/random.js'
import { simulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import type { SimulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import { hungryEv, txDefault } from './a-charge-point.js'
import { fakeController } from './fake-controller.js'
import type { FakeController } from './fake-controller.js'

interface Lives {
  readonly clock: ManualClock
  readonly controller: FakeController
  /** Power on, with what was saved last. */
  readonly live: () => Promise<SimulatedChargePoint>
  /** Power off at this instant. */
  readonly die: () => void
  readonly cut: () => void
  readonly heal: () => void
  readonly saved: () => SavedChargePoint | undefined
  readonly writes: () => number
}

async function lives(): Promise<Lives> {
  const clock = manualClock()
  const random = seededRandom('memory')
  const network = memoryNetwork({ clock, random, latencyMs: [10, 20] })
  const controller = await fakeController(network.chargePoints, clock)
  let onDisk: string | undefined
  let writes = 0
  let end = (): void => {}
  const saved = (): SavedChargePoint | undefined =>
    onDisk === undefined ? undefined : savedChargePointSchema.parse(JSON.parse(onDisk))
  return {
    clock,
    controller,
    saved,
    writes: () => writes,
    async live() {
      let isDead = false
      const chargePoint = simulatedChargePoint({
        identity: 'CP1',
        connectors: [{ maxCurrentA: 32, phases: 3 }],
        clock,
        random,
        memory: {
          saved: saved(),
          save(state) {
            if (isDead) return
            writes += 1
            onDisk = JSON.stringify(state)
          },
        },
      })
      chargePoint.start()
      const plug = plugChargePoint(network, chargePoint, { clock, random, backOffMs: [500, 1000] })
      end = () => {
        isDead = true
        chargePoint.stop()
        plug.pull()
      }
      await clock.advance(3000)
      return chargePoint
    },
    die: () => end(),
    cut: () => network.cut('CP1'),
    heal: () => network.heal('CP1'),
  }
}

test('profiles, settings and the local list are there after a restart', async (t) => {
  const { live, die, controller, clock } = await lives()
  await live()
  for (const [action, payload] of [
    ['SetChargingProfile', txDefault(9)],
    ['ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '17' }],
    [
      'SendLocalList',
      {
        listVersion: 4,
        updateType: 'Full',
        localAuthorizationList: [{ idTag: 'A', idTagInfo: { status: 'Accepted' } }],
      },
    ],
  ] as const) {
    const answered = controller.call('CP1', action, payload)
    await clock.advance(100)
    t.match(await answered, { status: 'Accepted' })
  }
  die()
  const again = await live()
  t.match(again.profiles(), [{ connectorId: 1, profile: { id: 2, periods: [{ limit: 9 }] } }])
  t.equal(again.configuration('MeterValueSampleInterval'), '17')
  const version = controller.call('CP1', 'GetLocalListVersion', {})
  await clock.advance(100)
  t.same(await version, { listVersion: 4 })
})

test('what was accepted is kept although the power fails with the answer', async (t) => {
  const { live, die, controller, clock, saved } = await lives()
  await live()
  let isAnswered = false
  controller
    .call('CP1', 'SetChargingProfile', txDefault(9))
    .then(() => (isAnswered = true))
    .catch(() => {})
  await clock.advanceUntil(() => isAnswered, 1000)
  die()
  t.match(saved()?.profiles, [{ profile: { id: 2 } }])
})

test('a transaction that ran ends with PowerLoss, and what was not told is told in order', async (t) => {
  const { live, die, controller, clock, cut, heal } = await lives()
  const chargePoint = await live()
  chargePoint.plugIn(1, hungryEv(), { idTag: 'A' })
  await clock.advance(5000)
  const { transactionId } = { transactionId: chargePoint.transactionId(1) }
  t.type(transactionId, 'number')
  cut()
  await clock.advance(130_000)
  t.ok(chargePoint.keptMessages() > 0)
  die()
  heal()
  const told = controller.calls.length
  await live()
  await clock.advance(20_000)
  const calls = controller.calls
    .slice(told)
    .filter(({ action }) => /Transaction|Meter/.test(action))
  t.match(calls[0], { action: 'MeterValues', payload: { transactionId } })
  t.match(calls.at(-1), {
    action: 'StopTransaction',
    payload: { transactionId, reason: 'PowerLoss' },
  })
  t.ok((calls.at(-1)?.payload.meterStop ?? 0) > 100)
})

test('a transaction that began and ended offline has its number in the end', async (t) => {
  const { live, die, controller, clock, cut, heal } = await lives()
  const chargePoint = await live()
  cut()
  await clock.advance(20_000)
  chargePoint.plugIn(1, hungryEv(), { idTag: 'A' })
  await clock.advance(70_000)
  chargePoint.unplug(1)
  await clock.advance(2000)
  die()
  heal()
  const again = await live()
  await clock.advance(20_000)
  const start = controller.calls.find(({ action }) => action === 'StartTransaction')
  t.match(start?.payload, { idTag: 'A' })
  const stop = controller.calls.find(({ action }) => action === 'StopTransaction')
  t.match(stop?.payload, { transactionId: 101, reason: 'EVDisconnected' })
  t.equal(again.keptMessages(), 0)
})

test('without a change only the register is written, once a minute', async (t) => {
  const { live, clock, writes } = await lives()
  await live()
  const before = writes()
  await clock.advance(300_000)
  t.ok(writes() - before >= 4 && writes() - before <= 6, `${writes() - before} in five minutes`)
})
