/** Time from the start of the process to the first BootNotification it accepts. */
import { setTimeout as delay } from 'node:timers/promises'
import { boot, chargePointId, dial } from './charge-point.js'
import { bareCommand, chargePointUrl, controllerCommand, freePort, startServer } from './servers.js'
import { median } from './statistics.js'

const STARTS = 5
const CHARGERS = 100
const REDIAL_MS = 20
const TIMEOUT_MS = 20_000

export async function firstBoot(resources) {
  const folder = resources.folder()
  // One data folder for all: what counts in the field is the start after a power cut.
  await timeOneStart(resources, (port) => controllerCommand(folder, CHARGERS, port))
  const controllerMs = []
  const bareMs = []
  for (let start = 0; start < STARTS; start++) {
    const controller = (port) => controllerCommand(folder, CHARGERS, port)
    controllerMs.push(await timeOneStart(resources, controller))
    bareMs.push(await timeOneStart(resources, bareCommand))
  }
  const medians = { controllerMs: median(controllerMs), bareMs: median(bareMs) }
  return { ...medians, ratio: medians.controllerMs / medians.bareMs, all: { controllerMs, bareMs } }
}

async function timeOneStart(resources, commandFor) {
  const port = await freePort()
  const command = commandFor(port)
  const startedAtMs = performance.now()
  const server = startServer(resources, command)
  const problem = server.listening().then(
    () => new Promise(() => {}),
    (error) => Promise.reject(error),
  )
  const chargePoint = await Promise.race([bootWhenPossible(port, startedAtMs), problem])
  const tookMs = performance.now() - startedAtMs
  chargePoint.drop()
  problem.catch(() => {})
  await server.stop()
  return tookMs
}

async function bootWhenPossible(port, startedAtMs) {
  const id = chargePointId(0)
  for (;;) {
    const dialledAtMs = performance.now()
    try {
      const chargePoint = await dial(chargePointUrl(port), id, {})
      await boot(chargePoint)
      return chargePoint
    } catch (error) {
      if (performance.now() - startedAtMs > TIMEOUT_MS) throw error
    }
    await delay(Math.max(0, dialledAtMs + REDIAL_MS - performance.now()))
  }
}
