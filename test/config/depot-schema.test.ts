import { test } from 'tap'
import * as fc from 'fast-check'
import {
  depotFromDocument,
  depotFromWire,
  depotToDocument,
} from '../../src/config/depot-document.js'
import {
  chargerFieldsSchema,
  chargerFromWire,
  chargerSchema,
  chargerToWire,
  constraintFromWire,
  constraintSchema,
  constraintToWire,
  idTagFromWire,
  idTagSchema,
  idTagToWire,
} from '../../src/config/depot-schema.js'
import { evseFromWire, evseSchema, evseToWire } from '../../src/config/evse-schema.js'
import { limitWindowSchema, windowFromWire } from '../../src/config/limit-window-schema.js'
import { vehicleFromWire, vehicleSchema, vehicleToWire } from '../../src/config/vehicle-schema.js'
import { schemaFindings } from '../../src/config/schema-findings.js'
import { wirePath } from '../../src/config/wire-path.js'
import { EMPTY_DEPOT } from '../../src/core/site/depot.js'
import { edit } from '../../src/core/site/edit.js'

const depotConstraint = { id: 'depot', name: 'Depot', max_power_kw: 1000, type: 'constraint' }
const north = {
  id: 'north',
  name: 'North',
  max_power_kw: 500,
  type: 'charge_group',
  parent_id: 'depot',
}
const charger = {
  id: 'c1',
  name: 'Charger',
  max_power_kw: 100,
  parent_charge_group: 'north',
  evses: [{ id: 1, max_power_kw: 50 }],
}

test('what an EVSE leaves out is filled with the defaults of its power', async (t) => {
  const evse = (fields: object) => evseFromWire(evseSchema.parse({ id: 1, ...fields }))
  t.same(evse({ max_power_kw: 22 }), {
    id: 1,
    maxPowerKw: 22,
    currentType: 'AC',
    phases: 3,
    phaseRotation: 'RST',
    minCurrentA: 6,
    maxCurrentA: 32,
    fallbackCurrentA: 'auto',
    status: 'Available',
  })
  t.match(evse({ max_power_kw: 44 }), { currentType: 'AC' })
  t.match(evse({ max_power_kw: 44.1 }), { currentType: 'DC' })
  t.match(evse({ max_power_kw: 7.4, phases: 1 }), { maxCurrentA: 32 })
  t.match(evse({ max_power_kw: 0 }), { maxCurrentA: 6 }, 'the minimum still fits the maximum')
  t.match(evse({ max_power_kw: 50, max_current_a: 125, current_type: 'AC' }), {
    maxCurrentA: 125,
    currentType: 'AC',
  })
  t.match(evse({ max_power_kw: 11, fallback_current_a: 0 }), { fallbackCurrentA: 0 })
})

test('what a charger and a constraint leave out is filled, and null leaves out', async (t) => {
  for (const fields of [
    {},
    {
      priority: null,
      ocpp_charge_point_id: null,
      is_active: null,
      isolated: null,
      status: null,
    },
  ]) {
    const filled = chargerFromWire(chargerSchema.parse({ ...charger, ...fields }))
    t.match(filled, { isActive: true, isolated: false, expiryVerified: false, status: 'Available' })
    t.notOk('priority' in filled, 'inherits')
    t.notOk('ocppChargePointId' in filled)
  }
  t.same(constraintFromWire(constraintSchema.parse({ ...depotConstraint, parent_id: null })), {
    id: 'depot',
    name: 'Depot',
    type: 'constraint',
    maxPowerKw: 1000,
    baseLoadA: 0,
    schedule: [],
  })
})

test('is_active is a word or a boolean', async (t) => {
  for (const [given, isActive] of [
    ['Active', true],
    ['Inactive', false],
    [true, true],
    [false, false],
  ] as const) {
    const read = chargerFromWire(chargerSchema.parse({ ...charger, is_active: given }))
    t.equal(read.isActive, isActive, `${given}`)
    t.equal(chargerToWire(read).is_active, isActive ? 'Active' : 'Inactive')
  }
  t.notOk(chargerSchema.safeParse({ ...charger, is_active: 'active?' }).success)
})

