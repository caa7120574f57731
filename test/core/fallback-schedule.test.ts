/** What chargers are told to do on their own over two days, read as they read it. */
import { test } from 'tap'
import { array, assert, boolean, constantFrom, integer, oneof, property, record } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { fallbacks, fallbackSchedules } from '../../src/core/ledger/fallbacks.js'
import {
  higherOf,
  highestWithin,
  isSameAhead,
  valueAt,
} from '../../src/core/ledger/fallback-schedule.js'
import type { FallbackSchedule } from '../../src/core/ledger/fallback-schedule.js'
import type { EvseLedger } from '../../src/core/ledger/evse-ledger.js'
import { lowerMark } from '../../src/core/ledger/marks.js'
import { standingForm } from '../../src/core/ledger/profile-form.js'
import { fallbackToTell } from '../../src/core/ledger/wanted-fallback.js'
import type { WantedFallback } from '../../src/core/ledger/wanted-fallback.js'
import { noteJump } from '../../src/core/limits/charger-clock.js'
import { noteClock } from '../../src/core/limits/clock-caution.js'
import { createSite } from '../../src/core/site/create.js'
import type { SiteEvent } from '../../src/core/site/events.js'
import { followFallbacks } from '../../src/core/site/follow-fallbacks.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { WEEKDAYS } from '../../src/core/schedule/local-time.js'
import { windowEdges } from '../../src/core/schedule/edges.js'
import { windowsAt } from '../../src/core/schedule/windows-at.js'
import type { LimitWindow } from '../../src/core/schedule/windows.js'
import { buildTree } from '../../src/core/site/tree.js'
import type { Tree } from '../../src/core/site/tree.js'
import { standingProfile } from '../../src/ocpp/v16/charging-profile.js'
import { decodeChargingProfile, scheduledPeriod } from '../../src/testing/charging-profile.js'
import type { ChargingProfile } from '../../src/testing/charging-profile.js'
import { aCharger, aConstraint, aDepot, anEvse, RULES } from './a-depot.js'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const CLOCK_ERROR_MS = 60_000
const SPEC = { relativeDurationFrom: 'transactionStart', ignoresExpiry: false } as const

/** By the rules of OCPP, from the profile on the wire and the charger's own clock. */
function permittedA(profile: ChargingProfile, wallMs: number): number {
  const at = { wallMs, monotonicMs: 0, transactionStartedAtMs: 0 }
  return scheduledPeriod(profile, 0, at, SPEC)?.limit ?? 32
}

function onTheWire(limitA: number, schedule: FallbackSchedule | undefined): ChargingProfile {
  const wire = standingProfile({
    connectorId: 1,
    purpose: 'TxDefaultProfile',
    stackLevel: 0,
    kind: 'Absolute',
    unit: 'A',
    limitA,
    ...(schedule && { steps: schedule.steps }),
  })
  const decoded = decodeChargingProfile(wire)
  if (!decoded) throw new Error(`malformed: ${JSON.stringify(wire)}`)
  return decoded
}

/** The most that a clock which may be a minute off makes of it. */
function worstA(profile: ChargingProfile, wallMs: number): number {
  const edges = profile.periods.map(({ startS }) => startS * 1000)
  const reached = edges.filter((ms) => Math.abs(ms - wallMs) <= CLOCK_ERROR_MS)
  const instants = [wallMs - CLOCK_ERROR_MS, wallMs, wallMs + CLOCK_ERROR_MS, ...reached]
  return Math.max(...instants.map((ms) => permittedA(profile, ms)))
}

const clocks = integer({ min: 0, max: 95 }).map((quarter) => {
  const hours = String(Math.floor(quarter / 4)).padStart(2, '0')
  return `${hours}:${String((quarter % 4) * 15 + (quarter % 3)).padStart(2, '0')}`
})
interface WindowFields {
  readonly when: Omit<LimitWindow, 'from' | 'to'> & Partial<LimitWindow>
  readonly from: string
  readonly to: string
  readonly limitA: number
}

function windowOf({ when, from, to, limitA }: WindowFields): LimitWindow {
  const limit =
    limitA % 2 === 0
      ? { maxCurrentA: [limitA, limitA, limitA] as const }
      : { maxPowerKw: limitA * 0.6 }
  return { from, to, ...limit, ...when }
}

