/** The model of balanz, as balanz itself reads it; what it stumbles over is refused with its place. */
import { test } from 'tap'
import { balanzAllocation } from '../../src/config/import/balanz-allocation.js'
import { balanzModel } from '../../src/config/import/balanz-model.js'
import { depotFromWire } from '../../src/config/depot-document.js'
import { scheduledLimit } from '../../src/core/limits/in-force.js'
import { classesOf } from '../../src/core/limits/class-ceilings.js'
import { windowsAt } from '../../src/core/schedule/windows-at.js'
import { buildTree } from '../../src/core/site/tree.js'
import { RULES } from '../core/a-depot.js'

const EXAMPLE =
  '00:00-05:59>0=48;06:00-16:59>0=16:3=32:5=48;17:00-20:59>0=0:5=48;21:00-23:59>0=32:5=48'

const HEADERS = {
  groups: 'group_id,description,max_allocation\n',
  chargers: 'charger_id,alias,group_id,no_connectors,priority,description,conn_max,auth_sha\n',
  tags: 'id_tag,user_name,parent_id_tag,description,status,priority\n',
}

function modelOf(allocation: string): ReturnType<typeof balanzModel> {
  return balanzModel({
    groups: `${HEADERS.groups}RR1,Road Runner,${allocation}\n`,
    chargers: `${HEADERS.chargers}CP1,RR1-01,RR1,1,3,,63.0,\n`,
    tags: `${HEADERS.tags}8A03EE96,,,,Activated,1\n`,
  })
}

/** What sessions of this priority may draw at RR1 in all, by what the controller works with. */
function ampsAt(allocation: string, clock: string, priority: number): number {
  const model = modelOf(allocation)
  if (!model.ok) throw new Error(JSON.stringify(model.problems))
  const checked = depotFromWire({ ...model.depot, vehicles: [] })
  if (!checked.ok) throw new Error(JSON.stringify(checked.findings))
  const rules = { ...RULES, timezone: 'UTC' }
  const tree = buildTree(checked.depot, rules)
  const wallMs = Date.parse(`2026-06-10T${clock}Z`)
  const limits = tree.nodes.map((node) =>
    scheduledLimit(node, windowsAt(node.windows, wallMs, node.zone), rules, undefined),
  )
  const classes = classesOf(limits.map((limit) => ({ limit })))
  const [evse] = tree.evses
  if (!evse) throw new Error('no EVSE')
  const rooms = [
    ...limits.map(({ load }) => load),
    ...(classes?.rooms ?? []).map(({ load }) => load),
  ]
  const path = classes?.evseOf(evse, priority).path ?? evse.path
  // Without the charger itself.
  return Math.min(...path.slice(1).map((node) => rooms[node]?.[0] ?? Infinity))
}

const PRIORITIES = [0, 2, 3, 4, 5, 9]
for (const [clock, expected] of [
  ['05:59', [48, 48, 48, 48, 48, 48]],
  ['06:00', [16, 16, 32, 32, 48, 48]],
  ['16:59', [16, 16, 32, 32, 48, 48]],
  ['17:00', [0, 0, 0, 0, 48, 48]],
] as const) {
  test(`max_allocation at ${clock}: priorities 0, 2, 3, 4, 5, 9 get what balanz gives`, async (t) => {
    t.same(
      PRIORITIES.map((priority) => ampsAt(EXAMPLE, clock, priority)),
      expected,
    )
  })
}

for (const [what, allocation, clock, priority, expected] of [
  ['the end is inclusive to its last second', EXAMPLE, '20:59:59', 0, 0],
  ['23:59 is the end of the day', EXAMPLE, '23:59:59', 0, 32],
  [
    'the total is that of the highest priority, not the largest',
    '00:00-23:59>0=48:3=32:5=16',
    '12:00',
    0,
    16,
  ],
  ['below the lowest priority there is nothing', '00:00-23:59>5=63', '12:00', 4, 0],
  ['the order of the pairs does not matter', '00:00-23:59>5=48:0=24', '12:00', 0, 24],
  [
    'the order of the intervals does not matter',
    '12:00-23:59>0=10;00:00-11:59>0=20',
    '11:00',
    0,
    20,
  ],
  ['one value for all is the limit of the group', '00:00-23:59>0=63', '12:00', 7, 63],
] as const) {
  test(`max_allocation: ${what}`, async (t) => {
    t.equal(ampsAt(allocation, clock, priority), expected)
  })
}

