/** Commands of a backend over MQTT: topics and payloads. */
import { fuzzDepot } from '../depot.js'
import { mutateJson, mutateText, longText, weirdValue } from '../mutate.js'

const COMMANDS = [
  ['limit', { constraintId: 'group', limitA: 300, validForS: 60 }],
  ['limit', { limitKw: 300, validForS: 60 }],
  ['limit', { clear: true }],
  ['override', { constraintId: 'group', limitKw: 400, forS: 600, reason: 'test', by: 'me' }],
  ['override', { constraintId: 'group', clear: true }],
  ['vehicle', { id: 'bus-1', name: 'Bus 1', idTags: ['X1'], batteryKwh: 300 }],
  ['vehicle', { id: 'bus-1', delete: true }],
  ['session', { sessionId: '1', departure: '2026-01-05T06:00:00Z', energyKwh: 20 }],
  ['received', { boot: 'x', seq: 3 }],
]

export async function commands(seed, pool) {
  const depot = await fuzzDepot(seed)
  const { upstream } = depot.world
  let given
  return {
    async each(random, index) {
      const [name, args] = random.pick(COMMANDS)
      const message = { id: random.chance(0.9) ? `c${index}` : 'same', ts: depot.clock.now(), args }
      const topic = `depot/v1/depot/cmd/${random.chance(0.95) ? name : mutateText(name, random)}`
      given = { topic, payload: payloadOf(message, random, pool) }
      upstream.request(topic, given.payload, {
        ...(random.chance(0.2) && { responseTopic: 'answers/here' }),
        ...(random.chance(0.2) && { correlationData: new Uint8Array(random.below(64)) }),
      })
      if (index % 20 === 0) await depot.clock.advance(50)
    },
    input: () => given,
    async look() {
      // No lease lasts longer than a day.
      await depot.clock.advance(2_000)
      return depot.disturbed()
    },
    lookEvery: 2_000,
    growthMiB: 16,
    stop: () => depot.stop(),
  }
}

function payloadOf(message, random, pool) {
  const which = random.next()
  if (which < 0.1) return JSON.stringify(message)
  if (which < 0.6) return JSON.stringify(mutateJson(message, random, pool))
  if (which < 0.7) return JSON.stringify({ ...message, args: weirdValue(random, pool) })
  if (which < 0.9) return mutateText(JSON.stringify(message), random)
  if (which < 0.95) return '['.repeat(random.below(100_000))
  return longText(random, 262_144)
}