/** Around the starts below. */
const aDate = constantFrom('2026-03-28', '2026-03-29', '2026-06-01', '2026-06-02', '2026-10-25')
/** Of each kind, weekly as a rule. */
const aWhen = oneof(
  { weight: 3, arbitrary: constantFrom<WindowFields['when']>({}) },
  array(constantFrom(...WEEKDAYS), { minLength: 1, maxLength: 4 }).map(
    (days): WindowFields['when'] => ({ days }),
  ),
  aDate.map((date): WindowFields['when'] => ({ season: { from: date, to: date } })),
  array(aDate, { minLength: 1, maxLength: 2 }).map((dates): WindowFields['when'] => ({
    kind: 'exception',
    dates,
  })),
  record({ date: aDate, from: clocks }).map(({ date, from }): WindowFields['when'] => ({
    kind: 'event',
    from: `${date}T${from}`,
    to: `${date}T24:00`,
  })),
  constantFrom<WindowFields['when']>({ kind: 'default', from: '00:00', to: '24:00' }),
)

const aWindow = record({
  when: aWhen,
  from: clocks,
  to: clocks,
  limitA: integer({ min: 0, max: 60 }),
}).map(windowOf)
const aGroup = record({
  limitA: integer({ min: 0, max: 80 }),
  baseLoadA: integer({ min: 0, max: 8 }),
  schedule: array(aWindow, { maxLength: 3 }),
  chargers: array(
    record({
      priority: integer({ min: 0, max: 3 }),
      phases: constantFrom(1 as const, 3 as const),
      phaseRotation: constantFrom('RST' as const, 'STR' as const, 'TRS' as const),
      minCurrentA: constantFrom(6, 8, 10),
    }),
    { maxLength: 5 },
  ),
})
const aSite = record({
  yardA: integer({ min: 0, max: 120 }),
  yardWindows: array(aWindow, { maxLength: 4 }),
  groups: array(aGroup, { minLength: 1, maxLength: 3 }),
  timezone: constantFrom('Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC'),
  // Around the changes of 2026 in Europe, too.
  startMs: constantFrom('2026-06-01T11:17:20Z', '2026-03-28T15:40:00Z', '2026-10-24T15:40:31Z').map(
    (text) => Date.parse(text),
  ),
})

type SiteOf = typeof aSite extends Arbitrary<infer T> ? T : never

function treeOf({ yardA, yardWindows, groups, timezone }: SiteOf): {
  tree: Tree
  rules: typeof RULES
} {
  const rules = { ...RULES, timezone }
  const depot = aDepot(
    [
      aConstraint('yard', yardA, { schedule: yardWindows }),
      ...groups.map(({ limitA, baseLoadA, schedule }, index) =>
        aConstraint(`g${index}`, limitA, {
          type: 'charge_group',
          parentId: 'yard',
          baseLoadA,
          schedule,
        }),
      ),
    ],
    groups.flatMap(({ chargers }, group) =>
      chargers.map(({ priority, ...evse }, index) =>
        aCharger(`g${group}c${index}`, `g${group}`, { priority, evses: [anEvse(1, evse)] }),
      ),
    ),
  )
  return { tree: buildTree(depot, rules), rules }
}

/** Which nodes the currents and the base load overdraw at this instant. */
function overdrawn(
  tree: Tree,
  rules: typeof RULES,
  wallMs: number,
  currentA: readonly number[],
): readonly string[] {
  return tree.nodes.flatMap((node) => {
    const below = tree.nodes.filter(({ path }) => path.includes(node.index))
    const baseA = below.reduce((sum, { baseLoadA }) => sum + baseLoadA, 0)
    const sums = [baseA, baseA, baseA]
    for (const { index, path, mask } of tree.evses) {
      if (!path.includes(node.index)) continue
      mask.forEach((isOn, phase) => {
        if (isOn) sums[phase] = (sums[phase] ?? 0) + (currentA[index] ?? 0)
      })
    }
    const power = sums.reduce((sum, phaseA) => sum + phaseA, 0)
    // Where the base load alone is too much, nobody can do anything.
    const chargersA = power - 3 * baseA
    if (chargersA === 0) return []
    const windows = windowsAt(node.windows, wallMs, rules.timezone)
    const phaseLimitA = Math.min(
      ...node.limits.flatMap((limit) => limit.currentA ?? []),
      ...windows.flatMap(({ maxCurrentA }) => maxCurrentA ?? []),
    )
    const powerLimitA = Math.min(
      ...node.limits.map(({ powerA }) => powerA ?? Infinity),
      ...windows.map(({ maxPowerKw = Infinity }) => (maxPowerKw * 1000) / 230),
    )
    const isOver = Math.max(...sums) > phaseLimitA + 0.01 || power > powerLimitA + 0.01
    return isOver
      ? [`${node.id}: ${sums.join(' ')} of ${phaseLimitA}, ${power} of ${powerLimitA}`]
      : []
  })
}

