import {
  array,
  assert,
  constant,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  subarray,
  tuple,
} from 'fast-check'
import { test } from 'tap'
import { windowsAt } from '../../../src/core/schedule/windows-at.js'
import type { LimitWindow } from '../../../src/core/schedule/windows.js'
import { windowsInForce } from '../../../src/testing/simulation/window-truth.js'

const MINUTE_MS = 60_000

const clock = integer({ min: 0, max: 1439 }).map((minute) =>
  new Date(minute * MINUTE_MS).toISOString().slice(11, 16),
)

const weekly = record(
  {
    days: subarray(['mon', 'sat', 'sun'] as const, { minLength: 1 }),
    from: clock,
    to: oneof(clock, constant('24:00')),
  },
  { requiredKeys: ['from', 'to'] },
)

const exception = record({
  kind: constant('exception' as const),
  dates: constantFrom(['2026-10-25'], ['2026-03-28/2026-03-29'], ['2026-01-01']),
  from: clock,
  to: clock,
})

/** Around the days on which clocks are changed, and an ordinary one. */
const CHANGES: readonly { readonly zone: string; readonly aroundMs: number }[] = [
  { zone: 'Europe/Berlin', aroundMs: Date.parse('2026-10-25T01:00Z') },
  { zone: 'Europe/Berlin', aroundMs: Date.parse('2026-03-29T01:00Z') },
  { zone: 'America/New_York', aroundMs: Date.parse('2026-11-01T06:00Z') },
  { zone: 'Australia/Lord_Howe', aroundMs: Date.parse('2026-04-04T15:00Z') },
  { zone: 'Asia/Kolkata', aroundMs: Date.parse('2026-06-15T12:00Z') },
]

const instant = tuple(
  constantFrom(...CHANGES),
  oneof(integer({ min: -150, max: 150 }), integer({ min: -2000, max: 2000 })),
)

test('the judge and the controller agree on what is in force, also while clocks are changed', (t) => {
  t.doesNotThrow(() =>
    assert(
      property(
        array(oneof(weekly, exception), { minLength: 1, maxLength: 4 }),
        instant,
        (windows: readonly LimitWindow[], [{ zone, aroundMs }, minutes]) => {
          const atMs = aroundMs + minutes * MINUTE_MS
          const ruling = new Set(windowsAt(windows, atMs, zone))
          const judged = new Set(windowsInForce(windows, atMs, zone))
          return [...judged].every((one) => ruling.has(one)) && judged.size === ruling.size
        },
      ),
      { numRuns: 3000 },
    ),
  )
  t.end()
})

test('of a time that comes twice a window lasts from its first beginning to its last end', (t) => {
  const windows = [{ from: '02:06', to: '02:23' }]
  const inForce = (time: string): boolean =>
    windowsInForce(windows, Date.parse(`2026-10-25T${time}Z`), 'Europe/Berlin').length > 0
  t.strictSame(
    ['00:05', '00:06', '00:40', '01:03', '01:22', '01:23'].map((time) => inForce(time)),
    [false, true, true, true, true, false],
  )
  t.end()
})
