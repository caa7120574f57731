/** The first command of the README: a depot that runs by itself and judges its own limit. */
import { test } from 'tap'
import { eventually } from './deadline.js'
import { live } from './hand-made-depot.js'
import { restClient } from './rest-client.js'
import { yardmaster } from './yardmaster-process.js'

/** Long enough for each limit of its plan to have been in force. */
const CHECK_S = 45

test('the demo keeps its limits, every car gets its turn, and it says so', async (t) => {
  const demo = yardmaster(t, 'demo', '--check', String(CHECK_S), '--port', '0')
  const line = await eventually('the listening line', () => demo.stdout[0])
  const port = Number(/^listening http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1])
  const sessions = await eventually('cars that charge', async () => {
    const all = await live(restClient(port))
    return all.some(({ power_kw: powerKw }) => (powerKw ?? 0) > 0) ? all : undefined
  })
  t.ok(sessions.length > 0, 'the REST address it prints shows them')

  t.equal(await demo.ended((CHECK_S + 15) * 1000), 0)
  t.match(demo.stdout.slice(-4), [
    /^ok {4} the limit fell [1-9]\d* times and rose [1-9]\d* times$/,
    /^ok {4} when limit or base load changed, both together fitted again to 0.5 A within \d+ ms$/,
    /^ok {4} what they permitted never exceeded it otherwise \(at most [\d.]+ A on a phase\)$/,
    /^ok {4} \d+ cars waited and got their turn$/,
  ])
  t.match(demo.stdout.slice(1, 5).join('\n'), /OCPP .*REST .*Modbus .*MQTT /s)
  t.ok(demo.stdout.some((text) => / limit .* permitted .* charging, /.test(text)))
  t.same(
    demo.logs().filter(({ level }) => level === 'error'),
    [],
  )
})