test('a current on the phases has three spellings', async (t) => {
  for (const [given, currentA] of [
    [63, [63, 63, 63]],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
    [{ l1: 1, l2: 2, l3: 3 }, [1, 2, 3]],
  ] as const) {
    const wire = constraintSchema.parse({ ...depotConstraint, max_current_a: given })
    t.same(constraintFromWire(wire).maxCurrentA, currentA)
  }
  for (const given of [-1, [1, 2], [1, 2, 3, 4], { l1: 1, l2: 2 }, '63', NaN, Infinity]) {
    t.notOk(constraintSchema.safeParse({ ...depotConstraint, max_current_a: given }).success)
  }
})

test('a limit window is at HH:MM, with 24:00 only as its end, and limits something', async (t) => {
  const from = (window: object) =>
    limitWindowSchema.safeParse({ max_power_kw: 1, ...window }).success
  for (const [start, end, ok] of [
    ['00:00', '24:00', true],
    ['22:30', '05:00', true],
    ['24:00', '05:00', false],
    ['7:00', '09:00', false],
    ['07:60', '09:00', false],
    ['07:00', '24:01', false],
    ['07:00', '25:00', false],
    ['07:00:00', '09:00', false],
  ] as const) {
    t.equal(from({ from: start, to: end }), ok, `${start} to ${end}`)
  }
  const times = { from: '07:00', to: '09:00' }
  t.notOk(limitWindowSchema.safeParse(times).success)
  t.notOk(from({ ...times, days: [] }))
  t.notOk(from({ ...times, days: ['Mon'] }))
  t.same(
    windowFromWire(
      limitWindowSchema.parse({ ...times, days: ['sun', 'mon', 'sun'], max_current_a: 10 }),
    ),
    { ...times, days: ['mon', 'sun'], maxCurrentA: [10, 10, 10] },
  )
})

test('all wrong fields are named at once, with what was given', async (t) => {
  const given = {
    name: '',
    max_power_kw: -5,
    priority: 1.5,
    parent_charge_group: 'no/slash',
    ocpp_charge_point_id: ' CP',
    colour: 'red',
    evses: [{ id: 0, max_power_kw: '22', volts: 1 }, 7],
  }
  const parsed = chargerFieldsSchema.safeParse(given)
  const found = parsed.success ? [] : schemaFindings(parsed.error, given)
  t.same(Object.fromEntries(found.map(({ path, message }) => [path.join('.'), message])), {
    name: 'must be 1 to 200 characters, without control characters or spaces around them, got ""',
    max_power_kw: 'must be a number from 0 to 100000 (kW), got -5',
    priority: 'must be a whole number from 0 to 1000000, got 1.5',
    parent_charge_group: 'must be 1 to 64 of the characters A-Z a-z 0-9 . _ -, got "no/slash"',
    ocpp_charge_point_id:
      'must be 1 to 64 printable characters, without spaces around them, got " CP"',
    colour: 'there is no such field',
    'evses.0.id': 'must be a whole number from 1 to 1000, got 0',
    'evses.0.max_power_kw': 'must be a number from 0 to 10000 (kW), got "22"',
    'evses.0.volts': 'there is no such field',
    'evses.1': 'must be an object, got 7',
  })
  const none = chargerFieldsSchema.safeParse([])
  t.same(none.success ? [] : schemaFindings(none.error, []), [
    { path: [], message: 'must be an object, got a list of 0' },
  ])
})

test('a missing field says what it must be', async (t) => {
  const parsed = constraintSchema.safeParse({})
  const found = parsed.success ? [] : schemaFindings(parsed.error, {})
  t.same(
    found.map(({ path }) => path.join('.')),
    ['name', 'max_power_kw', 'type', 'id'],
  )
  t.ok(found.every(({ message }) => message.startsWith('is missing: must be ')))
})

test('charge point ids are 1 to 64 printable characters, other scripts included', async (t) => {
  const accepts = (id: string): boolean =>
    chargerSchema.safeParse({ ...charger, ocpp_charge_point_id: id }).success
  for (const id of ['CP_001', 'Säule 1', 'EVB-P/20:1*', '充電器', 'x'.repeat(64)])
    t.ok(accepts(id), id)
  for (const id of ['', 'a\nb', 'a\u0000', ' a', 'a ', 'a\u202Eb', 'x'.repeat(65)])
    t.notOk(accepts(id))
})

