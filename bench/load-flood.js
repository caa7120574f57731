/** Orders of the load process about one charge point that asks far more often than any other. */
import { boot, chargePointId, dial, sayStatus } from './charge-point.js'

const TICK_MS = 10

let running

/** Begins and resolves at once. */
export async function flood({ url, index, callsPerS }, failed) {
  const chargePoint = await dial(url, chargePointId(index), { failed })
  await boot(chargePoint)
  await sayStatus(chargePoint, 'Available')
  let answered = 0
  const startedAtMs = performance.now()
  let asked = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAtMs) / 1000) * callsPerS
    for (; asked < due; asked++) chargePoint.call('Heartbeat', '{}', () => (answered += 1))
  }, TICK_MS)
  running = { chargePoint, timer, startedAtMs, answered: () => answered }
}

/** Resolves with the calls that were answered meanwhile. */
export async function floodEnd() {
  const { chargePoint, timer, startedAtMs, answered } = running
  clearInterval(timer)
  chargePoint.drop()
  return { answered: answered(), seconds: (performance.now() - startedAtMs) / 1000 }
}
