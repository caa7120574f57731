import * as fc from 'fast-check'
import { test } from 'tap'
import { interpretMeterValues, type Sample } from '../../../src/ocpp/v16/meter-values.js'

const AT = '2026-03-01T12:00:00Z'
const AT_MS = Date.parse(AT)

const NOTHING: Sample = {
  atMs: AT_MS,
  currentA: undefined,
  currentTotalA: undefined,
  powerW: undefined,
  energyWh: undefined,
  voltageV: undefined,
  soc: undefined,
  offeredA: undefined,
  offeredW: undefined,
  refused: 0,
}

function at(timestamp: unknown, ...sampledValue: readonly unknown[]) {
  return { timestamp, sampledValue }
}

function current(value: unknown, phase?: string, more: object = {}) {
  return { value, measurand: 'Current.Import', unit: 'A', ...(phase ? { phase } : {}), ...more }
}

function power(value: unknown, phase?: string, unit = 'W') {
  return { value, measurand: 'Power.Active.Import', unit, ...(phase ? { phase } : {}) }
}

function voltage(value: unknown, phase?: string) {
  return { value, measurand: 'Voltage', unit: 'V', ...(phase ? { phase } : {}) }
}

const SAMPLED = [
  ['a bare value is the import register in Wh', [{ value: '1234' }], { energyWh: 1234 }],
  [
    'kWh',
    [{ value: '1.5', unit: 'kWh', measurand: 'Energy.Active.Import.Register' }],
    { energyWh: 1500 },
  ],
  ['kW', [power('7.4', undefined, 'kW')], { powerW: 7400 }],
  ['units in any case', [power('7.4', undefined, 'KW')], { powerW: 7400 }],
  ['no unit', [{ value: '16', measurand: 'Current.Import' }], { currentTotalA: 16 }],
  [
    'current per phase',
    [current('16', 'L1'), current('15.5', 'L2'), current('0.000', 'L3')],
    { currentA: { l1: 16, l2: 15.5, l3: 0 } },
  ],
  [
    'phases to neutral',
    [current('16', 'L1-N')],
    { currentA: { l1: 16, l2: undefined, l3: undefined } },
  ],
  [
    'a current without phase beside phases is dropped',
    [current('16'), current('15', 'L2')],
    { currentA: { l1: undefined, l2: 15, l3: undefined } },
  ],
  ['neutral is no phase', [current('9', 'N'), current('16')], { currentTotalA: 16 }],
  ['between phases is no phase', [voltage('400', 'L1-L2'), voltage('231')], { voltageV: 231 }],
  [
    'power of the phases adds up',
    [power('1000', 'L1'), power('2000', 'L2'), current('9')],
    { powerW: 3000, currentTotalA: 9 },
  ],
  [
    'total power wins over phases',
    [power('1000', 'L1'), power('2990'), current('9')],
    { powerW: 2990, currentTotalA: 9 },
  ],
  [
    'energy of the phases adds up',
    [
      { value: '1', unit: 'kWh', phase: 'L1' },
      { value: '500', phase: 'L2' },
    ],
    { energyWh: 1500 },
  ],
  ['voltage is the mean', [voltage('228', 'L1-N'), voltage('232', 'L2-N')], { voltageV: 230 }],
  [
    'state of charge of the vehicle',
    [{ value: '80', measurand: 'SoC', unit: 'Percent', location: 'EV' }],
    { soc: 80 },
  ],
  ['offered current', [{ value: '16', measurand: 'Current.Offered', unit: 'A' }], { offeredA: 16 }],
  [
    'offered current per phase: the highest',
    [
      { value: '16', measurand: 'Current.Offered', phase: 'L1' },
      { value: '10', measurand: 'Current.Offered', phase: 'L2' },
    ],
    { offeredA: 16 },
  ],
  [
    'current from power where none is reported',
    [power('3680', 'L1'), power('2300', 'L2'), voltage('200', 'L2')],
    {
      currentA: { l1: 16, l2: 11.5, l3: undefined },
      powerW: 5980,
      voltageV: 200,
    },
  ],
  [
    'a voltage of no mains phase gives no current',
    [power('2300', 'L1'), voltage('400')],
    { currentA: { l1: 10, l2: undefined, l3: undefined }, powerW: 2300, voltageV: 400 },
  ],
  ['no current from total power', [power('3680')], { powerW: 3680 }],
  [
    'no current from power beside a garbled current',
    [current(''), power('2300', 'L1')],
    { currentA: { l1: 10, l2: undefined, l3: undefined }, powerW: 2300, refused: 1 },
  ],
  [
    'the outlet outranks the inlet, wherever it stands',
    [
      current('20', undefined, { location: 'Inlet' }),
      current('16', undefined, { location: 'Outlet' }),
      current('21', undefined, { location: 'Inlet' }),
    ],
    { currentTotalA: 16 },
  ],
  [
    'the inlet counts alone',
    [current('20', undefined, { location: 'Inlet' })],
    { currentTotalA: 20 },
  ],
  ['the vehicle’s own current does not', [current('20', undefined, { location: 'EV' })], {}],
  ['unknown measurands are nothing to us', [{ value: 'x', measurand: 'Mine' }], {}],
  ['an unknown context is no harm', [{ value: '5', context: 'Mine' }], { energyWh: 5 }],
  ['signed data is no number', [{ value: 'OCMF|{}', format: 'SignedData' }], {}],
  ['a number for a text', [current(16.5)], { currentTotalA: 16.5 }],
  ['spaces and exponents', [current(' 1.6e1 ')], { currentTotalA: 16 }],
  ['export is negative import', [current('-3.5')], { currentTotalA: -3.5 }],
  ['a comma for the point', [current('16,5')], { currentTotalA: 16.5 }],
  ['a comma for the point below one', [current('0,125')], { currentTotalA: 0.125 }],
  [
    'words in any case',
    [{ value: '16', measurand: 'current.import', phase: 'l1-n', unit: 'Amp' }],
    { currentA: { l1: 16, l2: undefined, l3: undefined } },
  ],
  [
    'state of charge in a unit it is not in',
    [{ value: '54', measurand: 'SoC', unit: 'V' }],
    { soc: 54 },
  ],
  [
    'offered power',
    [{ value: '11', measurand: 'Power.Offered', unit: 'kW' }],
    { offeredW: 11_000 },
  ],
  [
    'power from current and voltage of three phases',
    [
      current('10', 'L1'),
      current('10', 'L2'),
      current('0', 'L3'),
      voltage('230', 'L1'),
      voltage('200', 'L2'),
      voltage('230', 'L3'),
    ],
    { currentA: { l1: 10, l2: 10, l3: 0 }, powerW: 4300, voltageV: 220 },
  ],
  [
    'power from current and voltage of a battery',
    [current('100'), voltage('400')],
    { currentTotalA: 100, powerW: 40_000, voltageV: 400 },
  ],
  [
    'no power from one current of perhaps three phases',
    [current('16'), voltage('230')],
    { currentTotalA: 16, voltageV: 230 },
  ],
  [
    'the power factor counts in a current from power',
    [power('2300', 'L1'), { value: '-0.8', measurand: 'Power.Factor' }],
    { currentA: { l1: 12.5, l2: undefined, l3: undefined }, powerW: 2300 },
  ],
  [
    'the end of a transaction counts, whatever the order',
    [
      { value: '900', context: 'Transaction.End' },
      { value: '100', context: 'Transaction.Begin' },
    ],
    { energyWh: 900 },
  ],
  [
    'what is not used is passed over',
    [
      { value: '7', measurand: 'Energy.Active.Import.Interval', unit: 'Wh' },
      { value: '3', measurand: 'Energy.Reactive.Import.Register', unit: 'kvarh' },
      { value: '2', measurand: 'Power.Reactive.Import', unit: 'var' },
      { value: '50', measurand: 'Frequency', unit: 'Hertz' },
      { value: '31', measurand: 'Temperature', unit: 'Celcius' },
      { value: '31', measurand: 'Temperature', unit: 'Celsius' },
      { value: '900', measurand: 'RPM' },
    ],
    {},
  ],
] as const

