/** Whatever a probe sees, it ends in time, has let go by then, and has held nothing up. */
import { test } from 'tap'
import { startProbe, stepProbe } from '../../src/core/probe/probe.js'
import { PROBE_STEPS } from '../../src/core/probe/probe-types.js'
import type {
  ProbeAction,
  ProbeAnswer,
  ProbeObservation,
  ProbeQuestion,
} from '../../src/core/probe/probe-types.js'
import { seededRandom } from '../../src/testing/random.js'
import type { Random } from '../../src/testing/random.js'

const CALM: ProbeObservation = {
  connected: true,
  connectedAtMs: 0,
  boots: 0,
  status: 'Charging',
  transactionId: 1,
  energyWh: 0,
  sample: undefined,
  grant: undefined,
  fallbackA: 6,
  standingA: 6,
  isCalling: false,
  takenUnit: 'A',
  refusedUnit: undefined,
  minA: 6,
  hardwareA: 32,
  within: true,
  hasRoom: true,
  isCutOff: false,
  meter: undefined,
  answers: [],
}
/** All steps with all their waits, and as often again as it may be lost. */
const LONGEST_S = 3 * 3_000

function chaos(random: Random, nowMs: number, asked: readonly ProbeQuestion[]): ProbeObservation {
  const chance = (share: number): boolean => random.between(0, 1) < share
  const a = random.pick([0, 6, 10, 10, 32])
  const limitA = random.pick([0, 6, 6, 10, 10, 32])
  return {
    ...CALM,
    connected: !chance(0.01),
    connectedAtMs: nowMs - random.integer(0, 100_000),
    boots: Math.floor(nowMs / 100_000),
    status: random.pick(['Charging', 'SuspendedEV', 'SuspendedEVSE']),
    energyWh: nowMs / 1000,
    sample: chance(0.1)
      ? undefined
      : { ownA: [a, a, a], highestA: a, powerW: a * 690, atMs: nowMs - random.integer(0, 20_000) },
    grant: chance(0.2)
      ? undefined
      : {
          limitA,
          acknowledgedAtMs: nowMs - random.integer(0, 60_000),
          expiresAtMs: nowMs + 90_000,
          expiredByMs: nowMs + 150_000,
        },
    fallbackA: chance(0.1) ? undefined : 6,
    isCalling: chance(0.2),
    hasRoom: !chance(0.02),
    meter: chance(0.1)
      ? undefined
      : { currentA: [random.between(0, 50), random.between(0, 50), 9], atMs: nowMs },
    answers: asked.filter(() => chance(0.5)).map((question) => answerTo(question, random)),
  }
}

function answerTo({ type }: ProbeQuestion, random: Random): ProbeAnswer {
  const isTaken = random.between(0, 1) < 0.8
  switch (type) {
    case 'configuration':
      return { type, keys: isTaken ? new Map() : undefined }
    case 'schedule':
      return { type, limitA: isTaken ? random.pick([6, 32]) : undefined }
    case 'sample':
    case 'reset':
      return { type, isTaken }
  }
}

test('a thousand probes in chaos all end, all let go, and none holds more than was there', async (t) => {
  const ends = new Map<string, number>()
  for (let seed = 0; seed < 1_000; seed++) {
    const random = seededRandom(`chaos ${seed}`)
    let state: ReturnType<typeof stepProbe>['state'] = startProbe(PROBE_STEPS, CALM, 0)
    let asked: ProbeQuestion[] = []
    let last: ProbeAction | undefined
    let seconds = 0
    while (state.type === 'running' && seconds < LONGEST_S) {
      seconds += 1
      const nowMs = seconds * 1_000
      const turn = stepProbe(state, chaos(random, nowMs, asked), nowMs)
      state = turn.state
      asked = []
      for (const action of turn.actions) {
        if (action.type === 'ask') asked.push(action.question)
        if (action.type !== 'hold') continue
        last = action
        if (action.hold && !(action.hold.maxA <= 32)) t.fail(`held at ${action.hold.maxA} A`)
      }
    }
    if (state.type === 'running') t.fail(`seed ${seed} does not end`)
    if (last?.type === 'hold' && last.hold) t.fail(`seed ${seed} has not let go`)
    ends.set(state.type, (ends.get(state.type) ?? 0) + 1)
  }
  t.ok((ends.get('done') ?? 0) > 100, JSON.stringify([...ends]))
})

for (const [title, change, why] of [
  ['the charger is gone', undefined, /deleted/],
  ['the watchdog cuts it off', { isCutOff: true }, /cut off/],
  ['another car is there', { transactionId: 2 }, /the car left/],
] as const) {
  test(`it gives up and lets go at once when ${title}`, async (t) => {
    const sample = (atMs: number): ProbeObservation['sample'] => ({
      ownA: [32, 32, 32],
      highestA: 32,
      powerW: 22_080,
      atMs,
    })
    let turn = stepProbe(startProbe(['expiry'], CALM, 0), { ...CALM, sample: sample(500) }, 1_000)
    turn = stepProbe(turn.state, { ...CALM, sample: sample(2_000) }, 3_000)
    t.match(turn.actions, [{ type: 'hold', hold: { maxA: 10, refresh: true } }])
    const seen = change && { ...CALM, ...change }
    const { state, actions } = stepProbe(turn.state, seen, 4_000)
    t.match(state, { type: 'gaveUp', why })
    t.same(actions, [{ type: 'letBack' }, { type: 'hold', hold: undefined }])
    t.same(stepProbe(state, CALM, 5_000).actions, [], 'and it is over')
  })
}

test('while a limit above does not hold it has let go, and gives up when that lasts', async (t) => {
  const over = { ...CALM, within: false, hasRoom: false }
  const first = stepProbe(startProbe(['expiry'], CALM, 0), over, 1_000)
  t.same(first.actions, [{ type: 'letBack' }, { type: 'hold', hold: undefined }])
  const blip = stepProbe(first.state, CALM, 3_000)
  t.match(blip.state, { type: 'running', trouble: undefined }, 'a moment is no reason')
  let turn = stepProbe(blip.state, over, 4_000)
  for (let nowMs = 5_000; nowMs < 79_000; nowMs += 1_000) turn = stepProbe(turn.state, over, nowMs)
  t.equal(turn.state.type, 'running')
  t.match(stepProbe(turn.state, over, 79_000).state, { type: 'gaveUp', why: /limit above/ })
})