for (const [what, allocation, problems] of [
  [
    'over midnight',
    '22:00-05:59>0=48',
    [
      '0 22:00-05:59 runs over midnight, where balanz matches nothing: write two intervals, 22:00-23:59 and 00:00-05:59',
    ],
  ],
  [
    'one digit',
    '00:00-05:59>0=1;6:00-23:59>0=2',
    ['16 6:00 has one digit, and balanz drops it: write 06:00'],
  ],
  [
    'a gap',
    '00:00-05:59>0=1;07:00-22:59>0=2',
    [
      '16 nothing is stated for 06:00-06:59, where balanz stops: add 06:00-06:59>0=AMPS',
      '31 nothing is stated for 23:00-23:59, where balanz stops: add 23:00-23:59>0=AMPS',
    ],
  ],
  [
    '24:00',
    '00:00-24:00>0=48',
    ['6 24:00 is no time of balanz: write 23:59, the end is inclusive'],
  ],
  [
    'a fraction',
    '00:00-23:59>0=16.5',
    ['14 16.5 A has a fraction, which balanz cuts off: write 16'],
  ],
  [
    'negative amps',
    '00:00-23:59>0=-5',
    ['14 -5 A is negative, and balanz drops it: write 0 or more'],
  ],
  [
    'an overlap',
    '00:00-12:00>0=1;12:00-23:59>0=2',
    [
      '16 12:00-23:59 overlaps 00:00-12:00, of which balanz takes the first: let each minute be in one interval',
    ],
  ],
  [
    'no amps',
    '00:00-23:59>',
    ['12 states no amps: write PRIORITY=AMPS, such as 0=63, or 0=0 for none'],
  ],
  [
    'an empty interval',
    '00:00-23:59>0=1;',
    ['16 is empty: write HH:MM-HH:MM>PRIORITY=AMPS, such as 00:00-23:59>0=63'],
  ],
  [
    'a priority twice',
    '00:00-23:59>0=1:0=2',
    ['16 priority 0 is there twice: keep the one that is meant'],
  ],
  ['no interval', '48', ['0 "48" has no ">": write HH:MM-HH:MM>PRIORITY=AMPS']],
] as const) {
  test(`max_allocation is refused with what to write: ${what}`, async (t) => {
    const read = balanzAllocation(allocation)
    t.same(read.ok || read.problems.map(({ at, message }) => `${at} ${message}`), problems)
  })
}

test('an empty max_allocation is refused where chargers would go without a limit', async (t) => {
  t.match(modelOf(''), {
    ok: false,
    problems: [{ file: 'groups', line: 2, column: 17, message: /nothing would limit them/ }],
  })
})

test('whatever is wrong in the files is said at once, with file, line and column', async (t) => {
  const model = balanzModel({
    groups: 'group_id,colour,max_allocation\nRR 1,red,00:00-23:59>0=x\nsite,,00:00-23:59>0=1\n',
    chargers: `${HEADERS.chargers}CP1,,RR2,1,-1,,5,\nCP1,,site,0,,,32\n`,
    tags: `${HEADERS.tags}8A03EE96,,,,Expired,1\n8a03ee96,,,,Activated,\n`,
  })
  t.same(
    model.ok || model.problems.map((one) => `${one.file}:${one.line}:${one.column}`).toSorted(),
    [
      'chargers:2:16',
      'chargers:2:6',
      'chargers:2:12',
      'chargers:3:1',
      'chargers:3:11',
      'groups:1:10',
      'groups:2:1',
      'groups:3:1',
      'tags:2:13',
      'tags:3:1',
    ].toSorted(),
  )
})