test('what is sent fits every limit for two days, whatever the clocks and whoever knows of it', (t) => {
  let scheduled = 0
  assert(
    property(aSite, array(boolean(), { minLength: 15, maxLength: 15 }), (site, knows) => {
      const { tree, rules } = treeOf(site)
      const { startMs } = site
      const lowestA = fallbacks(tree, rules).currentA
      const schedules = fallbackSchedules(tree, rules, lowestA, startMs)
      const profiles = tree.evses.map(({ index }) =>
        onTheWire(lowestA[index] ?? 0, knows[index] === true ? schedules[index] : undefined),
      )
      if (schedules.some(Boolean)) scheduled += 1
      const edges = windowEdges(
        tree.nodes.flatMap(({ windows }) => windows),
        rules.timezone,
        startMs,
        startMs + 50 * HOUR_MS,
      )
      const changes = profiles.flatMap(({ periods }) => periods.map(({ startS }) => startS * 1000))
      const instants = [startMs, ...edges, ...changes.filter((ms) => ms > startMs)].flatMap((ms) =>
        [-MINUTE_MS, -1, 0, 1000, MINUTE_MS, 45_000].map((aroundMs) => ms + aroundMs),
      )
      for (const wallMs of instants) {
        const currentA = profiles.map((profile) => worstA(profile, wallMs))
        const broken = overdrawn(tree, rules, wallMs, currentA)
        if (broken.length > 0) throw new Error(`${new Date(wallMs).toISOString()} ${broken.join()}`)
      }
      profiles.forEach((profile, index) => {
        const lowA = lowestA[index] ?? 0
        for (const wallMs of [
          HOUR_MS,
          5 * 365 * 24 * HOUR_MS,
          startMs + 48 * HOUR_MS + CLOCK_ERROR_MS,
        ]) {
          if (worstA(profile, wallMs) !== lowA) throw new Error(`not ${lowA} A at ${wallMs}`)
        }
        if (profile.periods.length > 12) throw new Error(`${profile.periods.length} periods`)
      })
    }),
    { numRuns: 150 },
  )
  t.ok(scheduled > 20, `${scheduled} sites with a schedule`)
  t.end()
})

const EVENING: LimitWindow = { from: '17:00', to: '20:00', maxCurrentA: [14, 14, 14] }
/** A Monday noon in Berlin. */
const NOON_MS = Date.parse('2026-06-01T10:00:00Z')

function yard(limitA: number, count: number, schedule: readonly LimitWindow[]): Tree {
  const chargers = Array.from({ length: count }, (_, index) => aCharger(`c${index}`, 'group'))
  const group = aConstraint('group', limitA, { type: 'charge_group', schedule })
  return buildTree(aDepot([group], chargers), RULES)
}

function clockOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19)
}

test('a tight evening is left early and re-entered late, and the third day is the lowest', async (t) => {
  const tree = yard(30, 4, [EVENING])
  const lowestA = fallbacks(tree, RULES).currentA
  t.same(lowestA, [6, 6, 0, 0])
  const [first, , third] = fallbackSchedules(tree, RULES, lowestA, NOON_MS)
  t.equal(first, undefined, 'who goes on in the evening needs no schedule')
  t.same(
    third?.steps.map(({ fromMs, limitA }) => `${clockOf(fromMs)} ${limitA}`),
    [
      '00:00:00 0',
      '09:46:45 6',
      '14:58:15 0',
      '18:01:45 6',
      '14:58:15 0',
      '18:01:45 6',
      '10:00:00 0',
    ],
  )
  t.equal(third?.untilMs, NOON_MS + 48 * HOUR_MS)
})

