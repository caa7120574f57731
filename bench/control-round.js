/**
 * Time of one round of control, in a depot where every car charges: once with a connection that
 * makes the cars share, once with one so small that most of them wait for their turn.
 */
import { depotConfig } from './depot-config.js'
import { growthExponent, quantile } from './statistics.js'

const SIZES = [20, 200, 1000]
const WARM_UP_ROUNDS = 100
const ROUNDS = 150
const ROUND_MS = 1000
/** Each charger reports every tenth round, as it is asked to. */
const ROUNDS_PER_SAMPLE = 10
const WALL_OFFSET_MS = Date.parse('2026-06-01T00:00:00Z')
const WH_PER_SAMPLE = 10
/** What cars take at most: 7 A, 7.4 A and so on. */
const CAR_KINDS = 20
const CAR_MIN_A = 7
const CAR_STEP_A = 0.4
/** Of what all chargers could draw. */
const SHARES = { sharing: 0.6, waiting: 0.1 }

export async function controlRound() {
  const core = await loadCore()
  // The first one only warms up the code.
  measure(core, 200, SHARES.waiting)
  const results = Object.entries(SHARES).map(([name, share]) => {
    const sizes = SIZES.map((evses) => measure(core, evses, share))
    const exponent = growthExponent(sizes.map(({ evses, p50Ms }) => ({ x: evses, y: p50Ms })))
    return [name, { sizes, exponent }]
  })
  return Object.fromEntries(results)
}

/** Only what is built exists, so the modules are loaded when they are needed. */
async function loadCore() {
  const load = (file) => import(new URL(`../dist/${file}`, import.meta.url).href)
  return {
    ...(await load('config/load.js')),
    ...(await load('control/rules.js')),
    ...(await load('core/balance/turns.js')),
    ...(await load('core/ledger/decide.js')),
    ...(await load('core/plan/plan.js')),
    ...(await load('core/site/create.js')),
    ...(await load('core/site/reduce.js')),
    ...(await load('core/site/transactions.js')),
  }
}

function measure(core, evses, share) {
  const world = chargingSite(core, depotConfig(evses, share))
  for (let round = 0; round < WARM_UP_ROUNDS; round++) world.round()
  const tookMs = Array.from({ length: ROUNDS }, () => world.round())
  return { evses, p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99) }
}

/** Chargers that accept everything at once, and cars that do not all take what they are offered. */
function chargingSite(core, config) {
  const parsed = core.parseSettings(JSON.stringify(config), 'bench.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('; '))
  const rules = core.rulesOf(parsed.settings)
  const site = core.createSite(rules, parsed.settings.depot, 0)
  let nowMs = 0
  let rounds = 0

  const at = () => ({ nowMs, wallMs: nowMs + WALL_OFFSET_MS })
  const happen = (event) => core.reduce(site, event, at())
  const chargePointIds = site.tree.evses.map(({ chargePointId }) => chargePointId)

  for (const chargePointId of chargePointIds) {
    happen({ type: 'connected', chargePointId })
    happen({ type: 'spoke', chargePointId })
    const start = { connectorId: 1, idTag: 'BENCH', meterStartWh: 0, startedWallMs: WALL_OFFSET_MS }
    const { events } = core.decideStart(site, { chargePointId, ...start }, at())
    for (const event of events) happen(event)
  }

  const sample = (chargePointId, index) => {
    const { ledger, transactionId } = site.chargePoints.get(chargePointId).connectors.get(1)
    const carA = CAR_MIN_A + CAR_STEP_A * (index % CAR_KINDS)
    const takenA = Math.min(carA, ledger.grant?.limitA ?? ledger.fallbackA ?? 0)
    happen({
      type: 'metered',
      chargePointId,
      connectorId: 1,
      transactionId,
      currentA: [takenA, takenA, takenA],
      powerW: takenA * 3 * rules.nominalVoltageV,
      registerWh: rounds * WH_PER_SAMPLE,
      isCurrent: true,
    })
  }

  const obey = (command) => {
    if (command.type === 'mark') {
      happen({ ...command, type: 'marked' })
      return
    }
    const { chargePointId, purpose, limitA, transactionId } = command
    const address = { chargePointId, connectorId: 1 }
    const { profileDurationMs: durationMs } = rules
    const inFlight = { purpose, limitA, transactionId, sentAtMs: nowMs, durationMs }
    happen({ type: 'profileSent', ...address, inFlight })
    happen({ type: 'profileAnswered', ...address, answer: 'accepted' })
  }

  const isBusy = () => false

  return {
    /** Returns the ms that `plan` and `decide` took. */
    round() {
      nowMs += ROUND_MS
      rounds += 1
      for (const [index, chargePointId] of chargePointIds.entries()) {
        if (index % ROUNDS_PER_SAMPLE === rounds % ROUNDS_PER_SAMPLE) sample(chargePointId, index)
      }
      const startedAtMs = performance.now()
      const current = core.plan(site, isBusy, nowMs, nowMs + WALL_OFFSET_MS)
      const commands = core.decide(site, current, isBusy, nowMs)
      const tookMs = performance.now() - startedAtMs
      for (const { connector, targetA, committedA, evse } of current.evses) {
        if (targetA === undefined) continue
        const isThere = committedA >= evse.evse.minCurrentA
        core.noteTurn(connector.turn, { targetA, isThere }, rules, nowMs)
      }
      for (const command of commands) obey(command)
      return tookMs
    },
  }
}
