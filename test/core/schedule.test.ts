import { test } from 'tap'
import { instantsToHonour, noteClock } from '../../src/core/limits/clock-caution.js'
import { windowsAt } from '../../src/core/schedule/windows-at.js'
import type { LimitWindow } from '../../src/core/schedule/windows.js'

const ZONE = 'Europe/Berlin'

function isOpen(window: LimitWindow, instant: string): boolean {
  return windowsAt([window], Date.parse(instant), ZONE).length === 1
}

const evening: LimitWindow = { from: '17:00', to: '20:00', maxPowerKw: 10 }
const night: LimitWindow = { from: '22:00', to: '06:00', maxPowerKw: 10 }
const fridayNight: LimitWindow = { ...night, days: ['fri'] }
const untilMidnight: LimitWindow = { from: '18:00', to: '24:00', maxPowerKw: 10 }
const early: LimitWindow = { from: '02:30', to: '03:30', maxPowerKw: 10 }

for (const [title, window, instant, expected] of [
  ['starts at its first minute', evening, '2026-06-01T15:00:00Z', true],
  ['is closed a second before', evening, '2026-06-01T14:59:59Z', false],
  ['is closed at its end', evening, '2026-06-01T18:00:00Z', false],
  ['runs past midnight: before', night, '2026-06-01T21:30:00Z', true],
  ['runs past midnight: after', night, '2026-06-02T03:59:00Z', true],
  ['runs past midnight: ended', night, '2026-06-02T04:00:00Z', false],
  [
    'past midnight belongs to the day it starts: Saturday morning',
    fridayNight,
    '2026-06-06T02:00:00Z',
    true,
  ],
  [
    'past midnight belongs to the day it starts: Friday morning',
    fridayNight,
    '2026-06-05T02:00:00Z',
    false,
  ],
  ['ends with the day at 24:00', untilMidnight, '2026-06-01T21:59:00Z', true],
  ['is closed after 24:00', untilMidnight, '2026-06-01T22:00:00Z', false],
  // 29 March 2026: 02:00 to 03:00 does not exist in Berlin; 01:00Z is 03:00 local.
  ['in the spring gap starts at the first valid instant', early, '2026-03-29T01:00:00Z', true],
  ['is closed before the spring gap', early, '2026-03-29T00:59:00Z', false],
  // 25 October 2026: 02:00 to 03:00 comes twice.
  ['covers the first of a repeated hour', early, '2026-10-25T00:30:00Z', true],
  ['covers the second of a repeated hour', early, '2026-10-25T01:30:00Z', true],
] as const) {
  test(`a window ${title}`, async (t) => {
    t.equal(isOpen(window, instant), expected)
  })
}

test('a known fall is honoured ahead of its edge, a rise is not', async (t) => {
  const clock = { offsetMs: undefined, cautiousUntilMs: -Infinity, oldOffsetMs: 0 }
  const open = (instant: string): boolean => {
    const instants = instantsToHonour(clock, 1000, Date.parse(instant))
    if (instants === 'all') return true
    return instants.some((at) => windowsAt([evening], at, ZONE).length > 0)
  }
  t.equal(open('2026-06-01T14:59:00Z'), false, 'a minute before it is not prepared yet')
  t.equal(open('2026-06-01T14:59:20Z'), true, '40 s before it is')
  t.equal(open('2026-06-01T17:59:50Z'), true, 'shortly before the end it still holds')
  t.equal(open('2026-06-01T18:00:00Z'), false)
})

test('after a jump of the wall clock the lower of old and new time holds for a minute', async (t) => {
  const clock = { offsetMs: undefined, cautiousUntilMs: -Infinity, oldOffsetMs: 0 }
  const evening1730 = Date.parse('2026-06-01T15:30:00Z')
  t.equal(noteClock(clock, 1_000, evening1730), 0)
  t.equal(noteClock(clock, 2_000, evening1730 + 1_500), 0, 'slewing is not a jump')
  const jumped = evening1730 + 6 * 3_600_000
  t.ok(noteClock(clock, 3_000, jumped) > 0)
  const honoured = (nowMs: number): boolean => {
    const instants = instantsToHonour(clock, nowMs, jumped + nowMs - 3_000)
    return instants !== 'all' && instants.some((at) => windowsAt([evening], at, ZONE).length > 0)
  }
  t.equal(honoured(4_000), true, 'the old time is still in the window')
  t.equal(honoured(64_000), false, 'a minute later the new time alone counts')
})

test('a clock that was never set gives every window', async (t) => {
  const clock = { offsetMs: undefined, cautiousUntilMs: -Infinity, oldOffsetMs: 0 }
  t.equal(instantsToHonour(clock, 1_000, Date.parse('1970-01-01T00:05:00Z')), 'all')
})
