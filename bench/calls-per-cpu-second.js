/** OCPP calls that a second of CPU time of the server answers: controller and bare server by turns. */
import { startLoad } from './load-process.js'
import { startBare, startController } from './servers.js'
import { median } from './statistics.js'

const CHARGE_POINTS = 100
const GOAL = 0.7

export async function callsPerCpuSecond(resources, { pairs, warmUpMs, measuredMs }) {
  const measure = async (start) => {
    const server = await start(resources, CHARGE_POINTS)
    const load = startLoad(resources)
    const { calls, serverCpuS, seconds } = await load.order({
      type: 'exchange',
      url: server.url,
      chargePoints: CHARGE_POINTS,
      warmUpMs,
      measuredMs,
      serverPid: server.pid,
    })
    await load.stop()
    await server.stop()
    return { perCpuS: calls / serverCpuS, perS: calls / seconds, busy: serverCpuS / seconds }
  }
  const measured = []
  for (let pair = 0; pair < pairs; pair++) {
    const controller = await measure(startController)
    const bare = await measure(startBare)
    measured.push({ controller, bare, ratio: controller.perCpuS / bare.perCpuS })
  }
  return {
    chargePoints: CHARGE_POINTS,
    pairs: measured,
    medianRatio: median(measured.map(({ ratio }) => ratio)),
    goal: GOAL,
  }
}
