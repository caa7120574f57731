/** Which entry of a schedule wins when: events, exceptions, weeks, seasons, the default. */
import { test } from 'tap'
import { array, assert, constantFrom, integer, oneof, option, property, record } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { passOf } from '../../src/core/schedule/repeated-time.js'
import { nextTime } from '../../src/core/schedule/next-time.js'
import { windowsAt } from '../../src/core/schedule/windows-at.js'
import { withHolidays } from '../../src/core/schedule/windows.js'
import type { LimitWindow, Weekday } from '../../src/core/schedule/windows.js'
import { windowsInForce } from '../../src/testing/simulation/window-truth.js'

const ZONE = 'Europe/Berlin'

const rest: LimitWindow = { kind: 'default', from: '00:00', to: '24:00', maxPowerKw: 60 }
const evening: LimitWindow = { from: '17:00', to: '20:00', maxPowerKw: 10 }
const winter: LimitWindow = {
  from: '16:00',
  to: '21:00',
  season: { from: '11-01', to: '02-28' },
  maxPowerKw: 8,
}
const summer2026: LimitWindow = {
  from: '22:00',
  to: '02:00',
  season: { from: '2026-06-01', to: '2026-08-31' },
  maxPowerKw: 90,
}
const christmas: LimitWindow = {
  kind: 'exception',
  dates: ['2026-12-24/2026-12-26', '2027-01-01'],
  from: '00:00',
  to: '24:00',
}
const lateHoliday: LimitWindow = {
  kind: 'exception',
  dates: ['2026-06-13'],
  from: '20:00',
  to: '04:00',
  maxPowerKw: 30,
}
const party: LimitWindow = {
  kind: 'event',
  name: 'yard party',
  from: '2026-06-14T16:00',
  to: '2026-06-14T24:00',
  maxPowerKw: 40,
}
const ALL = [rest, evening, winter, summer2026, christmas, lateHoliday, party]

for (const [title, local, expected] of [
  ['the default holds when nothing else does', '2026-06-10T12:00+02:00', rest],
  ['a window of the week replaces the default', '2026-06-10T17:00+02:00', evening],
  ['outside of its season a window is not there', '2026-06-10T16:30+02:00', rest],
  ['a season runs over New Year', '2027-01-10T16:30+01:00', winter],
  ['a season begins with its first day', '2026-11-01T16:00+01:00', winter],
  ['the day after a season is outside', '2027-03-01T16:30+01:00', rest],
  ['a season may be of one year', '2026-07-01T23:00+02:00', summer2026],
  ['past midnight a season is that of the day before', '2026-09-01T01:00+02:00', summer2026],
  ['... and not of the day', '2026-06-01T01:00+02:00', rest],
  ['another year is no season of this one', '2027-07-01T23:00+02:00', rest],
  ['an exception replaces the windows of the week', '2026-12-25T18:00+01:00', christmas],
  ['the last day of a range belongs to it', '2026-12-26T23:59+01:00', christmas],
  ['the day after a range does not', '2026-12-27T18:00+01:00', undefined],
  ['an exception holds past midnight', '2026-06-14T03:59+02:00', lateHoliday],
  ['... and ends there', '2026-06-14T04:00+02:00', rest],
  ['an event replaces all else', '2026-06-14T18:00+02:00', party],
  ['an event begins at its minute', '2026-06-14T15:59+02:00', rest],
  ['24:00 is the end of an event', '2026-06-14T23:59+02:00', party],
  ['... and not a minute more', '2026-06-15T00:00+02:00', summer2026],
  ['an event is once', '2027-06-14T18:00+02:00', evening],
] as const) {
  test(title, async (t) => {
    const found = windowsAt(ALL, Date.parse(local), ZONE)
    // In winter the evening and the season hold together.
    t.same(found, expected ? [expected] : [evening, winter])
  })
}

test('a zone of its own is the one its times are in', async (t) => {
  const at = Date.parse('2026-06-10T17:30Z')
  t.same(windowsAt([evening], at, 'Europe/Lisbon'), [evening])
  t.same(windowsAt([evening], at, 'Europe/Helsinki'), [])
})

test('a list of holidays gives an exception its dates', async (t) => {
  const named: LimitWindow = { kind: 'exception', holidays: 'nrw', from: '00:00', to: '24:00' }
  const known = withHolidays(named, new Map([['nrw', ['2026-06-04']]]))
  t.same(windowsAt([evening, known], Date.parse('2026-06-04T18:00+02:00'), ZONE), [known])
  t.same(windowsAt([evening, known], Date.parse('2026-06-05T18:00+02:00'), ZONE), [evening])
})

test('an exception of a list that is not there may be today: it lowers and replaces nothing', async (t) => {
  const lost = withHolidays(
    { kind: 'exception', holidays: 'nrw', from: '00:00', to: '24:00', maxPowerKw: 5 },
    new Map(),
  )
  t.same(windowsAt([evening, lost], Date.parse('2026-06-05T18:00+02:00'), ZONE), [evening, lost])
})