test('an exception is followed on its day, and the lowest of all is the lowest fallback', async (t) => {
  const tree = yard(30, 3, [
    { from: '00:00', to: '24:00', maxCurrentA: [14, 14, 14] },
    { kind: 'exception', dates: ['2026-06-02'], from: '08:00', to: '18:00' },
    {
      kind: 'event',
      from: '2026-12-24T16:00',
      to: '2026-12-24T24:00',
      maxCurrentA: [7, 7, 7],
    },
  ])
  t.same(fallbacks(tree, RULES).currentA, [6, 0, 0], '7 A on Christmas Eve')
  const [, second, third] = fallbackSchedules(tree, RULES, [6, 0, 0], NOON_MS)
  t.same(
    third?.steps.map(({ fromMs, limitA }) => `${clockOf(fromMs)} ${limitA}`),
    ['00:00:00 0', '06:01:45 6', '15:58:15 0'],
    'two fit into 14 A, three when nothing but 30 A holds',
  )
  t.equal(valueAt(second ?? { steps: [], untilMs: 0 }, NOON_MS + HOUR_MS), 6)
})

test('stated fallbacks that do not fit an event are refused with the arithmetic', async (t) => {
  const more = { evses: [anEvse(1, { fallbackCurrentA: 10 })] }
  const event: LimitWindow = {
    kind: 'event',
    from: '2026-12-24T16:00',
    to: '2026-12-24T24:00',
    maxCurrentA: [15, 15, 15],
  }
  const group = aConstraint('group', 30, { type: 'charge_group', baseLoadA: 1, schedule: [event] })
  const depot = aDepot(
    [group],
    ['a', 'b'].map((id) => aCharger(id, 'group', more)),
  )
  const [problem] = fallbacks(buildTree(depot, RULES), RULES).problems
  t.match(
    problem?.message,
    /add up to 20\.0 A on L1, but its lowest limit .* leaves 14\.0 A: 6\.0 A/,
  )
})

test('windows that leave room for every fallback make no schedule', async (t) => {
  const tree = yard(100, 4, [{ ...EVENING, maxCurrentA: [50, 50, 50] }])
  const schedules = fallbackSchedules(tree, RULES, fallbacks(tree, RULES).currentA, NOON_MS)
  t.same(schedules, [undefined, undefined, undefined, undefined])
})

test('a day with more edges than a charger takes ends early, at the lowest', async (t) => {
  const busy = Array.from({ length: 12 }, (_, index): LimitWindow => {
    const hour = (at: number): string => `${String(at).padStart(2, '0')}:00`
    return { from: hour(2 * index), to: hour(2 * index + 1), maxCurrentA: [5, 5, 5] }
  })
  const tree = yard(30, 1, busy)
  const [schedule] = fallbackSchedules(tree, RULES, [0], NOON_MS)
  t.equal(schedule?.steps.length, 11)
  t.equal(schedule?.steps.at(-1)?.limitA, 0)
  t.ok((schedule?.untilMs ?? 0) < NOON_MS + 12 * HOUR_MS)
})

test('a room of a few minutes between two windows is no use', async (t) => {
  const windows: LimitWindow[] = [
    { from: '13:00', to: '15:00', maxCurrentA: [5, 5, 5] },
    { from: '15:03', to: '12:00', maxCurrentA: [5, 5, 5] },
  ]
  const [schedule] = fallbackSchedules(yard(30, 1, windows), RULES, [0], NOON_MS)
  const highs = schedule?.steps
    .filter(({ limitA }) => limitA > 0)
    .map(({ fromMs }) => clockOf(fromMs))
  t.same(highs, ['10:01:45', '10:01:45'], 'only the hour from noon on')
})

test('edges follow the clocks of the zone through the changes of summer time', async (t) => {
  const night: LimitWindow = { from: '02:30', to: '04:00', maxPowerKw: 1 }
  for (const [day, expected] of [
    ['2026-03-28T20:00Z', ['23:00', '01:00', '02:00', '22:00']],
    ['2026-10-24T20:00Z', ['22:00', '00:30', '01:00', '01:30', '03:00', '23:00']],
  ] as const) {
    const fromMs = Date.parse(day)
    const edges = windowEdges([night], 'Europe/Berlin', fromMs, fromMs + 28 * HOUR_MS)
    t.same(
      edges.map((ms) => clockOf(ms).slice(0, 5)),
      expected,
      day,
    )
  }
})