test('a domain field is found again on the wire', async (t) => {
  t.same(wirePath('evses.0.maxPowerKw'), ['evses', 0, 'max_power_kw'])
  t.same(wirePath('parentId'), ['parent_id'])
})

const name = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9 ]{0,20}[A-Za-z0-9])?$/)
const kw = fc.double({ min: 0, max: 5000, noNaN: true })
const amps = fc.oneof(
  fc.integer({ min: 0, max: 500 }),
  fc.tuple(fc.nat(500), fc.nat(500), fc.nat(500)),
  fc.record({ l1: fc.nat(500), l2: fc.nat(500), l3: fc.nat(500) }),
)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

test('what is written reads back as the same object', async () => {
  const limit = fc.oneof(
    fc.record({ max_power_kw: kw, max_current_a: maybe(amps), name: maybe(name) }),
    fc.constant({ no_limit: true }),
    fc.constant({
      ceilings: [
        { from_priority: 5, max_current_a: 48 },
        { from_priority: 0, max_current_a: 16 },
      ],
    }),
  )
  const times = fc.record({
    from: fc.constantFrom('00:00', '07:30'),
    to: fc.constantFrom('24:00', '05:00'),
  })
  const when = fc.oneof(
    fc.record({ days: maybe(fc.constantFrom(['mon'], ['sat', 'sun'])) }),
    fc.constant({ season: { from: '11-01', to: '03-31' } }),
    fc.constant({ dates: ['2026-12-24/2026-12-26', '2027-01-01'] }),
    fc.constant({ holidays: 'nrw' }),
    fc.constant({ from: '2026-06-14T16:00', to: '2026-06-14T24:00' }),
  )
  const window = fc.tuple(limit, times, when).map((parts) => Object.assign({}, ...parts))
  const schedule = fc
    .tuple(fc.array(window, { maxLength: 3 }), maybe(fc.constant({ max_power_kw: 20 })))
    .map(([windows, rest]) => (rest ? [windows, rest].flat() : windows))
  const constraint = fc.record({
    id: fc.constant('n1'),
    name,
    max_power_kw: kw,
    priority: maybe(fc.nat(100)),
    type: fc.constantFrom('constraint', 'charge_group'),
    parent_id: maybe(fc.constant('p1')),
    max_current_a: maybe(amps),
    base_load_a: maybe(fc.nat(50)),
    schedule: maybe(schedule),
    schedule_timezone: maybe(fc.constant('Europe/Berlin')),
  })
  const evse = fc.record({
    id: fc.integer({ min: 1, max: 9 }),
    max_power_kw: kw,
    current_type: maybe(fc.constantFrom('AC', 'DC')),
    phases: maybe(fc.constantFrom(1, 3)),
    phase_rotation: maybe(fc.constantFrom('RST', 'TSR')),
    min_current_a: maybe(fc.nat(16)),
    max_current_a: maybe(fc.nat(500)),
    fallback_current_a: maybe(fc.constantFrom('auto', 0, 6)),
    discovered: maybe(fc.boolean()),
  })
  const chargers = fc.record({
    id: fc.constant('c1'),
    name,
    max_power_kw: kw,
    parent_charge_group: fc.constant('g1'),
    is_active: maybe(fc.constantFrom('Active', 'Inactive', true, false)),
    status: maybe(fc.constant('Faulted')),
    priority: maybe(fc.nat(9)),
    ocpp_charge_point_id: maybe(fc.constant('CP')),
    isolated: maybe(fc.boolean()),
    expiry_verified: maybe(fc.boolean()),
    profile_duration_s: maybe(fc.integer({ min: 60, max: 3600 })),
    profile_timeout_ms: maybe(fc.integer({ min: 1000, max: 60_000 })),
    evses: maybe(fc.array(evse, { maxLength: 3 })),
  })
  const tags = fc.record({
    id_tag: name.map((text) => text.slice(0, 9)),
    priority: maybe(fc.nat(9)),
    blocked: maybe(fc.boolean()),
  })

  const kwh = maybe(fc.nat(9_999).map((tenths) => tenths / 10))
  const departure = fc.record({
    days: maybe(fc.uniqueArray(fc.constantFrom('mon', 'sun', 'wed'), { minLength: 1 })),
    time: fc.constantFrom('00:00', '05:30', '23:59'),
    target_kwh: kwh,
  })
  const vehicle = fc.record({
    id: fc.constant('v1'),
    name,
    id_tags: maybe(fc.array(fc.constantFrom('A', 'b c'), { maxLength: 2 })),
    battery_kwh: maybe(fc.integer({ min: 1, max: 900 })),
    max_current_a: maybe(fc.nat(63)),
    phases: maybe(fc.constantFrom(1, 2, 3)),
    priority: maybe(fc.nat(9)),
    target_soc: maybe(fc.nat(100)),
    departures: maybe(fc.array(departure, { maxLength: 3 })),
    one_off_departures: maybe(
      fc.array(
        fc.record({
          date: fc.constant('2026-12-24'),
          time: maybe(fc.constant('12:00')),
          target_soc: maybe(fc.nat(100)),
        }),
        { maxLength: 2 },
      ),
    ),
  })

  const over = <W, D>(
    wire: fc.Arbitrary<unknown>,
    parse: (wire: unknown) => W,
    read: (wire: W) => D,
    write: (domain: D) => unknown,
  ): void =>
    fc.assert(
      fc.property(wire, (given) => {
        const domain = read(parse(given))
        const again = read(parse(JSON.parse(JSON.stringify(write(domain)))))
        return JSON.stringify(again) === JSON.stringify(domain)
      }),
    )
  over(constraint, (wire) => constraintSchema.parse(wire), constraintFromWire, constraintToWire)
  over(evse, (wire) => evseSchema.parse(wire), evseFromWire, evseToWire)
  over(chargers, (wire) => chargerSchema.parse(wire), chargerFromWire, chargerToWire)
  over(tags, (wire) => idTagSchema.parse(wire), idTagFromWire, idTagToWire)
  over(vehicle, (wire) => vehicleSchema.parse(wire), vehicleFromWire, vehicleToWire)
})

