/**
 * Resident memory of both servers, idle and with many charge points that say nothing; each as V8
 * leaves it and after its garbage was collected.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { startLoad } from './load-process.js'
import { residentMiB } from './process-figures.js'
import { startBare, startController } from './servers.js'

const CHARGE_POINTS = 500
const SETTLE_MS = 4000
/** Pages go back to the system a little after a collection. */
const COLLECT_MS = 1500
const KIB = 1024
const COLLECTING = ['--import', new URL('collect-on-signal.js', import.meta.url).href]

export async function memory(resources) {
  // Both at once: the settling is waiting only.
  const [controller, bare] = await Promise.all(
    [startController, startBare].map((start) => measure(resources, start)),
  )
  return { chargePoints: CHARGE_POINTS, controller, bare }
}

async function measure(resources, start) {
  const server = await start(resources, CHARGE_POINTS, COLLECTING)
  const idle = await settle(server.pid)
  const load = startLoad(resources)
  await load.order({ type: 'hold', url: server.url, chargePoints: CHARGE_POINTS })
  const loaded = await settle(server.pid)
  await load.stop()
  await server.stop()
  const perChargePointKiB = ((loaded.collectedMiB - idle.collectedMiB) * KIB) / CHARGE_POINTS
  return { idle, loaded, perChargePointKiB }
}

async function settle(pid) {
  await delay(SETTLE_MS)
  const asLeftMiB = residentMiB(pid)
  process.kill(pid, 'SIGUSR2')
  await delay(COLLECT_MS)
  return { asLeftMiB, collectedMiB: residentMiB(pid) }
}
