/** The parts of the page that need no browser. */
import { test } from 'tap'
import { chargerAnswer } from '../../src/http/charger-shape.js'
import { callSchema } from '../../src/http/call-shape.js'
import { constraintAnswer } from '../../src/http/constraint-shape.js'
import { alarmsOf } from '../../src/http/page/alarms.js'
import { CALLS } from '../../src/http/page/calls.js'
import { eventReader } from '../../src/http/page/event-stream.js'
import type { Field } from '../../src/http/page/field.js'
import { after, NOTHING_KNOWN, placedNodes } from '../../src/http/page/state.js'
import type { SiteState } from '../../src/http/page/state.js'
import { stepChart, stepsOf } from '../../src/http/page/step-chart.js'
import type { DaySchedule } from '../../src/http/page/wire.js'
import { clockText, dateText, dayLater, lasting, phasesText } from '../../src/http/page/words.js'
import { siteAnswer } from '../../src/http/site-shape.js'
import { testApi, WALL_MS, withCharger } from '../http/a-backend.js'
import type { TestApi } from '../http/a-backend.js'

const FACTS = { nowMs: WALL_MS, zone: 'UTC', check: undefined, pending: [] }

/** What the page knows after it has heard of this site. */
function known(api: TestApi): SiteState {
  const view = api.backend.view()
  return after(NOTHING_KNOWN, {
    all: true,
    site: siteAnswer(view),
    constraints: view.constraints.map(constraintAnswer),
    chargers: view.chargers.map(chargerAnswer),
    sessions: [],
    removed: [],
  })
}

test('events are found wherever the network cut them', async (t) => {
  const sent = 'data: {"a":1}\n\ndata: {"b":\ndata: 2}\n\n: nothing\n\ndata: {"c":3}\n\n'
  for (const size of [1, 3, 7, 1000]) {
    const reader = eventReader()
    const found: string[] = []
    for (let at = 0; at < sent.length; at += size)
      found.push(...reader.take(sent.slice(at, at + size)))
    t.same(found, ['{"a":1}', '{"b":\n2}', '{"c":3}'], `${size} characters at a time`)
  }
})

test('the tree is laid out depth first, siblings by name as people count', async (t) => {
  const api = testApi()
  for (const name of ['Row 10', 'Row 9']) {
    await api.call('POST', '/api/v1/constraints', { name, max_power_kw: 5, type: 'constraint' })
  }
  await api.call('POST', '/api/v1/constraints', {
    name: 'Inner',
    max_power_kw: 5,
    type: 'charge_group',
    parent_id: 'id-2',
  })
  t.same(
    placedNodes(known(api)).map(
      ({ node, depth, above }) => `${depth} ${[...above, node.name].join('/')}`,
    ),
    ['0 Yard', '1 Row 9', '2 Row 9/Inner', '1 Row 10'],
  )
})

test('what did not change stays the same object, so that no line is drawn again', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const first = known(api)
  const site = siteAnswer(api.backend.view())
  const nothing = { constraints: [], chargers: [], sessions: [], removed: [] }
  const second = after(first, { all: false, site, ...nothing })
  t.equal(second.chargers, first.chargers)
  const gone = [{ kind: 'chargers', id: charger }] as const
  const third = after(second, { all: false, site, ...nothing, removed: [...gone] })
  t.equal(third.chargers.size, 0)
  t.equal(third.constraints, first.constraints)
})

test('alarms say what is wrong, the worst first, and count what is alike', async (t) => {
  const api = testApi({
    rules: { meters: [{ id: 'main', constraintId: undefined, worstBaseLoadA: [10, 10, 10] }] },
  })
  const { group } = await withCharger(api)
  for (const name of ['A', 'B', 'C', 'D', 'E']) {
    await api.call('POST', '/api/v1/chargers', {
      name,
      max_power_kw: 22,
      parent_charge_group: group,
    })
  }
  const check = { problems: [{ node_id: 'site', message: 'the fallbacks do not fit' }] }
  const alarms = alarmsOf(known(api), {
    ...FACTS,
    check: { fits: false, nodes: [], loose_ends: [], ...check },
  })
  t.same(
    alarms.map(({ tone, title }) => `${tone}: ${title}`),
    [
      'bad: Yard is in failsafe',
      'bad: Meter main is lost',
      'bad: Without the controller this site would not be safe',
      'warn: Nothing limits the grid connection',
      'calm: Test Charger has never connected',
    ],
    'a charger without connectors is none',
  )
  t.equal(new Set(alarms.map(({ key }) => key)).size, alarms.length)

  const loose = { fits: true, nodes: [], problems: [], loose_ends: ['relay "k1" is missing'] }
  t.match(
    alarmsOf(known(api), { ...FACTS, check: loose }).find(({ key }) => key.startsWith('loose')),
    { tone: 'warn', text: 'Relay "k1" is missing.' },
  )
})

