/** A depot whose power comes back: all charge points dial at the same moment. */
import { startLoad } from './load-process.js'
import { cpuS } from './process-figures.js'
import { startController } from './servers.js'

const CHARGE_POINTS = 200
const PAUSE_MS = 1500

export async function reconnectAtOnce(resources) {
  const server = await startController(resources, CHARGE_POINTS)
  const load = startLoad(resources)
  const beforeS = cpuS(server.pid)
  const { firstMs, againMs } = await load.order({
    type: 'storm',
    url: server.url,
    chargePoints: CHARGE_POINTS,
    pauseMs: PAUSE_MS,
  })
  const serverCpuS = cpuS(server.pid) - beforeS
  await load.stop()
  await server.stop()
  return { chargePoints: CHARGE_POINTS, firstMs, againMs, serverCpuS }
}