test('of an update nobody answered the higher counts at every instant', (t) => {
  const schedule = array(
    record({ inMin: integer({ min: 1, max: 500 }), limitA: integer({ min: 0, max: 9 }) }),
    {
      maxLength: 6,
    },
  ).map((changes): FallbackSchedule => {
    const sorted = changes.toSorted((a, b) => a.inMin - b.inMin)
    const steps = sorted.map(({ inMin, limitA }) => ({ fromMs: inMin * MINUTE_MS, limitA }))
    return { steps: [{ fromMs: 0, limitA: 0 }, ...steps], untilMs: HOUR_MS }
  })
  assert(
    property(schedule, schedule, integer({ min: 0, max: 600 }), (a, b, minute) => {
      const both = higherOf(a, b)
      const wallMs = minute * MINUTE_MS
      const most = Math.max(valueAt(a, wallMs), valueAt(b, wallMs))
      return valueAt(both, wallMs) === most && highestWithin(both, wallMs, wallMs) === most
    }),
  )
  assert(property(schedule, (a) => isSameAhead(a, higherOf(a, a), 0)))
  t.end()
})

/** One charger that may go on by day and not in the evening, controlled from noon on. */
interface Lone {
  readonly site: Site
  readonly ledger: EvseLedger
  /** Lets time pass at once. */
  pass(ms: number): void
  happen(event: SiteEvent): void
  /** What it must be told now. */
  told(): WantedFallback | undefined
  /** It is told so and answers. */
  answer(answer: 'accepted' | 'refused' | 'none'): void
  /** Its clock, less ours. */
  seeClock(offsetMs: number): void
}

const ADDRESS = { chargePointId: 'CP_c0', connectorId: 1 } as const
const TIGHT: LimitWindow = { from: '17:00', to: '20:00', maxCurrentA: [5, 5, 5] }

function aLone(): Lone {
  const chargers = [aCharger('c0', 'group')]
  const group = aConstraint('group', 30, { type: 'charge_group', schedule: [TIGHT] })
  const at = { nowMs: 1_000, wallMs: NOON_MS }
  const site = createSite(RULES, aDepot([group], chargers), at.nowMs)
  const chargePoint = site.chargePoints.get('CP_c0')
  const connector = chargePoint?.connectors.get(1)
  if (!chargePoint || !connector) throw new Error('no charger')
  const { ledger } = connector
  const lone: Lone = {
    site,
    ledger,
    pass(ms) {
      at.nowMs += ms
      at.wallMs += ms
      noteClock(site.clock, at.nowMs, at.wallMs)
      followFallbacks(site, at)
    },
    happen: (event) => reduce(site, event, at),
    told() {
      const form = standingForm(ledger.forms.fallback)
      return fallbackToTell(
        site,
        { evseIndex: 0, chargePoint, connector, form, isDoubtful: false },
        at.nowMs,
      )
    },
    answer(answer) {
      const form = standingForm(ledger.forms.fallback)
      const { limitA = 0, schedule } = lone.told() ?? {}
      const times = { sentAtMs: at.nowMs, durationMs: 0, longestMs: 0 }
      const what = {
        purpose: 'fallback',
        form,
        limitA,
        schedule,
        transactionId: undefined,
      } as const
      lone.happen({ type: 'profileSent', ...ADDRESS, inFlight: { ...what, ...times } })
      lone.happen({ type: 'profileAnswered', ...ADDRESS, answer })
    },
    seeClock(offsetMs) {
      lone.happen({ type: 'clockSeen', chargePointId: 'CP_c0', offsetMs })
    },
  }
  lone.pass(0)
  lone.happen({ type: 'connected', chargePointId: 'CP_c0' })
  lone.happen({ type: 'spoke', chargePointId: 'CP_c0' })
  return lone
}

/** It knows its schedule. */
function aTold(): Lone {
  const lone = aLone()
  lone.answer('accepted')
  lone.seeClock(2_000)
  lone.answer('accepted')
  return lone
}

