/**
 * A fall of the grid limit while one charge point asks a thousand times a second, next to falls
 * without it in the same run: to the last charging profile at the 200 others.
 */
import { startLoad } from './load-process.js'
import { reactionConfig, summary } from './reaction.js'
import { freePort, startController } from './servers.js'

const CHARGE_POINTS = 200
const CALLS_PER_S = 1000
/** Half of the calm ones before the flood, half after it. */
const FALLS = 10
const GOAL = 1.5
const HIGH_A = 17
const LOW_A = 8

export async function flood(resources) {
  const port = await freePort()
  // One more, that has no car.
  const config = reactionConfig(CHARGE_POINTS + 1, port)
  const controller = await startController(resources, CHARGE_POINTS + 1, [], config)
  const load = startLoad(resources)
  const flooder = startLoad(resources)
  const falls = (count) =>
    load.order({
      type: 'falls',
      url: controller.url,
      chargePoints: CHARGE_POINTS,
      source: { port, highA: CHARGE_POINTS * HIGH_A, lowA: CHARGE_POINTS * LOW_A },
      betweenA: (HIGH_A + LOW_A) / 2,
      falls: count,
    })
  const before = await falls(FALLS / 2)
  await flooder.order({
    type: 'flood',
    url: controller.url,
    index: CHARGE_POINTS,
    callsPerS: CALLS_PER_S,
  })
  const during = await falls(FALLS)
  const flooded = await flooder.order({ type: 'floodEnd' })
  const after = await falls(FALLS / 2)
  for (const each of [load, flooder, controller]) await each.stop()
  const calmMs = summary([...before.all, ...after.all])
  const floodMs = summary(during.all)
  return {
    chargePoints: CHARGE_POINTS,
    callsPerS: flooded.answered / flooded.seconds,
    calmMs,
    floodMs,
    ratio: floodMs.delivered.median / calmMs.delivered.median,
    goal: GOAL,
  }
}
