/** What chargers say they can do: asked once, kept, gone by, and never in the way of a limit. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aSite, depotYaml, settingsFrom } from './a-site.js'
import type { TestSite } from './a-site.js'
import { fields } from './wire-log.js'

type Fields = Readonly<Record<string, unknown>>

interface Asked extends TestSite {
  /** `GetConfiguration`, ... as they reached the charger, with their payload. */
  readonly calls: { readonly action: string; readonly atMs: number; readonly payload: Fields }[]
  charger(): Promise<Fields>
  rest(method: string, path: string, body?: Fields): Promise<number>
}

async function aCharger(
  behaviour: Partial<Behaviour>,
  more: Parameters<typeof depotYaml>[1] = {},
): Promise<Asked> {
  const calls: Asked['calls'] = []
  const site = await aSite(settingsFrom(depotYaml(2, more)), {
    seed: 'capabilities',
    withoutBroker: true,
    chargers: [{ identity: 'CP001', behaviour }, { identity: 'CP002' }],
    observe({ atMs, identity, to, text }) {
      const frame: unknown = JSON.parse(text)
      if (identity !== 'CP001' || to === 'server' || !Array.isArray(frame) || frame[0] !== 2) return
      calls.push({ action: String(frame[2]), atMs, payload: fields(frame[3]) })
    },
  })
  const ask = (method: string, path: string, body?: Fields): Promise<Response> =>
    site.controller().handle(
      new Request(`http://localhost/api/v1${path}`, {
        method,
        headers: { host: 'localhost', 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      }),
      { remoteAddress: '127.0.0.1' },
    )
  return {
    ...site,
    calls,
    charger: async () => fields(await (await ask('GET', '/chargers/cp001')).json()),
    rest: async (method, path, body) => (await ask(method, path, body)).status,
  }
}

const askedFor = ({ calls }: Asked): number =>
  calls.filter(({ action, payload }) => action === 'GetConfiguration' && !payload['key']).length

test('a charger is asked once what it can do, and again when it has another firmware', async (t) => {
  const site = await aCharger({ maxStackLevel: 4, maxPeriods: 6, refusesUnits: ['W'] })
  await site.seconds(20)
  t.equal(askedFor(site), 1)
  t.match((await site.charger())['capabilities'], {
    configuration: 'all',
    units: ['A'],
    max_stack_level: 4,
    max_periods: 6,
    connectors: 1,
    meter_interval_s: 10,
  })

  site.world.chargePoint('CP001').reboot()
  await site.seconds(30)
  t.equal(askedFor(site), 1, 'a boot is no reason')
  await site.restart()
  site.world.chargePoint('CP001').reboot()
  await site.seconds(30)
  t.match((await site.charger())['capabilities'], { max_stack_level: 4 }, 'kept over a restart')
  t.equal(askedFor(site), 1)
  await site.stop()
})

test('what it can do is kept in the folded history too', async (t) => {
  const site = await aCharger({ maxPeriods: 6 })
  await site.seconds(20)
  await site.controller().housekeep()
  await site.restart()
  t.match((await site.charger())['capabilities'], { max_periods: 6 })
  await site.stop()
})

test('a fallback over time has no more periods than the charger takes', async (t) => {
  const schedule = [0, 3, 6, 9, 12, 15, 18, 21]
    .map((hour) => {
      const two = (value: number): string => String(value).padStart(2, '0')
      return `{ from: "${two(hour)}:30", to: "${two(hour + 1)}:30", max_current_a: 5 }`
    })
    .join(', ')
  const most = async (maxPeriods: number): Promise<number> => {
    const site = await aCharger({ maxPeriods }, { maxA: 30, schedule })
    await site.seconds(20)
    // At first nobody knows.
    const before = site.calls.length
    await site.seconds(60)
    const told = site.calls
      .slice(before)
      .filter(({ action }) => action === 'SetChargingProfile')
      .map(({ payload }) => {
        const of = fields(fields(payload['csChargingProfiles'])['chargingSchedule'])
        const { chargingSchedulePeriod: periods } = of
        return Array.isArray(periods) ? periods.length : 0
      })
    t.ok(told.every((count) => count <= maxPeriods))
    const kept = site.world.chargePoint('CP001').profiles()
    await site.stop()
    return Math.max(...kept.map(({ profile }) => profile.periods.length))
  }
  t.ok((await most(24)) > 4)
  t.equal(await most(4), 3, 'an odd number, from the lowest to the lowest')
  t.equal(await most(2), 1)
})

test('a charger that may have to be lowered is not asked meanwhile', async (t) => {
  const site = await aCharger({ neverAnswers: ['GetConfiguration'] }, { maxA: 24 })
  await site.seconds(5)
  site.plugIn('CP001')
  site.plugIn('CP002')
  await site.seconds(200)
  const before = site.calls.length
  // The chargers take all there is: the next question would cost 30 s if it were not answered.
  site.world.chargePoint('CP001').reboot({ keepProfiles: true })
  await site.seconds(60)
  await site.rest('PUT', '/constraints/yard', { max_current_a: 13 })
  await site.seconds(20)
  t.ok(site.permittedA() <= 13, `${site.permittedA()} A`)
  t.ok(site.calls.length > before)
  await site.stop()
})

test('who never answers questions charges all the same', async (t) => {
  const site = await aCharger({ neverAnswers: ['GetConfiguration', 'ChangeConfiguration'] })
  await site.seconds(5)
  site.plugIn('CP001')
  await site.seconds(150)
  t.ok(site.world.chargePoint('CP001').limitA(1) >= 30)
  t.ok(site.calls.filter(({ action }) => action === 'GetConfiguration').length <= 6)
  await site.stop()
})