// 25 October 2026: 02:00 to 03:00 comes twice, from 00:00Z and from 01:00Z on.
for (const [title, window, instants] of [
  [
    'that ends in it lasts to the last of its ends',
    { from: '01:00', to: '02:30', maxPowerKw: 1 },
    ['22:59 -', '23:00 +', '00:20 +', '00:45 +', '01:29 +', '01:30 -'],
  ],
  [
    'that begins in it lasts from the first of its starts',
    { from: '02:30', to: '04:00', maxPowerKw: 1 },
    ['00:29 -', '00:30 +', '01:10 +', '01:45 +', '02:59 +', '03:00 -'],
  ],
  [
    'within it lasts from its first start to its last end',
    { from: '02:10', to: '02:20', maxPowerKw: 1 },
    ['00:09 -', '00:10 +', '00:59 +', '01:00 +', '01:19 +', '01:20 -'],
  ],
  [
    'of a day with a date is no other',
    { kind: 'event', from: '2026-10-25T02:10', to: '2026-10-25T02:20', maxPowerKw: 1 },
    ['00:09 -', '00:10 +', '00:59 +', '01:19 +', '01:20 -'],
  ],
  [
    'that ends before it is not touched',
    { from: '01:00', to: '02:00', maxPowerKw: 1 },
    ['23:59 +', '00:00 -', '00:59 -', '01:00 -'],
  ],
] as const) {
  test(`where the clocks go back a window ${title}`, async (t) => {
    for (const instant of instants) {
      const [clock = '', sign] = instant.split(' ')
      const day = clock > '12:00' ? '2026-10-24' : '2026-10-25'
      const found = windowsAt([window], Date.parse(`${day}T${clock}Z`), ZONE)
      t.equal(found.length === 1 ? '+' : '-', sign, instant)
    }
  })
}

test('in a repeated hour an exception that allows more replaces nothing that holds once', async (t) => {
  const night: LimitWindow = { from: '22:00', to: '06:00', maxPowerKw: 5 }
  const more: LimitWindow = {
    kind: 'exception',
    dates: ['2026-10-25'],
    from: '02:00',
    to: '02:30',
    maxPowerKw: 50,
  }
  // 02:45 for the first time: by the clock of the wall the exception is over.
  const found = windowsAt([night, more], Date.parse('2026-10-25T00:45Z'), ZONE)
  t.same(new Set(found), new Set([night, more]), 'the lower of both readings binds')
})

test('half an hour repeated is known too', async (t) => {
  // Lord Howe: 5 April 2026 at 02:00 the clocks go back to 01:30.
  const zone = 'Australia/Lord_Howe'
  const window: LimitWindow = { from: '01:30', to: '01:40', maxPowerKw: 1 }
  const at = (clock: string): number =>
    windowsAt([window], Date.parse(`2026-04-04T${clock}Z`), zone).length
  t.same(['14:29', '14:30', '14:55', '15:09', '15:10'].map(at), [0, 1, 1, 1, 0])
})

/** Local times, dates and kinds around the changes of the clocks and of the year. */
function anyWindow(): Arbitrary<LimitWindow> {
  const clock = constantFrom('00:00', '01:30', '02:15', '03:00', '12:00', '23:45')
  const date = constantFrom('2026-03-29', '2026-10-25', '2026-12-31', '2027-01-01')
  const times = { from: clock, to: constantFrom('00:00', '02:30', '03:15', '17:00', '24:00') }
  return oneof(
    record({
      ...times,
      days: option(constantFrom<readonly Weekday[]>(['sun'], ['mon', 'fri'])),
    }).map(({ days, from, to }): LimitWindow => (days ? { from, to, days } : { from, to })),
    record({
      ...times,
      first: constantFrom('10-20', '12-30'),
      last: constantFrom('01-01', '11-05'),
    })
      // In a year or over its end.
      .map(({ from, to, first, last }): LimitWindow => ({
        from,
        to,
        season: { from: first, to: last },
      })),
    record({ ...times, day: date }).map(({ from, to, day }): LimitWindow => ({
      kind: 'exception',
      dates: [day],
      from,
      to,
    })),
    record({ day: date, from: clock }).map(({ day, from }): LimitWindow => ({
      kind: 'event',
      from: `${day}T${from}`,
      to: `${day}T24:00`,
    })),
    constantFrom<LimitWindow>({ kind: 'default', from: '00:00', to: '24:00' }),
  )
}

test('the judge of the simulation reads schedules in words of its own and finds the same', async () => {
  const days = ['2026-03-28', '2026-10-24', '2026-12-30', '2027-01-01'].map((day) =>
    Date.parse(`${day}T12:00Z`),
  )
  assert(
    property(
      array(anyWindow(), { maxLength: 6 }),
      constantFrom(...days),
      integer({ min: 0, max: 2 * 1440 }),
      (windows, day, minute) => {
        const at = day + minute * 60_000
        const found = new Set(windowsAt(windows, at, ZONE))
        const judged = windowsInForce(windows, at, ZONE)
        const once = passOf(at, ZONE).length === 0
        return (
          judged.every((window) => found.has(window)) &&
          (!once || found.size === new Set(judged).size)
        )
      },
    ),
    { numRuns: 2_000 },
  )
})

for (const [title, from, clock, expected] of [
  ['today, if it is still to come', '2026-06-10T20:00Z', '22:30', '2026-06-10T20:30Z'],
  ['tomorrow, if it is now', '2026-06-10T20:30Z', '22:30', '2026-06-11T20:30Z'],
  ['tomorrow, if it has passed', '2026-06-10T20:31Z', '22:30', '2026-06-11T20:30Z'],
  ['the first instant after a skipped time', '2026-03-29T00:10Z', '02:30', '2026-03-29T01:00Z'],
  ['the first of a time that comes twice', '2026-10-25T00:10Z', '02:30', '2026-10-25T00:30Z'],
] as const) {
  test(`the next time of day is ${title}`, async (t) => {
    t.equal(nextTime(Date.parse(from), clock, ZONE), Date.parse(expected))
  })
}
