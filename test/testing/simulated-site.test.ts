import { createHash } from 'node:crypto'
import { test } from 'tap'
import type { FieldEvent } from '../../src/ports.js'
import { fakeController } from './fake-controller.js'
import {
  manualClock,
  movingBaseLoad,
  seededRandom,
  simulatedDepot,
  simulatedSite,
} from '../../src/testing/index.js'
import type { SimulatedSite, SimulatedSiteOptions } from '../../src/testing/index.js'

const HOUR = 3_600_000

function aSite(options: Partial<SimulatedSiteOptions> = {}) {
  const clock = manualClock()
  const site = simulatedSite({ seed: 1, clock, chargers: 3, ...options })
  const events: FieldEvent[] = []
  site.ports.fieldDevices.start((event) => events.push(event))
  return { clock, site, events }
}

/** Runs a busy site for some hours and hashes every frame and every reading. */
async function traceOf(seed: number): Promise<string> {
  const hash = createHash('sha256')
  const baseLoad = movingBaseLoad({ random: seededRandom(seed), lowA: 5, highA: 40 })
  const { clock, site, events } = aSite({
    seed,
    chargers: 8,
    baseLoad,
    limitA: (elapsedMs) => (elapsedMs > HOUR ? 40 : 100),
    traffic: { gapMs: [10_000, 600_000], stayMs: [60_000, HOUR] },
    observe: (frame) => hash.update(JSON.stringify(frame)),
  })
  await fakeController(site.ports.chargePoints, clock)
  site.start()
  for (let hour = 0; hour < 3; hour += 1) {
    site.network.cut('CP002', { halfOpen: hour === 1 })
    await clock.advance(HOUR / 2)
    site.network.heal('CP002')
    site.chargePoint('CP003').reboot()
    await clock.advance(HOUR / 2)
  }
  hash.update(JSON.stringify([events, site.permittedA(), site.drawA()]))
  return hash.digest('hex')
}

test('the same seed gives the same trace to the last byte, another seed another', async (t) => {
  const first = await traceOf(7)
  t.equal(await traceOf(7), first)
  t.not(await traceOf(8), first)
})

test('cars come, charge and leave; permission, draw and meter tell one story', async (t) => {
  const { clock, site } = aSite({
    chargers: 10,
    baseLoad: () => [1, 2, 3],
    traffic: { gapMs: [10_000, 300_000], stayMs: [600_000, HOUR], energyNeedWh: [5000, 20_000] },
  })
  const controller = await fakeController(site.ports.chargePoints, clock)
  site.start()
  let mostA = 0
  for (let minute = 0; minute < 240; minute += 1) {
    await clock.advance(60_000)
    const [permitted, usable, draw, meter] = [
      site.permittedA(),
      site.usableA(),
      site.drawA(),
      site.meterA(),
    ]
    for (const phase of [0, 1, 2] as const) {
      const isOneStory =
        draw[phase] <= usable[phase] &&
        usable[phase] <= permitted[phase] &&
        Math.abs(meter[phase] - draw[phase] - (phase + 1)) < 1e-9
      if (!isOneStory)
        t.fail(`minute ${minute}, phase ${phase}: ${JSON.stringify([permitted, usable, draw])}`)
      mostA = Math.max(mostA, draw[phase])
    }
  }
  t.ok(mostA > 50, `${mostA} A at most`)
  const actions = controller.calls.map(({ action }) => action)
  const starts = actions.filter((action) => action === 'StartTransaction').length
  const stops = actions.filter((action) => action === 'StopTransaction').length
  t.ok(starts > 20 && stops > 10, `${starts} starts, ${stops} stops`)
  for (const chargePoint of site.chargePoints) t.same(chargePoint.complaints(), [])
  site.stop()
  const framesBefore = controller.calls.length
  await clock.advance(HOUR)
  t.equal(controller.calls.length, framesBefore, 'a stopped site is silent')
})

