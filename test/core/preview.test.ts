/** What a day brings at a node, as a list of windows with reasons. */
import { test } from 'tap'
import { dayBounds, previewOf } from '../../src/core/limits/preview.js'
import type { DayPreview } from '../../src/core/limits/preview.js'
import { limitSourceText } from '../../src/core/reason-text.js'
import type { Override } from '../../src/core/site/state.js'
import { buildTree } from '../../src/core/site/tree.js'
import { aConstraint, aDepot, RULES } from './a-depot.js'

const rules = { ...RULES, fuseA: 80 }
const tree = buildTree(
  aDepot(
    [
      aConstraint('yard', 63, {
        schedule: [{ from: '17:00', to: '20:00', maxCurrentA: [30, 30, 30] }],
      }),
      aConstraint('vans', 100, {
        type: 'charge_group',
        parentId: 'yard',
        schedule: [
          { kind: 'default', from: '00:00', to: '24:00', maxCurrentA: [50, 50, 50] },
          { from: '22:00', to: '06:00', maxCurrentA: [90, 90, 90] },
          { kind: 'exception', dates: ['2026-12-24'], from: '12:00', to: '24:00' },
          {
            kind: 'event',
            name: 'party',
            from: '2026-06-14T16:00',
            to: '2026-06-14T22:00',
            maxCurrentA: [40, 40, 40],
          },
        ],
      }),
    ],
    [],
  ),
  rules,
)

/** `from-to limit source @node` on L1. */
function lines(preview: DayPreview | undefined): readonly string[] {
  return (preview?.spans ?? []).map(({ from, to, bounds: [bound] }) => {
    const why = bound ? `${bound.limitA} ${limitSourceText(bound.source)} @${bound.node.id}` : '-'
    return `${from}-${to} ${why}`
  })
}

for (const [title, date, expected] of [
  [
    'an event among windows of the node and of the one above',
    '2026-06-14',
    [
      '00:00-06:00 63 configured limit @yard',
      '06:00-16:00 50 schedule, at all other times @vans',
      '16:00-17:00 40 event "party", 2026-06-14 16:00 to 2026-06-14 22:00 @vans',
      '17:00-20:00 30 schedule 17:00 to 20:00 @yard',
      '20:00-22:00 40 event "party", 2026-06-14 16:00 to 2026-06-14 22:00 @vans',
      '22:00-24:00 63 configured limit @yard',
    ],
  ],
  [
    'an exception without a limit leaves the node above',
    '2026-12-24',
    [
      '00:00-06:00 63 configured limit @yard',
      '06:00-12:00 50 schedule, at all other times @vans',
      '12:00-17:00 63 configured limit @yard',
      '17:00-20:00 30 schedule 17:00 to 20:00 @yard',
      '20:00-24:00 63 configured limit @yard',
    ],
  ],
] as const) {
  test(`a day shows ${title}`, async (t) => {
    t.same(lines(previewOf({ tree, rules }, 'vans', date, 0)), expected)
  })
}

test('the site has its fuse, and what is not there has no day', async (t) => {
  t.same(lines(previewOf({ tree, rules }, 'site', '2026-06-14', 0)), [
    '00:00-24:00 80 main fuse @site',
  ])
  t.equal(previewOf({ tree, rules }, 'gate', '2026-06-14', 0), undefined)
})

test('without a date it is today where the node is', async (t) => {
  const lateMs = Date.parse('2026-06-14T22:30Z')
  t.equal(previewOf({ tree, rules }, 'yard', undefined, lateMs)?.date, '2026-06-15')
})

test('an order of an operator is a part of the day', async (t) => {
  const order: Override = {
    nodeId: 'vans',
    limitA: [20, 20, 20],
    limitKw: undefined,
    ignoresSchedule: true,
    reason: 'crane',
    by: '',
    via: 'rest',
    setWallMs: Date.parse('2026-06-15T10:00+02:00'),
    untilMs: 0,
    untilWallMs: Date.parse('2026-06-15T12:30+02:00'),
    validForMs: 0,
  }
  const overrides = new Map([['vans', order]])
  const preview = previewOf({ tree, rules, overrides }, 'vans', '2026-06-15', 0)
  t.same(lines(preview).slice(1, 4), [
    '06:00-10:00 50 schedule, at all other times @vans',
    '10:00-12:30 20 ordered by the operator: crane @vans',
    '12:30-17:00 50 schedule, at all other times @vans',
  ])
  t.same(
    preview?.spans.map(({ leftAlone, entries }) => `${leftAlone} ${entries.length}`).slice(1, 4),
    ['false 1', 'true 0', 'false 1'],
  )
})

test('a day has 23, 24 or 25 hours', async (t) => {
  for (const [date, zone, hours] of [
    ['2026-03-29', 'Europe/Berlin', 23],
    ['2026-06-14', 'Europe/Berlin', 24],
    ['2026-10-25', 'Europe/Berlin', 25],
    ['2026-06-14', 'Pacific/Kiritimati', 24],
    ['2026-06-14', 'Pacific/Pago_Pago', 24],
    // Midnight is skipped there.
    ['2026-09-06', 'America/Santiago', 23],
  ] as const) {
    const [startMs, endMs] = dayBounds(date, zone)
    t.equal((endMs - startMs) / 3_600_000, hours, `${date} ${zone}`)
  }
})
