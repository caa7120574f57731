/** Days from calendar files, as calendars of public holidays come. */
import { test } from 'tap'
import { icsDates } from '../../src/config/import/ics-dates.js'

function calendar(...lines: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n')
}

function event(...lines: readonly string[]): string[] {
  return ['BEGIN:VEVENT', ...lines, 'END:VEVENT']
}

test('all-day events are the days of the list, sorted, with their names', async (t) => {
  const text = calendar(
    ...event(
      'UID:2',
      'DTSTART;VALUE=DATE:20261225',
      'DTEND;VALUE=DATE:20261227',
      'SUMMARY:Christmas',
    ),
    'BEGIN:VTIMEZONE',
    'END:VTIMEZONE',
    ...event(
      'DTSTART;X-NOTE="a:b";VALUE=DATE:20260501',
      'SUMMARY:Labour Day\\, a long',
      ' er name',
      'BEGIN:VALARM',
      'DTSTART:20200101',
      'END:VALARM',
    ),
  )
  t.same(icsDates(text), {
    ok: true,
    dates: [
      { date: '2026-05-01', name: 'Labour Day, a longer name' },
      { date: '2026-12-25', name: 'Christmas' },
      { date: '2026-12-26', name: 'Christmas' },
    ],
  })
})

test('what recurs each year is written out', async (t) => {
  const read = icsDates(
    calendar(
      ...event('DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'),
      ...event('DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;UNTIL=20280601'),
      ...event('DTSTART;TZID=Europe/Berlin:20260601T180000', 'DTEND:20260602T020000Z'),
    ),
  )
  t.same(read.ok && read.dates.map(({ date }) => date), [
    '2024-02-29',
    '2026-01-01',
    '2026-06-01',
    '2026-06-02',
    '2027-01-01',
    '2028-01-01',
    '2028-02-29',
    '2032-02-29',
  ])
})

for (const [what, text, expected] of [
  ['no calendar', 'hello', '1:1 is no calendar file: it must begin with BEGIN:VCALENDAR'],
  [
    'a day that is not there',
    calendar(...event('DTSTART;VALUE=DATE:20260230')),
    '4:20 must be a date such as 20261225, got "20260230"',
  ],
  [
    'a rule that moves',
    calendar(...event('DTSTART:20260403', 'RRULE:FREQ=YEARLY;BYDAY=1SU')),
    '5:7 only FREQ=YEARLY with COUNT, UNTIL or nothing can be read, got "FREQ=YEARLY;BYDAY=1SU": ' +
      'write the dates out',
  ],
  [
    'an event without a day',
    calendar(...event('SUMMARY:x')),
    '3:7 this VEVENT has no DTSTART: give it a date, or remove it',
  ],
  [
    'half a file',
    'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101',
    '2:7 has no END:VEVENT: the file is not whole',
  ],
] as const) {
  test(`refused with its place: ${what}`, async (t) => {
    const read = icsDates(text)
    t.same(read.ok || read.problems.map((one) => `${one.line}:${one.column} ${one.message}`), [
      expected,
    ])
  })
}