test('sampled values become one sample in base units', async (t) => {
  for (const [name, sampled, expected] of SAMPLED) {
    t.strictSame(interpretMeterValues([at(AT, ...sampled)]), { ...NOTHING, ...expected }, name)
  }
})

const GARBAGE = [
  '',
  ' ',
  'NaN',
  'Infinity',
  '1,500',
  '1,5,2',
  '1.5,2',
  ',',
  '1e309',
  '0x10',
  '1 2',
  '--1',
  '99999',
  'null',
  null,
  undefined,
  true,
  {},
  [],
  Number.NaN,
  Number.POSITIVE_INFINITY,
] as const

test('garbage is dropped and counted, is never 0, and does not stop the rest', async (t) => {
  for (const value of GARBAGE) {
    t.strictSame(
      interpretMeterValues([at(AT, current(value), voltage('230'))]),
      { ...NOTHING, voltageV: 230, refused: 1 },
      `current ${JSON.stringify(value)}`,
    )
  }
  for (const unit of ['mA', 'W', 'Hz', 5, '__proto__']) {
    t.match(interpretMeterValues([at(AT, { ...current('16'), unit })]), {
      currentTotalA: undefined,
      refused: 1,
    })
  }
  t.match(interpretMeterValues([at(AT, { value: '101', measurand: 'SoC' })]), { refused: 1 })
  t.match(interpretMeterValues([at(AT, { value: '-1' })]), { energyWh: undefined, refused: 1 })
  t.match(interpretMeterValues([at(AT, 5, null, current('1'))]), { currentTotalA: 1, refused: 2 })
  t.match(interpretMeterValues(['x', at(AT, current('1'))]), { currentTotalA: 1, refused: 1 })
  t.match(interpretMeterValues([{ timestamp: AT, sampledValue: 'x' }]), { refused: 1 })
})

