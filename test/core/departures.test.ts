/** When vehicles leave: the calendar, single days, and the nights on which clocks change. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { nextDeparture } from '../../src/core/energy/departures.js'
import { instantOf, localDay, weekdayOf } from '../../src/core/schedule/local-instant.js'
import { offsetMin } from '../../src/core/schedule/local-time.js'
import type { Vehicle } from '../../src/core/site/vehicle.js'

const BERLIN = 'Europe/Berlin'

function bus(more: Partial<Vehicle> = {}): Vehicle {
  return { id: 'b', name: 'Bus', idTags: [], departures: [], oneOffDepartures: [], ...more }
}

function leaves(vehicle: Vehicle, after: string, zone = BERLIN): string | undefined {
  const departure = nextDeparture(vehicle, Date.parse(after), zone)
  return departure && new Date(departure.atMs).toISOString()
}

const WORKDAYS = bus({
  departures: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], time: '05:30' }],
})

test('the calendar gives the next departure in the zone of the site', async (t) => {
  // 2026-06-12 is a Friday; Berlin is two hours ahead of UTC.
  t.equal(leaves(WORKDAYS, '2026-06-11T20:00:00Z'), '2026-06-12T03:30:00.000Z')
  t.equal(leaves(WORKDAYS, '2026-06-12T03:30:00Z'), '2026-06-15T03:30:00.000Z', 'over the weekend')
  t.equal(leaves(bus(), '2026-06-11T20:00:00Z'), undefined)
  const daily = bus({ departures: [{ time: '14:00' }, { time: '06:00' }] })
  t.equal(leaves(daily, '2026-06-12T05:00:00Z'), '2026-06-12T12:00:00.000Z')
})

test('asked again later the answer moves on, and earlier it moves back', async (t) => {
  t.equal(leaves(WORKDAYS, '2026-06-11T20:00:00Z'), '2026-06-12T03:30:00.000Z')
  t.equal(leaves(WORKDAYS, '2026-06-12T03:29:59Z'), '2026-06-12T03:30:00.000Z')
  t.equal(leaves(WORKDAYS, '2026-06-12T03:30:00Z'), '2026-06-15T03:30:00.000Z')
  t.equal(leaves(WORKDAYS, '2026-06-10T00:00:00Z'), '2026-06-10T03:30:00.000Z')
})

test('a date of its own takes the place of the calendar on that day', async (t) => {
  const vehicle = bus({
    departures: WORKDAYS.departures,
    oneOffDepartures: [{ date: '2026-06-12', time: '07:00' }, { date: '2026-06-15' }],
  })
  t.equal(leaves(vehicle, '2026-06-11T20:00:00Z'), '2026-06-12T05:00:00.000Z')
  t.equal(
    leaves(vehicle, '2026-06-12T06:00:00Z'),
    '2026-06-16T03:30:00.000Z',
    'it stays on the 15th',
  )
})

test('a departure has its own target, else that of the vehicle', async (t) => {
  const vehicle = bus({
    target: { type: 'soc', soc: 80 },
    departures: [
      { days: ['mon'], time: '05:30' },
      { days: ['sat'], time: '05:30', target: { type: 'energy', energyWh: 9_000 } },
    ],
  })
  const at = (after: string) => nextDeparture(vehicle, Date.parse(after), BERLIN)?.target
  t.same(at('2026-06-12T20:00:00Z'), { type: 'energy', energyWh: 9_000 })
  t.same(at('2026-06-14T20:00:00Z'), { type: 'soc', soc: 80 })
})

test('when clocks change a departure is at the first instant that can be meant', async (t) => {
  const daily = bus({ departures: [{ time: '02:30' }] })
  // Spring: 02:30 does not exist, 03:00 summer time is 01:00Z. Autumn: 02:30 comes twice.
  t.equal(leaves(daily, '2026-03-28T20:00:00Z'), '2026-03-29T01:00:00.000Z')
  t.equal(leaves(daily, '2026-10-24T20:00:00Z'), '2026-10-25T00:30:00.000Z')
  t.equal(leaves(daily, '2026-10-25T00:30:00Z'), '2026-10-26T01:30:00.000Z', 'not a second time')
})

test('a local time has an instant that shows it, wherever it exists', async () => {
  const zone = fc.constantFrom(BERLIN, 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe')
  const instant = fc.integer({ min: 1_735_700_000, max: 1_900_000_000 })
  fc.assert(
    fc.property(zone, instant, (name, seconds) => {
      const ms = Math.floor(seconds / 60) * 60_000
      const minute = Math.floor(((ms + offsetMin(ms, name) * 60_000) % 86_400_000) / 60_000)
      const made = instantOf(localDay(ms, name), minute, name)
      // The same, or in an overlap the earlier of two.
      return made === ms || (made < ms && made >= ms - 3_600_000)
    }),
  )
})

test('a day has its weekday', async (t) => {
  t.equal(weekdayOf(localDay(Date.parse('2026-06-15T12:00:00Z'), BERLIN)), 0, 'a Monday')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), (day) => {
      return weekdayOf(day) === (new Date(day * 86_400_000).getUTCDay() + 6) % 7
    }),
  )
})
