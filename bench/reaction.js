/**
 * A fall of the grid limit, from the source's answer to the last charging profile at the charge
 * points, next to a bare server that sends the same text to as many sockets.
 */
import { depotConfig } from './depot-config.js'
import { startLoad } from './load-process.js'
import { freePort, startBare, startController } from './servers.js'
import { median } from './statistics.js'

const SIZES = [100, 500]
/** Falls for each size, half of them before and half after the bare server's. */
const FALLS = 10
const GOALS = { ratio: 1.5, ms: 500 }
/** Each charger's part of the grid limit: before the fall more than it takes, 16 A, then half. */
const HIGH_A = 17
const LOW_A = 8
const POLL_MS = 100

export async function reaction(resources) {
  const sizes = []
  for (const chargePoints of SIZES) sizes.push(await measure(resources, chargePoints))
  return { goals: GOALS, falls: FALLS, sizes }
}

async function measure(resources, chargePoints) {
  const port = await freePort()
  const config = reactionConfig(chargePoints, port)
  const controller = await startController(resources, chargePoints, [], config)
  const load = startLoad(resources)
  const falls = (count) =>
    load.order({
      type: 'falls',
      url: controller.url,
      chargePoints,
      source: { port, highA: chargePoints * HIGH_A, lowA: chargePoints * LOW_A },
      betweenA: (HIGH_A + LOW_A) / 2,
      falls: count,
    })
  const bare = await startBare(resources)
  const bareLoad = startLoad(resources)
  const before = await falls(FALLS / 2)
  const fanOuts = await bareLoad.order({
    type: 'fanOuts',
    url: bare.url,
    chargePoints,
    text: before.text,
    falls: FALLS,
  })
  const after = await falls(FALLS / 2)
  for (const each of [load, bareLoad, controller, bare]) await each.stop()
  const controllerMs = summary([...before.all, ...after.all])
  const bareMs = summary(fanOuts.all)
  return {
    chargePoints,
    controllerMs,
    bareMs,
    ratio: controllerMs.delivered.median / bareMs.delivered.median,
  }
}

export function reactionConfig(chargePoints, port) {
  return {
    // Nothing but the source limits, so that its fall concerns every car.
    ...depotConfig(chargePoints, 1, () => 1),
    limit_sources: [
      {
        id: 'grid',
        modbus_tcp: { host: '127.0.0.1', port, interval_ms: POLL_MS },
        register: { address: 0, function_code: 3, type: 'uint16' },
        unit: 'A',
        fallback: chargePoints * LOW_A,
      },
    ],
  }
}

/** Of ms to the last frame, and to the answer that the last acknowledgement has been taken. */
export function summary(all) {
  const of = (values) => ({
    median: median(values),
    least: Math.min(...values),
    most: Math.max(...values),
  })
  return {
    delivered: of(all.map(({ deliveredMs }) => deliveredMs)),
    acknowledged: of(all.map(({ acknowledgedMs }) => acknowledgedMs)),
  }
}