test('nothing at all is an empty sample', async (t) => {
  const empty = { ...NOTHING, atMs: undefined }
  for (const nothing of [undefined, null, []]) {
    t.strictSame(interpretMeterValues(nothing), empty)
  }
  t.strictSame(interpretMeterValues([{ timestamp: AT }]), NOTHING)
})

test('brackets forgotten around a single element are put back', async (t) => {
  t.match(interpretMeterValues({ timestamp: AT, sampledValue: current('16') }), {
    atMs: AT_MS,
    currentTotalA: 16,
  })
})

test('the newest value of each quantity wins, in whatever order they come', async (t) => {
  const older = at('2026-03-01T11:59:00Z', current('6'), voltage('229'))
  const newer = at(AT, current('16'))
  const expected = { ...NOTHING, currentTotalA: 16, voltageV: 229 }
  t.strictSame(interpretMeterValues([older, newer]), expected)
  t.strictSame(interpretMeterValues([newer, older]), expected)
  const same = interpretMeterValues([newer, at(AT, current('17'))])
  t.match(same, { currentTotalA: 17 }, 'the later of two at the same time')
  const untimed = interpretMeterValues([at('soon', current('1')), at(undefined, current('2'))])
  t.match(untimed, { atMs: undefined, currentTotalA: 2 }, 'the last without times')
  const garbled = interpretMeterValues([older, at(AT, current('NaN'))])
  t.match(garbled, { atMs: AT_MS, currentTotalA: 6, refused: 1 }, 'garbage replaces nothing')
})

test('what flowed a while before the newest element is not of now, a register is', async (t) => {
  const before = at('2026-03-01T11:45:00Z', current('16'), power('3680'), { value: '1000' })
  t.strictSame(interpretMeterValues([before, at(AT, voltage('230'))]), {
    ...NOTHING,
    energyWh: 1000,
    voltageV: 230,
  })
})

test('a total that is newer than the phases counts, and phases that are newer than the total', async (t) => {
  const phases = [current('16', 'L1'), current('16', 'L2'), current('16', 'L3')]
  const ofPower = [power('1000', 'L1'), power('1000', 'L2')]
  const earlier = '2026-03-01T11:59:30Z'
  t.match(
    interpretMeterValues([at(earlier, ...phases, ...ofPower), at(AT, current('0'), power('0'))]),
    { currentA: undefined, currentTotalA: 0, powerW: 0 },
  )
  t.match(
    interpretMeterValues([at(earlier, current('0'), power('0')), at(AT, ...phases, ...ofPower)]),
    { currentA: { l1: 16 }, currentTotalA: undefined, powerW: 2000 },
  )
})

