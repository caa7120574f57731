/** What is wanted of one session: how it is changed, what it goes before, and when it is over. */
import { test } from 'tap'
import { overrideNow, planAfter } from '../../src/core/energy/session-plan.js'
import type { PlanChange, SessionPlan } from '../../src/core/energy/session-plan.js'

const WALL_MS = 1_790_000_000_000
const HOUR_MS = 3_600_000
const FACTS = { wallMs: WALL_MS, energyWh: 5_000, batteryKwh: 60 }

function after(before: SessionPlan, change: PlanChange, facts = FACTS): SessionPlan | string {
  const planned = planAfter(before, change, facts)
  return planned.ok ? planned.plan : `${planned.problem.field} ${planned.problem.message}`
}

const full: SessionPlan = {
  target: { type: 'soc', soc: 80 },
  departureMs: WALL_MS + HOUR_MS,
  priority: { value: 9, untilMs: WALL_MS + 1_000 },
  soc: { soc: 40, energyWh: 1_000 },
}

test('what is left out stays, and null clears', async (t) => {
  t.same(after(full, {}), full)
  t.same(after(full, { target: null, departureMs: null, priority: null, soc: null }), {})
  t.match(after(full, { departureMs: WALL_MS + 1 }), { ...full, departureMs: WALL_MS + 1 })
  t.match(after(full, { target: { type: 'energy', energyWh: 9 } }), { target: { energyWh: 9 } })
})

test('a state of charge is that of the moment in which it is said', async (t) => {
  t.match(after({}, { soc: 55 }), { soc: { soc: 55, energyWh: 5_000 } })
})

test('a priority of the session ends with its time, whether anybody acts or not', async (t) => {
  t.match(overrideNow(full, WALL_MS + 999), { value: 9 })
  t.equal(overrideNow(full, WALL_MS + 1_000), undefined)
  t.match(overrideNow({ priority: { value: 3 } }, WALL_MS + 1e9), { value: 3 })
  t.match(after(full, { priority: 4 }), { priority: { value: 4, untilMs: WALL_MS + 1_000 } })
  const later = { ...FACTS, wallMs: WALL_MS + 2_000 }
  t.same(after({ priority: { value: 9, untilMs: WALL_MS + 1_000 } }, {}, later), {}, 'it is gone')
  t.match(after(full, { priority: 4 }, later), { priority: { value: 4, untilMs: undefined } })
})

for (const [what, change, message, facts] of [
  ['a departure that is over', { departureMs: WALL_MS }, /^departure is in the past/],
  ['a departure years ahead', { departureMs: WALL_MS * 2 }, /^departure is more than a year ahead/],
  ['an end that is over', { priority: 1, priorityUntilMs: 5 }, /^priorityUntil is in the past/],
  ['the end of no priority', { priorityUntilMs: WALL_MS + 1 }, /^priorityUntil .*give both/],
  [
    'percents of no battery',
    { target: { type: 'soc', soc: 80 } },
    /^targetSoc says nothing without the battery/,
    { ...FACTS, batteryKwh: undefined },
  ],
] as const) {
  test(`${what} is refused`, async (t) => {
    const planned = planAfter({}, change, facts ?? FACTS)
    t.match(planned.ok ? 'taken' : `${planned.problem.field} ${planned.problem.message}`, message)
  })
}