test('a charger is told of the day when its clock was seen, and again when half of it is over', async (t) => {
  const lone = aLone()
  t.same(lone.told(), { limitA: 0, schedule: undefined })
  lone.answer('accepted')
  t.equal(lone.told(), undefined, 'the lowest is what it has')
  lone.seeClock(2_000)
  t.equal(lone.told()?.limitA, 6)
  lone.answer('accepted')
  t.equal(lone.told(), undefined)
  for (let hour = 1; hour <= 24; hour++) {
    lone.pass(HOUR_MS)
    t.equal(lone.told(), undefined, `after ${hour} h`)
  }
  lone.pass(HOUR_MS)
  t.equal(lone.told()?.schedule?.untilMs, NOON_MS + 73 * HOUR_MS)
})

test('the books follow the edges: a fall 45 s before, a rise 45 s before anybody can rise', async (t) => {
  const lone = aTold()
  const atClock = (local: string): void => {
    const wallMs = Date.parse(`2026-06-01T${local}+02:00`)
    lone.pass(wallMs - NOON_MS - passedMs)
    passedMs = wallMs - NOON_MS
  }
  let passedMs = 0
  for (const [local, expectedA] of [
    ['16:59:14', 6],
    ['16:59:15', 0],
    ['19:59:59', 0],
    ['20:00:00', 6],
  ] as const) {
    atClock(local)
    t.equal(lone.ledger.fallbackA, expectedA, local)
    t.equal(lone.site.fallbackA[0], expectedA, local)
    t.equal(lone.told(), undefined, local)
  }
})

test('a new connection leaves a schedule as it is, a boot and a wrong clock do not', async (t) => {
  const lone = aTold()
  lone.happen({ type: 'disconnected', chargePointId: 'CP_c0' })
  lone.happen({ type: 'connected', chargePointId: 'CP_c0' })
  t.equal(lone.told(), undefined, 'its clock has not been seen yet')
  lone.seeClock(-200_000)
  t.same(lone.told(), { limitA: 0, schedule: undefined }, 'its clock is late')
  lone.seeClock(1_000)
  t.equal(lone.told(), undefined, 'it was an old message')
  lone.happen({ type: 'rebooted', chargePointId: 'CP_c0' })
  t.equal(lone.ledger.fallbackA, undefined)
  t.same(lone.told(), { limitA: 0, schedule: undefined })
})

test('an update that is not answered counts as both, and is sent again', async (t) => {
  const lone = aLone()
  lone.answer('accepted')
  lone.seeClock(0)
  lone.answer('none')
  t.equal(lone.ledger.fallbackA, 6)
  t.ok(lone.told()?.schedule)
  lone.pass(6 * HOUR_MS)
  t.equal(lone.ledger.fallbackA, 0, 'in the evening neither allows anything')
})

test('who refuses a schedule is told the lowest at once, and asked again a day later', async (t) => {
  const lone = aTold()
  lone.pass(25 * HOUR_MS)
  lone.answer('refused')
  t.same(lone.told(), { limitA: 0, schedule: undefined })
  t.equal(lone.ledger.forms.fallback.index, 0, 'in the same form')
  lone.answer('accepted')
  t.equal(lone.told(), undefined)
  lone.pass(24 * HOUR_MS)
  t.ok(lone.told()?.schedule)
})

test('the mark on disk is the highest of a schedule, whatever holds now', async (t) => {
  const lone = aTold()
  lone.pass(6 * HOUR_MS)
  t.equal(lone.ledger.fallbackA, 0)
  lowerMark(lone.ledger, 0)
  t.same(lowerMark(lone.ledger, HOUR_MS), { markA: 0, fallbackA: 6 })
})

test('a jump of our clock makes a schedule count by the old time and by the new one', async (t) => {
  const lone = aTold()
  lone.pass(HOUR_MS)
  // It is 13:00 for the charger and 18:00 for us.
  const at = { nowMs: 1_000 + HOUR_MS, wallMs: NOON_MS + 6 * HOUR_MS }
  noteJump(lone.site, noteClock(lone.site.clock, at.nowMs, at.wallMs), at.nowMs)
  followFallbacks(lone.site, at)
  t.equal(lone.ledger.fallbackA, 6)
  t.equal(lone.site.fallbackA[0], 0)
  t.same(lone.told(), { limitA: 0, schedule: undefined })
  // A clock that was never set.
  followFallbacks(lone.site, { nowMs: at.nowMs, wallMs: 0 })
  t.equal(lone.ledger.fallbackA, 6)
  t.equal(lone.site.fallbackA[0], 0)
})
