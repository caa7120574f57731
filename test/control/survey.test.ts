import { test } from 'tap'
import { survey } from '../../src/control/survey.js'
import type { Found, SurveyWish } from '../../src/control/survey.js'
import type { CallEnd } from '../../src/ocpp/call-end.js'

const WISH: SurveyWish = {
  intervalS: 10,
  measurands: ['Energy.Active.Import.Register', 'Current.Import', 'SoC'],
  oneByOne: false,
  known: undefined,
}

interface Charger {
  readonly settings: Record<string, string>
  readonly tellsAll?: boolean
  readonly takes?: (key: string, value: string) => string
  /** To questions for settings. */
  readonly silent?: boolean
}

/** Asks until all is asked; what it was asked, in short. */
function run(
  wish: SurveyWish,
  charger: Charger,
): { readonly asked: string[]; readonly found: Found } {
  const asked: string[] = []
  const asking = survey(wish)
  for (let count = 0; count < 100; count += 1) {
    const call = asking.question()
    if (!call) return { asked, found: asking.found() }
    const { key, value } = call.payload
    const what = call.action === 'GetConfiguration' ? 'get' : 'set'
    asked.push([what, ...textsOf(key), ...textsOf(value)].join(' '))
    asking.answered(answer(charger, call.action, key, value))
  }
  throw new Error('it never ends')
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : []
}

function answer(
  { settings, tellsAll = true, takes = () => 'Accepted', silent = false }: Charger,
  action: string,
  key: unknown,
  value: unknown,
): CallEnd {
  if (action === 'ChangeConfiguration') {
    const status = takes(String(key), String(value))
    if (status === 'Accepted') settings[String(key)] = String(value)
    return { type: 'answered', payload: { status }, late: false }
  }
  if (silent) return { type: 'timedOut' }
  const names = Array.isArray(key) ? key.map(String) : Object.keys(settings)
  if (key === undefined && !tellsAll) {
    return { type: 'refused', code: 'InternalError', description: '', late: false }
  }
  const configurationKey = names
    .filter((name) => name in settings)
    .map((name) => ({ key: name, readonly: false, value: settings[name] }))
  return { type: 'answered', payload: { configurationKey }, late: false }
}

const ABLE = {
  SupportedFeatureProfiles: 'Core, SmartCharging ,RemoteTrigger',
  ChargingScheduleAllowedChargingRateUnit: 'Current, Power',
  ChargeProfileMaxStackLevel: '8',
  ChargingScheduleMaxPeriods: '24',
  MaxChargingProfilesInstalled: '10',
  NumberOfConnectors: '2',
  GetConfigurationMaxKeys: 'none',
  MeterValueSampleInterval: '60',
  MeterValuesSampledData: 'Energy.Active.Import.Register',
}

test('a charger that tells all its settings is asked once for them', async (t) => {
  const { asked, found } = run(WISH, { settings: { ...ABLE } })
  t.same(asked, [
    'get',
    'set MeterValueSampleInterval 10',
    'set MeterValuesSampledData Energy.Active.Import.Register,Current.Import,SoC',
  ])
  t.match(found, {
    configuration: 'all',
    featureProfiles: ['Core', 'SmartCharging', 'RemoteTrigger'],
    units: ['A', 'W'],
    maxStackLevel: 8,
    maxPeriods: 24,
    maxProfiles: 10,
    connectors: 2,
    maxKeys: undefined,
    meterIntervalS: 10,
    measurands: WISH.measurands,
  })
})

test('one that refuses to tell all is asked by name, and one that is known for it from the start', async (t) => {
  const refused = run(WISH, { settings: { ...ABLE }, tellsAll: false })
  t.equal(refused.asked[0], 'get')
  t.match(refused.found, { configuration: 'single', maxStackLevel: 8 })
  const known = run({ ...WISH, oneByOne: true }, { settings: { ...ABLE }, tellsAll: false })
  t.notOk(known.asked.includes('get'))
  t.match(known.found, { configuration: 'single', units: ['A', 'W'] })
})

test('units are read however they are written', async (t) => {
  for (const [text, units] of [
    ['Current', ['A']],
    ['Power', ['W']],
    ['A', ['A']],
    ['W', ['W']],
    ['Current,Power', ['A', 'W']],
    [' power ; current ', ['W', 'A']],
    ['Current,A', ['A']],
    ['', undefined],
    ['kVA', undefined],
  ] as const) {
    const settings = { ...ABLE, ChargingScheduleAllowedChargingRateUnit: text }
    t.same(run(WISH, { settings }).found.units, units, JSON.stringify(text))
  }
})

test('of the measurands the most is set that it takes, and what it has already is not set again', async (t) => {
  const takes = (key: string, value: string): string =>
    key === 'MeterValuesSampledData' && value.includes('SoC') ? 'Rejected' : 'Accepted'
  const settings = { ...ABLE }
  const first = run(WISH, { settings, takes })
  t.same(first.found.measurands, ['Energy.Active.Import.Register', 'Current.Import'])
  t.equal(settings.MeterValuesSampledData, 'Energy.Active.Import.Register,Current.Import')
  const again = run({ ...WISH, known: first.found }, { settings, takes })
  t.same(again.asked, ['get MeterValueSampleInterval', 'get MeterValuesSampledData'])
  t.same(again.found, first.found)
})

test('an interval that is too short for it is made longer until it takes one', async (t) => {
  const takes = (key: string, value: string): string =>
    key === 'MeterValueSampleInterval' && Number(value) < 30 ? 'Rejected' : 'Accepted'
  const { asked, found } = run(WISH, { settings: { ...ABLE }, takes })
  t.equal(found.meterIntervalS, 30)
  t.same(
    asked.filter((one) => one.startsWith('set MeterValueSample')).map((one) => one.split(' ')[2]),
    ['10', '15', '20', '30'],
  )
})

test('one that knows no such setting, or takes nothing, is left alone', async (t) => {
  const unsupported = run(WISH, { settings: {}, takes: () => 'NotSupported' })
  t.match(unsupported.found, {
    configuration: 'none',
    measurands: undefined,
    meterIntervalS: undefined,
  })
  const stubborn = run(WISH, { settings: { ...ABLE }, takes: () => 'Rejected' })
  t.match(stubborn.found, { measurands: undefined, meterIntervalS: undefined })
  t.ok(stubborn.asked.length < 20)
})

test('one that does not answer is not asked for ever', async (t) => {
  const { asked, found } = run(WISH, { settings: {}, silent: true })
  t.ok(asked.length <= 3)
  t.match(found, { configuration: 'none' })
})
