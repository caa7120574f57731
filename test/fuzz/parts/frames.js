/** Frames of hostile charge points, beside honest ones that charge. */
import { fuzzDepot, HOSTILE } from '../depot.js'
import { frameSeeds, RESULTS } from '../frames.js'
import { mutateJson, mutateText, weirdValue, longText } from '../mutate.js'

/** A connection that floods is fed so many frames at one instant. */
const BURST = 400

export async function frames(seed, pool) {
  const seeds = await frameSeeds(seed)
  const depot = await fuzzDepot(seed)
  const peers = new Map(HOSTILE.map((identity) => [identity, hostilePeer()]))
  let given
  let burst = 0

  const connect = async (identity) => {
    const peer = peers.get(identity)
    for (let tries = 0; !peer.link && tries < 20; tries++) {
      depot.world.network.connect(identity, peer)
      await depot.clock.advance(200)
    }
    if (!peer.link) throw new Error(`${identity} is not let in any more`)
    return peer
  }

  return {
    async each(random, index) {
      const identity = random.pick(HOSTILE)
      const peer = peers.get(identity).link ? peers.get(identity) : await connect(identity)
      given = frameText(random, seeds, pool, peer.asked)
      peer.link.send(given)
      if (burst > 0) burst -= 1
      else if (random.chance(0.0005)) burst = BURST
      else if (random.chance(0.001)) peer.link.close()
      if (burst === 0 && index % 8 === 0) await depot.clock.advance(1 + random.below(60))
    },
    input: () => given,
    async look() {
      await depot.clock.advance(2_000)
      return depot.disturbed() ?? (await depot.reacts()) ?? depot.disturbed()
    },
    lookEvery: 5_000,
    growthMiB: 16,
    stop: () => depot.stop(),
  }
}

function hostilePeer() {
  const peer = {
    link: undefined,
    /** Ids of calls that it could answer. */
    asked: [],
    opened(link) {
      peer.link = link
    },
    received(text) {
      const [type, id] = JSON.parse(text)
      if (type !== 2) return
      peer.asked.push(id)
      if (peer.asked.length > 20) peer.asked.shift()
    },
    closed() {
      peer.link = undefined
    },
    refused() {},
  }
  return peer
}

function frameText(random, seeds, pool, asked) {
  const which = random.next()
  if (which < 0.15) return JSON.stringify(withFreshId(random.pick(seeds), random))
  if (which < 0.55)
    return JSON.stringify(mutateJson(withFreshId(random.pick(seeds), random), random, pool))
  if (which < 0.75) return mutateText(JSON.stringify(random.pick(seeds)), random)
  if (which < 0.9) return answer(random, pool, asked)
  if (which < 0.94) return JSON.stringify(random.pick(pool))
  if (which < 0.96) return longText(random, 262_144)
  if (which < 0.97) return '['.repeat(1 + random.below(200_000))
  return JSON.stringify([
    2,
    weirdValue(random, pool),
    random.pick(seeds)[2],
    weirdValue(random, pool),
  ])
}

function answer(random, pool, asked) {
  const id = asked.length > 0 && random.chance(0.9) ? random.pick(asked) : 'nobody asked'
  if (random.chance(0.15)) {
    return JSON.stringify([4, id, random.pick(['NotSupported', 'GenericError', '']), 'no', {}])
  }
  const result = random.pick(RESULTS)
  return JSON.stringify([3, id, random.chance(0.4) ? mutateJson(result, random, pool) : result])
}

function withFreshId([type, , action, payload], random) {
  return [type, String(random.below(1e9)), action, payload]
}
