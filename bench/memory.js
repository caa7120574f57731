/** Resident memory of both servers, idle and with many charge points that say nothing. */
import { setTimeout as delay } from 'node:timers/promises'
import { startLoad } from './load-process.js'
import { residentMiB } from './process-figures.js'
import { startBare, startController } from './servers.js'

const CHARGE_POINTS = 500
/** V8 collects garbage and gives memory back some seconds after the work ends. */
const SETTLE_MS = 8000
const KIB = 1024

export async function memory(resources) {
  // Both at once: the settling is waiting only.
  const [controller, bare] = await Promise.all(
    [startController, startBare].map((start) => measure(resources, start)),
  )
  return { chargePoints: CHARGE_POINTS, controller, bare }
}

async function measure(resources, start) {
  const server = await start(resources, CHARGE_POINTS)
  await delay(SETTLE_MS / 2)
  const idleMiB = residentMiB(server.pid)
  const load = startLoad(resources)
  await load.order({ type: 'hold', url: server.url, chargePoints: CHARGE_POINTS })
  await delay(SETTLE_MS)
  const loadedMiB = residentMiB(server.pid)
  await load.stop()
  await server.stop()
  const perChargePointKiB = ((loadedMiB - idleMiB) * KIB) / CHARGE_POINTS
  return { idleMiB, loadedMiB, perChargePointKiB }
}
