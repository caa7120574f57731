import { spawnSync } from 'node:child_process'
import { test } from 'tap'

const SCRIPT = `
  const { siteDay } = await import('./bench/balance/site-days.js')
  const { simulateSiteDay } = await import('./bench/balance/site-simulation.js')
  const day = siteDay('2019-09-18', 40, { lengthS: 6000, evses: 6 })
  const { cars, over, profiles, result } = await simulateSiteDay(day, 'stated')
  console.log(JSON.stringify({ sessions: day.sessions.length, cars, over, profiles, result }))
`

test('a morning of the benchmark runs through the whole controller and keeps its limits', async (t) => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', SCRIPT],
    { encoding: 'utf8' },
  )
  t.equal(stderr, '')
  const { sessions, cars, over, profiles, result } = JSON.parse(stdout)
  t.ok(sessions > 3, `${sessions} sessions`)
  t.equal(cars.length, sessions)
  const charged = cars.filter((car: { deliveredKwh: number }) => car.deliveredKwh > 0)
  t.ok(charged.length > 0.8 * sessions, `${charged.length} of ${sessions} have charged`)
  t.same(result.broken, [], 'no invariant of the simulation is broken')
  t.equal(over.ofGroupsAs, 0, 'no group is over its limit')
  t.ok(over.controlledAs < 1, `${over.controlledAs} A·s over the limit by what was told`)
  t.ok(profiles > sessions)
})