test('the meter gives what flows, or what its fault leaves of it', async (t) => {
  let loadA = 10
  const { clock, site, events } = aSite({ baseLoad: () => [loadA, 0, 0] })
  const readingsOf = async (ms: number): Promise<readonly FieldEvent[]> => {
    events.length = 0
    await clock.advance(ms)
    return [...events]
  }
  const [live] = await readingsOf(1500)
  t.match(live, { type: 'meterRead', reading: { meterId: 'meter', currentA: [10, 0, 0] } })
  t.match(live, { reading: { powerW: 2300, atMs: 11_000 } }, 'the time is that of the request')
  site.meter.setMode('frozen')
  loadA = 50
  t.match(await readingsOf(1000), [{ reading: { currentA: [10, 0, 0], atMs: 12_000 } }])
  t.same(site.meterA(), [50, 0, 0], 'the truth does not freeze')
  site.meter.setMode('silent')
  t.same(await readingsOf(5000), [])
  site.meter.setMode('failing')
  t.match(await readingsOf(1000), [{ type: 'meterFailed', meterId: 'meter' }])
  site.meter.setMode('live')
  t.match(await readingsOf(1000), [{ reading: { currentA: [50, 0, 0] } }])
  await site.ports.fieldDevices.stop()
  t.same(await readingsOf(5000), [])
})

test('the grid limit follows its plan, or what it is set to', async (t) => {
  const limits = (events: readonly FieldEvent[]): readonly unknown[] =>
    events.flatMap((event) => (event.type === 'limitRead' ? [event.reading.limitA] : []))
  const planned = aSite({ limitA: (elapsedMs) => (elapsedMs >= 3000 ? 20 : 60) })
  planned.site.start()
  await planned.clock.advance(5500)
  t.same(limits(planned.events), [60, 60, 20, 20, 20])
  const fixed = aSite({ limitA: 60 })
  fixed.site.start()
  await fixed.clock.advance(1500)
  fixed.site.limitSource.setLimit({ limitW: 5000 })
  await fixed.clock.advance(1000)
  const last = fixed.events.findLast(({ type }) => type === 'limitRead')
  t.match(last, { reading: { sourceId: 'grid', limitW: 5000, limitA: undefined } })
  fixed.site.limitSource.setMode('silent')
  fixed.events.length = 0
  await fixed.clock.advance(2000)
  t.notOk(fixed.events.some(({ type }) => type === 'limitRead'))
  fixed.site.limitSource.setMode('failing')
  await fixed.clock.advance(1000)
  t.match(fixed.events.at(-1), { type: 'limitFailed', sourceId: 'grid' })
})

test('the base load moves within its bounds and is a function of the time alone', async (t) => {
  const make = () => movingBaseLoad({ random: seededRandom('b'), lowA: 10, highA: 50 })
  const [often, rarely] = [make(), make()]
  let low = Infinity
  let high = 0
  for (let minute = 0; minute < 1440; minute += 1) {
    const load = often(minute * 60_000)
    low = Math.min(low, ...load)
    high = Math.max(high, ...load)
  }
  t.ok(low >= 10 && low < 20, `lowest ${low}`)
  t.ok(high <= 50 && high > 40, `highest ${high}`)
  t.same(rarely(777 * 60_000), often(777 * 60_000))
})

test('the depot that fits the chargers says the same of them', async (t) => {
  const { site } = aSite()
  const depot = simulatedDepot(site.chargePoints, { charger: { expiryVerified: false } })
  t.match(depot.constraints.get('yard'), { type: 'charge_group', maxPowerKw: 3 * 22.08 })
  t.match(depot.chargers.get('cp002'), {
    ocppChargePointId: 'CP002',
    parentChargeGroup: 'yard',
    expiryVerified: false,
    evses: [{ id: 1, maxCurrentA: 32, phases: 3, phaseRotation: 'STR' }],
  })
})

test('chargers are found by identity; their phases rotate over the site', async (t) => {
  const { site } = aSite()
  const rotations = site.chargePoints.map(({ connectors }) => connectors[0]?.phaseRotation)
  t.same(rotations, ['RST', 'STR', 'TRS'])
  t.equal(site.chargePoint('CP003'), site.chargePoints[2])
  t.throws(() => site.chargePoint('CP004'), /no charge point CP004/)
  const named: SimulatedSite = aSite({ chargers: [{ identity: 'GARAGE' }] }).site
  t.equal(named.chargePoint('GARAGE').connectors.length, 1)
})

test('the plug of a charge point is at hand while the site runs', async (t) => {
  const { clock, site } = aSite()
  await fakeController(site.ports.chargePoints, clock)
  t.throws(() => site.plug('CP001'), /not plugged into the network/)
  site.start()
  await clock.advance(1000)
  site.plug('CP001').dialAgain()
  await clock.advance(1000)
  t.equal(site.network.connections('CP001'), 2)
  t.equal(site.network.connections('CP002'), 1)
})