/** Any text a charger may write for this number, in its unit and in thousands of it. */
function written(base: number, unit: string): fc.Arbitrary<{ value: unknown; unit?: string }> {
  const plain = fc.constantFrom<unknown>(
    base,
    String(base),
    ` ${base} `,
    `+${base}`,
    base.toFixed(3),
    base.toExponential(),
  )
  const inUnit = plain.chain((value) => fc.constantFrom({ value }, { value, unit }))
  if (unit === 'A') return inUnit
  const thousands = fc.constantFrom(`k${unit}`, `K${unit}`.toUpperCase())
  return fc.oneof(
    inUnit,
    thousands.map((thousand) => ({ value: String(base / 1000), unit: thousand })),
  )
}

test('the same figure is read whatever way it is written, beside whatever else', async (t) => {
  const noise = fc.constantFrom<unknown>(
    { value: 'NaN', measurand: 'Current.Import', unit: 'A' },
    { value: '', measurand: 'Energy.Active.Import.Register' },
    { value: '1e400', measurand: 'Power.Active.Import' },
    { value: 'OCMF|{}', format: 'SignedData', measurand: 'Energy.Active.Import.Register' },
    { value: '5', measurand: 'Energy.Active.Import.Register', unit: 'Celsius' },
    { value: '5', measurand: 'Energy.Active.Import.Interval' },
    null,
    'x',
    {},
    [],
  )
  const thousandths = (max: number): fc.Arbitrary<number> =>
    fc.integer({ min: 0, max: max * 1000 }).map((count) => count / 1000)
  const figures = fc.record({ A: thousandths(80), W: thousandths(50_000), Wh: thousandths(4e9) })
  const message = figures.chain((figure) =>
    fc.record({
      figure: fc.constant(figure),
      A: written(figure.A, 'A'),
      W: written(figure.W, 'W'),
      Wh: written(figure.Wh, 'Wh'),
      before: fc.array(noise, { maxLength: 5 }),
      after: fc.array(noise, { maxLength: 5 }),
      phase: fc.constantFrom('L1', 'L1-N', 'l1'),
    }),
  )
  fc.assert(
    fc.property(message, ({ figure, A, W, Wh, before, after, phase }) => {
      const sample = interpretMeterValues([
        at(
          AT,
          ...before,
          { measurand: 'Current.Import', phase, ...A },
          { measurand: 'Power.Active.Import', ...W },
          Wh,
          ...after,
        ),
      ])
      const isNear = (is: number | undefined, should: number): boolean =>
        is !== undefined && Math.abs(is - should) <= 1e-9 * Math.max(1, should)
      return (
        isNear(sample.currentA?.l1, figure.A) &&
        isNear(sample.powerW, figure.W) &&
        isNear(sample.energyWh, figure.Wh)
      )
    }),
    { numRuns: 300 },
  )
  t.pass()
})

test('whatever is sent, a sample holds finite numbers only', async () => {
  const finite = (value: unknown): boolean =>
    value === undefined ||
    (typeof value === 'object' && value !== null
      ? Object.values(value).every(finite)
      : Number.isFinite(value))
  const value = fc.oneof(fc.double().map(String), fc.double(), fc.jsonValue(), fc.string())
  const sampled = fc.record(
    {
      value,
      measurand: fc.constantFrom('Current.Import', 'Power.Active.Import', 'Voltage', 'SoC', 5),
      phase: fc.constantFrom('L1', 'L2', 'L3-N', 'N', null, {}),
      unit: fc.constantFrom('A', 'W', 'kW', 'V', 'Percent', null, []),
    },
    { requiredKeys: [] },
  )
  const element = fc.record(
    { timestamp: fc.oneof(fc.constant(AT), fc.jsonValue()), sampledValue: fc.array(sampled) },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.array(element), fc.jsonValue()), (meterValue) =>
      finite(interpretMeterValues(meterValue)),
    ),
    { numRuns: 500 },
  )
})

test('a value of a quarter of a million digits costs no time', async (t) => {
  const before = process.cpuUsage()
  for (const value of [
    '9'.repeat(250_000) + 'Z',
    '1'.repeat(125_000) + '.' + '2'.repeat(125_000) + 'e',
  ]) {
    t.equal(interpretMeterValues([at(AT, current(value, 'L1'))]).currentA, undefined)
  }
  const { user, system } = process.cpuUsage(before)
  t.ok((user + system) / 1000 < 1_000, `${(user + system) / 1000} ms`)
})