test('a day of 23 or 25 hours is drawn as long as it is', async (t) => {
  const frame = { width: 1100, height: 100, left: 50, right: 50, top: 0, bottom: 0 }
  const day = (hours: number, from: string): DaySchedule['windows'] => {
    const start = Date.parse(from)
    const end = start + hours * 3_600_000
    const bound = { limit: 20, source: 'main fuse', node_id: 'site', node: 'Yard' }
    return [
      {
        from: '00:00',
        to: '24:00',
        starts_at: new Date(start).toISOString(),
        ends_at: new Date(end).toISOString(),
        entries: [],
        schedule_ignored: false,
        max_current_a: { l1: bound, l2: bound, l3: null },
        max_power_kw: null,
      },
    ]
  }
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: 'Europe/Berlin',
  })
  for (const [hours, from, labels] of [
    [23, '2026-03-28T23:00:00Z', ['00:00', '04:00', '07:00']],
    [25, '2026-10-24T22:00:00Z', ['00:00', '02:00', '05:00']],
  ] as const) {
    const chart = stepChart(stepsOf(day(hours, from), 'l1'), frame, (ms) => clock.format(ms))
    t.same(
      chart.timeTicks.slice(0, 3).map(({ label }) => label),
      labels,
    )
    t.equal(chart.line, 'M50 20H1050', 'from edge to edge')
    t.same(
      chart.valueTicks.map(({ label }) => label),
      ['0', '5', '10', '15', '20', '25'],
    )
  }
  t.equal(stepChart(stepsOf(day(23, '2026-03-28T23:00:00Z'), 'l3'), frame, String).line, '')
})

test('times are those of the site, and as short as they can be', async (t) => {
  const now = Date.parse('2026-06-14T20:00:00Z')
  const at = (iso: string): string => clockText(iso, now, 'Europe/Berlin')
  t.equal(at('2026-06-14T21:30:00Z'), '23:30')
  t.equal(at('2026-06-14T22:30:00Z'), 'Mon 00:30')
  t.equal(at('2026-07-14T22:30:00Z'), '15 Jul 00:30')
  t.equal(dateText(now, 'Pacific/Auckland'), '2026-06-15')
  t.equal(dayLater('2026-03-28', 1), '2026-03-29')
  t.equal(dayLater('2026-03-01', -1), '2026-02-28')
  t.same([12, 300, 7200, 12_000, 400_000].map(lasting), [
    '12 s',
    '5 min',
    '2 h',
    '3 h 20 min',
    '5 days',
  ])
  t.equal(phasesText({ l1: 40, l2: 32.04, l3: null }), '40 / 32 / – A')
  t.equal(phasesText({ l1: 40, l2: 40, l3: 40 }), '40 A')
})

test('every call that the page offers is one that REST takes', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const view = api.backend.view().chargers.find((one) => one.charger.id === charger)
  if (!view) throw new Error('the charger is gone')
  const shown = chargerAnswer(view)
  const example = (field: Field): unknown => {
    if (field.kind === 'choice') {
      const options = typeof field.options === 'function' ? field.options() : field.options
      const value = options[0]?.value ?? '1'
      return field.numbers === true ? Number(value) : value
    }
    if (field.kind === 'number') return 1
    if (field.kind === 'datetime') return '2026-06-14T22:00:00.000Z'
    return field.name === 'location' ? 'https://host/file' : 'text'
  }
  for (const { action, fields } of CALLS) {
    const all = fields(shown)
    const required = all.filter((field) => field.required === true || field.name === 'location')
    const body = Object.fromEntries(required.map((field) => [field.name, example(field)]))
    const parsed = callSchema.safeParse({ action, ...body })
    t.ok(parsed.success, `${action}: ${parsed.error?.message ?? ''}`)
    for (const field of all.filter(({ name }) => name !== 'file')) {
      const more = callSchema.safeParse({ action, ...body, [field.name]: example(field) })
      t.ok(more.success, `${action} with ${field.name}: ${more.error?.message ?? ''}`)
    }
  }
})