const document = {
  version: 1,
  constraints: [north, depotConstraint],
  chargers: [charger],
  id_tags: [{ id_tag: 'ABC', priority: 3, blocked: true }],
}

test('a depot reads back from its document, whatever the order of its constraints', async (t) => {
  const read = depotFromDocument(document)
  if (!read.ok) {
    t.fail(read.problems.join())
    return
  }
  t.same([...read.depot.constraints.keys()], ['depot', 'north'])
  t.equal(read.depot.idTags.get('abc')?.blocked, true)
  const again = depotFromDocument(JSON.parse(JSON.stringify(depotToDocument(read.depot))))
  t.same(again, read)
  t.same(depotFromDocument(depotToDocument(EMPTY_DEPOT)), { ok: true, depot: EMPTY_DEPOT })
})

test('a depot keeps its vehicles, and a document from before there were any still reads', async (t) => {
  t.ok(depotFromDocument(document).ok)
  const bus = { id: 'b14', name: 'Bus 14', id_tags: ['TAG14'], battery_kwh: 300 }
  const target = { target_soc: 80, departures: [{ days: ['mon'], time: '05:30' }] }
  const read = depotFromDocument({ ...document, vehicles: [{ ...bus, ...target }] })
  if (!read.ok) {
    t.fail(read.problems.join())
    return
  }
  t.match(read.depot.vehicles.get('b14'), { name: 'Bus 14', target: { type: 'soc', soc: 80 } })
  t.same(depotFromDocument(JSON.parse(JSON.stringify(depotToDocument(read.depot)))), read)
  for (const [vehicles, problems] of [
    [[bus, bus], ['vehicles.1.id: "b14" is there twice']],
    [
      [bus, { ...bus, id: 'b15', id_tags: ['X', 'tag14'] }],
      ['vehicles.1.id_tags.1: "tag14" belongs to vehicle "Bus 14" (b14)'],
    ],
    [
      [{ ...bus, target_soc: 80, target_kwh: 20 }],
      ['vehicles.0: must have one target: target_soc or target_kwh'],
    ],
    [
      [{ id: 'b1', name: 'Bus 1', target_soc: 80 }],
      [
        'vehicles.0.battery_kwh: is needed for a target in percent: give it, or state the targets in kWh',
      ],
    ],
    [
      [{ ...bus, one_off_departures: [{ date: '2026-02-30' }] }],
      ['vehicles.0.one_off_departures.0.date: there is no day "2026-02-30"'],
    ],
  ] as const) {
    t.same(depotFromDocument({ ...document, vehicles }), { ok: false, problems })
  }
})

