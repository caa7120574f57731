/** Orders of the load process about a fall of the limit: all charge, and who hears of it when. */
import { setTimeout as delay } from 'node:timers/promises'
import { boot, dial, chargePointId, sayStatus, startTransaction } from './charge-point.js'

const TIMEOUT_MS = 60_000
const LOOK_MS = 20
/** Nothing is on its way any more, and the garbage of the last time is gone. */
const PAUSE_MS = 500

let depot

/**
 * Lets a grid limit fall so many times. Resolves with `all`, the ms of each from the answer that
 * states the lower limit, and with the text of one of the profiles.
 */
export async function falls({ url, chargePoints, source, betweenA, falls: count }, failed) {
  depot ??= await chargingDepot({ url, chargePoints, source, betweenA }, failed)
  const all = []
  let text
  for (let fall = 0; fall < count; fall++) {
    await depot.rise()
    await delay(PAUSE_MS)
    const { deliveredMs, acknowledgedMs, frame } = await depot.fall()
    all.push({ deliveredMs, acknowledgedMs })
    text = JSON.stringify(frame)
  }
  return { all, text }
}

/** The same from a bare server, which is asked to send `text` to all. */
export async function fanOuts({ url, chargePoints, text, falls: count }, failed) {
  let round
  const peers = await dialAll(url, chargePoints, failed, (peer, frame) => round?.heard(peer, frame))
  const asking = await dial(url, 'ASKING', { failed })
  const all = []
  for (let fall = 0; fall < count; fall++) {
    await delay(PAUSE_MS)
    round = newRound(peers.length)
    round.begins()
    asking.call('FanOut', JSON.stringify({ text }), () => {})
    const { deliveredMs, acknowledgedMs } = await within(round.over)
    all.push({ deliveredMs, acknowledgedMs })
  }
  for (const each of [...peers, asking]) each.drop()
  return { all }
}

async function chargingDepot({ url, chargePoints, source, betweenA }, failed) {
  const { modbusSimulator } = await import(
    new URL('../dist/adapters/modbus-simulator.js', import.meta.url).href
  )
  let limitA = source.highA
  let round
  await modbusSimulator({
    port: source.port,
    registers() {
      if (limitA === source.lowA) round?.begins()
      return limitA
    },
  })
  const offersA = new Map()
  const peers = await dialAll(url, chargePoints, failed, (peer, frame) => {
    const { chargingProfilePurpose: purpose, chargingSchedule } = frame[3].csChargingProfiles
    if (purpose !== 'TxProfile') return
    const offerA = chargingSchedule.chargingSchedulePeriod[0].limit
    offersA.set(peer, offerA)
    if (offerA < betweenA) round?.heard(peer, frame)
  })
  for (const peer of peers) {
    await boot(peer)
    await sayStatus(peer, 'Preparing')
    await startTransaction(peer)
  }
  return {
    async rise() {
      limitA = source.highA
      const isHigh = () => peers.every((peer) => (offersA.get(peer) ?? 0) > betweenA)
      for (let waitedMs = 0; !isHigh(); waitedMs += LOOK_MS) {
        if (waitedMs > TIMEOUT_MS) throw new Error('not every charge point was raised')
        await delay(LOOK_MS)
      }
    },
    fall() {
      round = newRound(peers.length)
      limitA = source.lowA
      return within(round.over)
    },
  }
}

/** `over` resolves when all have heard and the last one's answer has been taken. */
function newRound(size) {
  let beganAtMs
  let finish
  const heardBy = new Set()
  const over = new Promise((resolve) => {
    finish = resolve
  })
  return {
    over,
    begins() {
      beganAtMs ??= performance.now()
    },
    heard(peer, frame) {
      if (heardBy.has(peer)) return
      heardBy.add(peer)
      if (heardBy.size < size) return
      const deliveredMs = performance.now() - beganAtMs
      // Goes out behind its answer, and answers are taken in order.
      queueMicrotask(() => {
        peer.call('Heartbeat', '{}', () =>
          finish({ deliveredMs, acknowledgedMs: performance.now() - beganAtMs, frame }),
        )
      })
    },
  }
}

async function dialAll(url, chargePoints, failed, heard) {
  const peers = []
  for (let index = 0; index < chargePoints; index++) {
    const peer = await dial(url, chargePointId(index), {
      failed,
      profileReceived: (frame) => heard(peer, frame),
    })
    peers.push(peer)
  }
  return peers
}

function within(promise) {
  const late = delay(TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`not every charge point was told within ${TIMEOUT_MS} ms`)
  })
  return Promise.race([promise, late])
}
