/** The process that plays the charge points: one order from its parent, one answer, until told to end. */
import { setTimeout as delay } from 'node:timers/promises'
import {
  boot,
  chargePointId,
  dial,
  loginOf,
  meterValues,
  sayStatus,
  startTransaction,
} from './charge-point.js'
import { flood, floodEnd } from './load-flood.js'
import { fanOuts, falls } from './load-reaction.js'
import { cpuS } from './process-figures.js'

const DIALS_AT_ONCE = 50
const STORM_TIMEOUT_MS = 30_000

const ORDERS = { exchange, hold, storm, falls, fanOuts, flood, floodEnd }

process.on('message', (order) => {
  const fail = (error) => process.send({ error: error.message })
  ORDERS[order.type](order, fail).then((result) => process.send({ result }), fail)
})
process.once('disconnect', () => process.exit(0))

/** All call back to back. Resolves with the calls answered and what they cost the server. */
async function exchange({ url, chargePoints, warmUpMs, measuredMs, serverPid }, failed) {
  let calls = 0
  let over = false
  const charge = async (index) => {
    const chargePoint = await dial(url, chargePointId(index), { failed })
    await boot(chargePoint)
    await sayStatus(chargePoint, 'Preparing')
    const transactionId = await startTransaction(chargePoint)
    let energyWh = 1000
    const meter = () => {
      if (over) return
      calls += 1
      energyWh += 1
      chargePoint.call('MeterValues', meterValues(transactionId, energyWh), heartbeat)
    }
    const heartbeat = () => {
      if (over) return
      calls += 1
      chargePoint.call('Heartbeat', '{}', meter)
    }
    meter()
    return chargePoint
  }
  const all = await inBatches(chargePoints, charge)
  await delay(warmUpMs)
  const before = { calls, cpuS: cpuS(serverPid), atMs: performance.now() }
  await delay(measuredMs)
  const after = { calls, cpuS: cpuS(serverPid), atMs: performance.now() }
  over = true
  for (const chargePoint of all) chargePoint.drop()
  return {
    calls: after.calls - before.calls,
    serverCpuS: after.cpuS - before.cpuS,
    seconds: (after.atMs - before.atMs) / 1000,
  }
}

/** Connects and boots them; they stay, silent, until the process ends. */
async function hold({ url, chargePoints, proof }, failed) {
  const login = loginOf(proof)
  await inBatches(chargePoints, async (index) => {
    const chargePoint = await dial(url, chargePointId(index), { failed, login: login(index) })
    await boot(chargePoint)
    await sayStatus(chargePoint, 'Available')
  })
}

/** All dial at once, twice. Resolves with the ms until the last one has answered its first profile. */
async function storm({ url, chargePoints, pauseMs, proof }, failed) {
  const login = loginOf(proof)
  const once = async () => {
    const startedAtMs = performance.now()
    const all = await Promise.all(
      Array.from({ length: chargePoints }, (_, index) => arrive(url, index, failed, login(index))),
    )
    const tookMs = performance.now() - startedAtMs
    for (const chargePoint of all) chargePoint.drop()
    return tookMs
  }
  const timer = setTimeout(
    () => failed(new Error(`not all had a profile within ${STORM_TIMEOUT_MS} ms`)),
    STORM_TIMEOUT_MS,
  )
  const firstMs = await once()
  await delay(pauseMs)
  const againMs = await once()
  clearTimeout(timer)
  return { firstMs, againMs }
}

async function arrive(url, index, failed, login) {
  let profileAnswered
  const controlled = new Promise((resolve) => {
    profileAnswered = resolve
  })
  const chargePoint = await dial(url, chargePointId(index), { failed, profileAnswered, login })
  await boot(chargePoint)
  await sayStatus(chargePoint, 'Available')
  await controlled
  return chargePoint
}

async function inBatches(count, run) {
  const results = []
  for (let from = 0; from < count; from += DIALS_AT_ONCE) {
    const size = Math.min(DIALS_AT_ONCE, count - from)
    const batch = Array.from({ length: size }, (_, offset) => run(from + offset))
    results.push(...(await Promise.all(batch)))
  }
  return results
}