test('a depot document that holds together badly is refused object by object', async (t) => {
  for (const [change, problems] of [
    [{ version: 2 }, ['version: must be 1, the only version of the depot document, got 2']],
    [{ chargers: undefined }, ['chargers: is missing: must be a list']],
    [
      { constraints: [depotConstraint, { ...north, parent_id: 'south' }] },
      ['constraints.1.parent_id: no constraint has the id "south"'],
    ],
    [
      {
        constraints: [
          { ...depotConstraint, parent_id: 'north' },
          north,
          { ...north, id: 'below', parent_id: 'north' },
        ],
      },
      [0, 1, 2].map(
        (at) =>
          `constraints.${at}.parent_id: leads round in a circle: it never reaches the grid connection`,
      ),
    ],
    [
      { constraints: [depotConstraint, north, north] },
      ['constraints.2.id: "north" is there twice'],
    ],
    [
      {
        constraints: [
          { ...depotConstraint, id: 'site' },
          { ...north, parent_id: 'site' },
        ],
      },
      ['constraints.0.id: "site" is the grid connection itself'],
    ],
    [
      { chargers: [{ ...charger, parent_charge_group: 'depot' }] },
      [
        'chargers.0.parent_charge_group: "Depot" is a constraint; chargers belong to a charge_group',
      ],
    ],
    [{ chargers: [charger, charger] }, ['chargers.1.id: "c1" is there twice']],
    [
      {
        chargers: [
          { ...charger, evses: [{ id: 1, max_power_kw: 1, min_current_a: 8, max_current_a: 7 }] },
        ],
      },
      ['chargers.0.evses.0.min_current_a: 8 A is above the maximum of 7 A'],
    ],
    [
      { id_tags: [{ id_tag: 'abc' }, { id_tag: 'ABC' }] },
      ['id_tags.1.id_tag: "abc" is there twice'],
    ],
  ] as const) {
    t.same(depotFromDocument({ ...document, ...change }), { ok: false, problems })
  }
  t.same(depotFromDocument('nonsense'), {
    ok: false,
    problems: ['must be an object, got "nonsense"'],
  })
})

test('a big tree in the worst order still loads', async (t) => {
  const constraints = Array.from({ length: 1000 }, (_, at) => ({
    ...constraintSchema.parse(depotConstraint),
    id: `n${at}`,
    ...(at < 999 && { parent_id: `n${at + 1}` }),
  }))
  const checked = depotFromWire({ constraints, chargers: [], id_tags: [], vehicles: [] })
  t.ok(checked.ok && checked.depot.constraints.size === 1000)
})

test('whatever the JSON, reading a document ends in a depot or in problems', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const read = depotFromDocument({ ...document, chargers: [json], id_tags: json })
      return read.ok || read.problems.length > 0
    }),
  )
})

test('what the schema accepts, an edit accepts or names a field of it', async () => {
  const base = depotFromDocument(document)
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), fc.nat(200), (minA, maxA, fallbackA) => {
      const evse = {
        id: 1,
        max_power_kw: 22,
        min_current_a: minA,
        max_current_a: maxA,
        fallback_current_a: fallbackA,
      }
      const parsed = chargerSchema.parse({ ...charger, evses: [evse] })
      const edited = edit(base.ok ? base.depot : EMPTY_DEPOT, {
        type: 'putCharger',
        charger: chargerFromWire(parsed),
      })
      return edited.ok || edited.problem.field?.startsWith('evses.0.') === true
    }),
  )
})
