/** Chargers with ways of their own: what becomes of them unknown, and what once they are known. */
import { test } from 'tap'
import { QUIRK_RECORDS } from '../../src/ocpp/quirks/records.js'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aSite, settingsFrom } from './a-site.js'
import type { TestSite } from './a-site.js'
import { fields } from './wire-log.js'

type Fields = Readonly<Record<string, unknown>>

interface Quirky extends TestSite {
  /** Payloads of the calls of this action that reached CP001. */
  calls(action: string): readonly Fields[]
  /** What CP001 said by this action. */
  said(action: string): number
  limitA(identity?: string): number
  charges(identity?: string): boolean
  put(path: string, body: Fields): Promise<number>
  get(path: string): Promise<Fields>
}

interface Kind {
  readonly vendor: string
  readonly model?: string
  readonly firmwareVersion?: string
  readonly behaviour: Partial<Behaviour>
  /** Of the yard, A per phase. */
  readonly maxA: number
  readonly count?: number
  /** Of each charger, and of each EVSE, as in the file. */
  readonly charger?: string
  readonly evse?: string
}

async function aQuirkyDepot(kind: Kind): Promise<Quirky> {
  const { behaviour, maxA, count = 2, charger = '', evse = '', ...identity } = kind
  const ids = Array.from({ length: count }, (_, index) => `CP00${index + 1}`)
  const calls: { readonly action: string; readonly payload: Fields }[] = []
  const said = new Map<string, number>()
  const chargers = ids.map(
    (id) =>
      `    - { id: ${id.toLowerCase()}, name: ${id}, parent_charge_group: vans, max_power_kw: 22.08, ` +
      `ocpp_charge_point_id: ${id}, ${charger} ` +
      `evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32, ${evse} }] }`,
  )
  const site = await aSite(
    settingsFrom(`
depot:
  constraints:
    - { id: vans, name: Vans, type: charge_group, max_power_kw: 500, max_current_a: ${maxA} }
  chargers:
${chargers.join('\n')}
`),
    {
      seed: 'quirks',
      withoutBroker: true,
      chargers: ids.map((id, index) =>
        index === 0 ? Object.assign({ identity: id, behaviour }, identity) : { identity: id },
      ),
      observe({ identity: who, to, text }) {
        const frame: unknown = JSON.parse(text)
        if (who !== 'CP001' || !Array.isArray(frame) || frame[0] !== 2) return
        const action = String(frame[2])
        if (to === 'server') said.set(action, (said.get(action) ?? 0) + 1)
        else calls.push({ action, payload: fields(frame[3]) })
      },
    },
  )
  const rest = async (method: string, path: string, body?: Fields): Promise<Response> => {
    const headers = { host: 'localhost', 'content-type': 'application/json' }
    const request = new Request(`http://localhost/api/v1${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    return site.controller().handle(request, { remoteAddress: '127.0.0.1' })
  }
  return {
    ...site,
    calls: (action) => calls.filter((call) => call.action === action).map((call) => call.payload),
    said: (action) => said.get(action) ?? 0,
    limitA: (id = 'CP001') => site.world.chargePoint(id).limitA(1),
    charges: (id = 'CP001') => site.world.chargePoint(id).hasTransaction(1),
    put: async (path, body) => (await rest('PUT', path, body)).status,
    get: async (path) => fields(await (await rest('GET', path)).json()),
  }
}

async function bothCharge(site: Quirky): Promise<void> {
  await site.seconds(20)
  site.plugIn('CP001')
  site.plugIn('CP002')
  await site.seconds(90)
}

interface Case {
  readonly record: string
  readonly kind: Omit<Kind, 'vendor'> & { readonly vendor: string }
  readonly promise: string
  /** True: the charger is as it should be. */
  readonly holds: (site: Quirky) => Promise<boolean>
}

const CASES: readonly Case[] = [
  {
    record: 'wallbox',
    promise: 'follows its share, because it is told in relative profiles',
    kind: { vendor: 'Wall Box Chargers', behaviour: { ignoresKinds: ['Absolute'] }, maxA: 32 },
    async holds(site) {
      await bothCharge(site)
      return site.limitA() <= 20 && site.limitA() >= 6
    },
  },
  {
    record: 'wallbox',
    promise: 'tells what it takes, because it is asked',
    kind: { vendor: 'Wall Box Chargers', behaviour: { samplesOnTriggerOnly: true }, maxA: 64 },
    async holds(site) {
      await bothCharge(site)
      return site.said('MeterValues') >= 5
    },
  },
  {
    record: 'wallbox',
    promise: 'is rid of a limit that another back end left',
    kind: { vendor: 'Wall Box Chargers', behaviour: { leftoverLimitA: 9 }, maxA: 64 },
    async holds(site) {
      await bothCharge(site)
      return site.limitA() > 20
    },
  },
  {
    record: 'wallbox-5',
    promise: 'starts when a car comes',
    kind: {
      vendor: 'Wall Box Chargers',
      firmwareVersion: '5.17.67',
      behaviour: { startsRemotelyOnly: true, maxStackLevel: 0 },
      maxA: 64,
    },
    async holds(site) {
      await bothCharge(site)
      const levels = site
        .calls('SetChargingProfile')
        .map((call) => fields(call['csChargingProfiles'])['stackLevel'])
      return site.charges() && site.limitA() > 20 && levels.every((level) => level === 0)
    },
  },
  {
    record: 'easee',
    promise: 'starts when a car comes, and is asked for no shorter interval than it takes',
    kind: {
      vendor: 'Easee',
      behaviour: { startsRemotelyOnly: true, leastSampleIntervalS: 30 },
      maxA: 64,
    },
    async holds(site) {
      await bothCharge(site)
      return site.charges() && valuesOf(site, 'MeterValueSampleInterval').join() === '30'
    },
  },
  {
    record: 'evbox',
    promise: 'is given a list of measurands that it takes',
    kind: {
      vendor: 'EVBox',
      behaviour: { refusesMeasurands: ['Current.Offered', 'Power.Offered', 'SoC'] },
      maxA: 64,
    },
    async holds(site) {
      await site.seconds(40)
      return valuesOf(site, 'MeterValuesSampledData').length === 1
    },
  },
  {
    record: 'abb-terra-ac-1.8.21',
    promise: 'boots once',
    kind: {
      vendor: 'ABB',
      model: 'Terra AC wallbox',
      firmwareVersion: '1.8.21',
      behaviour: { bootsAboveMeasurands: 3 },
      maxA: 64,
    },
    async holds(site) {
      await site.seconds(60)
      return site.said('BootNotification') === 1
    },
  },
  {
    record: 'abb-terra-ac',
    promise: 'leaves a limit that is too low for it, though it takes no 0 A',
    kind: {
      vendor: 'ABB',
      model: 'Terra AC wallbox',
      firmwareVersion: '1.9.0',
      behaviour: { refusesZeroLimit: true, maxStackLevel: 0 },
      maxA: 64,
      evse: 'fallback_current_a: 6',
    },
    async holds(site) {
      await bothCharge(site)
      await site.put('/constraints/vans', { max_current_a: 12 })
      await site.seconds(30)
      await site.put('/constraints/vans/override', {
        max_current_a: 4,
        reason: 'a test',
        for_s: 600,
      })
      await site.seconds(25)
      return site.permittedA() <= 4
    },
  },
  {
    record: 'huawei-scharger',
    promise: 'keeps its session while another has the room',
    kind: {
      vendor: 'Huawei',
      behaviour: { refusesUnits: ['A'], endsSessionAtZero: true },
      maxA: 20,
    },
    async holds(site) {
      await site.seconds(20)
      site.plugIn('CP002')
      await site.seconds(60)
      site.plugIn('CP001')
      await site.seconds(90)
      return site.charges() && site.limitA() >= 6
    },
  },
  {
    record: 'en-plus',
    promise: 'starts when a car comes',
    kind: { vendor: 'EN+', behaviour: { startsRemotelyOnly: true }, maxA: 64 },
    async holds(site) {
      await bothCharge(site)
      return site.charges()
    },
  },
  {
    record: 'en-plus',
    promise: 'is not ordered out of service, which it does not take',
    kind: {
      vendor: 'Sungrow',
      behaviour: { rejectsProfiles: true, refusesChangeAvailability: true },
      maxA: 20,
    },
    async holds(site) {
      await site.seconds(200)
      return site.calls('ChangeAvailability').length === 0
    },
  },
  {
    record: 'autel',
    promise: 'starts when a car comes',
    kind: { vendor: 'Autel', behaviour: { startsRemotelyOnly: true }, maxA: 64 },
    async holds(site) {
      await bothCharge(site)
      return site.charges()
    },
  },
  {
    record: 'mennekes',
    promise: 'is asked for no shorter interval than it takes, and gets limits that last',
    kind: { vendor: 'MENNEKES', behaviour: { leastSampleIntervalS: 60 }, maxA: 32 },
    async holds(site) {
      await bothCharge(site)
      const durations = site.calls('SetChargingProfile').flatMap((call) => {
        const { duration } = fields(fields(call['csChargingProfiles'])['chargingSchedule'])
        return typeof duration === 'number' ? [duration] : []
      })
      const isLong = durations.length > 0 && durations.every((each) => each >= 600)
      return isLong && valuesOf(site, 'MeterValueSampleInterval').every((value) => value === '60')
    },
  },
  {
    record: 'alpitronic',
    promise: 'is offered no less than it can give',
    kind: {
      vendor: 'alpitronic GmbH',
      behaviour: { minCurrentA: 5.2, endsSessionAtZero: true },
      maxA: 6,
      evse: 'current_type: DC, min_current_a: 1',
    },
    async holds(site) {
      await bothCharge(site)
      return site.limitA() >= 5.2
    },
  },
]

function valuesOf(site: Quirky, key: string): readonly string[] {
  return site
    .calls('ChangeConfiguration')
    .filter((call) => call['key'] === key)
    .map((call) => String(call['value']))
}

test('every record is tried by a charger that has its ways', async (t) => {
  t.same(
    [...new Set(CASES.map(({ record }) => record))].toSorted(),
    QUIRK_RECORDS.map(({ id }) => id).toSorted(),
  )
})

for (const { record, kind, promise, holds } of CASES) {
  test(`${record}: a charger that is known ${promise}`, async (t) => {
    const known = await aQuirkyDepot(kind)
    t.ok(await holds(known), 'known by its record')
    const { effective_quirks: quirks } = await known.get('/chargers/cp001')
    t.match(JSON.stringify(quirks), `"from":"${record}"`)
    await known.stop()
    const unknown = await aQuirkyDepot({ ...kind, vendor: 'Nobody' })
    t.notOk(await holds(unknown), 'not without it')
    await unknown.stop()
  })
}
