/** The judge of simulated runs: what it must find, and what it must not hold against anybody. */
import { test } from 'tap'
import { createController } from '../../../src/controller.js'
import type { Connection, Ports } from '../../../src/ports.js'
import type { CreateController } from '../../../src/testing/simulation/life.js'
import type { Invariant, RunResult } from '../../../src/testing/simulation/result.js'
import { runScenario } from '../../../src/testing/simulation/run.js'
import { aScenario } from './a-scenario.js'

/** The real controller, with what it says to chargers changed on the way out. */
function withFrames(
  change: (text: string, identity: string) => string | undefined,
): CreateController {
  return (settings, ports) =>
    createController(settings, { ...ports, ...changedFrames(ports, change) })
}

function changedFrames(
  { chargePoints }: Ports,
  change: (text: string, identity: string) => string | undefined,
): Pick<Ports, 'chargePoints'> {
  if (!chargePoints) return {}
  return {
    chargePoints: {
      close: () => chargePoints.close(),
      listen: (handler) =>
        chargePoints.listen({
          admit: (request) => handler.admit(request),
          opened(connection) {
            const changed: Connection = {
              ...connection,
              send(text) {
                const said = change(text, connection.identity)
                if (said !== undefined) connection.send(said)
              },
            }
            return handler.opened(changed)
          },
        }),
    },
  }
}

function broken({ violations }: RunResult): readonly Invariant[] {
  return [...new Set(violations.map(({ invariant }) => invariant))]
}

function checks(result: RunResult, invariant: Invariant): number {
  return result.verdicts.find((verdict) => verdict.invariant === invariant)?.checks ?? 0
}

const TX_LIMIT = /("chargingProfilePurpose":"TxProfile".*"limit":)(\d+(?:\.\d+)?)/

test('a healthy depot breaks nothing, and the run says what it looked at', async (t) => {
  const result = await runScenario(aScenario({ quietMinutes: 6 }))
  t.same(result.violations, [])
  t.ok(result.ok)
  t.same(result.residuals, [])
  for (const invariant of ['raise', 'offers', 'durability', 'transactions', 'recovery'] as const) {
    t.ok(checks(result, invariant) > 0, `${invariant} was looked at`)
  }
  t.equal(result.chargerHours, 0.8)
})

test('a controller that raises too far is caught at once', async (t) => {
  const greedy = withFrames((text) =>
    text.replace(TX_LIMIT, (_, head: string, limit: string) => {
      return `${head}${Number(limit) > 0 ? 32 : 0}`
    }),
  )
  const result = await runScenario(aScenario(), { create: greedy })
  t.ok(broken(result).includes('raise'))
  t.ok(broken(result).includes('limit'))
  const first = result.violations[0]
  t.ok((first?.atMs ?? Infinity) < 60_000, `found after ${first?.atMs} ms`)
})

test('a controller that does not lower when the limit falls is caught after the bound', async (t) => {
  let limitFell = false
  const stubborn = withFrames((text) => {
    const limit = Number(TX_LIMIT.exec(text)?.[2] ?? 0)
    return limitFell && text.includes('"TxProfile"') && limit < 15 ? undefined : text
  })
  const limits = [
    { atMs: 0, limitA: 60 },
    { atMs: 200_000, limitA: 24 },
  ]
  const result = await runScenario(aScenario({ limits, minutes: 5 }), {
    create: stubborn,
    onLook({ atMs }) {
      limitFell = atMs >= 200_000
    },
  })
  const found = result.violations.find(({ invariant }) => invariant === 'limit')
  t.ok(found, 'the excess is a violation')
  t.ok((found?.atMs ?? 0) > 200_000 + 16_000, 'but not before there was time to act')
  t.ok((found?.atMs ?? 0) < 200_000 + 20_000)
})

test('an offer between nothing and the minimum is caught on the wire', async (t) => {
  const odd = withFrames((text) => text.replace(TX_LIMIT, (_, head: string) => `${head}4.5`))
  const result = await runScenario(aScenario({ minutes: 2 }), { create: odd })
  t.ok(broken(result).includes('offers'))
})

test('a limit that falls is answered in time, and the time is told', async (t) => {
  const limits = [
    { atMs: 0, limitA: 60 },
    { atMs: 200_000, limitA: 24 },
  ]
  const { ok, reactions } = await runScenario(aScenario({ limits }))
  t.ok(ok)
  t.ok(reactions.count > 0)
  t.ok((reactions.maxMs ?? Infinity) < 5_000, `${reactions.maxMs} ms`)
  t.ok(reactions.ampereSeconds > 0)
})

test('a charger that pretends to obey leaves a residual, and is nobody else’s fault', async (t) => {
  const faults = [
    {
      atMs: 150_000,
      fault: { type: 'behave', charger: 'CP001', change: { acceptsAndIgnores: true } },
    },
  ] as const
  const limits = [
    { atMs: 0, limitA: 60 },
    { atMs: 200_000, limitA: 8 },
  ]
  const result = await runScenario(aScenario({ faults, limits, minutes: 5 }))
  t.same(result.violations, [])
  t.ok(result.residuals.some(({ causedBy }) => causedBy.includes('CP001#1')))
  t.ok(result.residuals.every(({ ampereSeconds }) => ampereSeconds > 0))
})

test('what a charger accepted for its transaction is what can be known of it, not its fallback', async (t) => {
  const change = { acceptsAndIgnores: true, meterValues: false }
  const faults = [{ atMs: 150_000, fault: { type: 'behave', charger: 'CP001', change } }] as const
  const limits = [
    { atMs: 0, limitA: 60 },
    { atMs: 200_000, limitA: 10 },
  ]
  const result = await runScenario(aScenario({ count: 2, faults, limits, minutes: 45 }))
  t.same(result.violations, [])
  t.ok(result.residuals.some(({ causedBy }) => causedBy.includes('CP001#1')))
})

test('who must give way when a boot ends the transaction of a car at 0 A is given the time to', async (t) => {
  const slow = { applyDelayMs: 8_000 }
  // It answers so late that its car is there before it can be told 0 A for who is to come.
  const late = { answerDelayMs: 4_000 }
  const faults = [
    { atMs: 200_000, fault: { type: 'behave', charger: 'CP001', change: late } },
    { atMs: 200_000, fault: { type: 'behave', charger: 'CP002', change: slow } },
    { atMs: 200_000, fault: { type: 'behave', charger: 'CP003', change: slow } },
    { atMs: 300_000, fault: { type: 'reboot', charger: 'CP001', keepProfiles: true } },
  ] as const
  let beforeA: readonly number[] = []
  // Room for two of three cars: the first waits, and its fallback is 6 A.
  const result = await runScenario(aScenario({ faults, maxA: 12, minutes: 8 }), {
    onLook({ atMs, chargePoints }) {
      if (atMs < 300_000) beforeA = chargePoints.map((chargePoint) => chargePoint.limitA(1))
    },
  })
  t.same(beforeA, [0, 6, 6])
  t.same(result.violations, [])
  t.ok(checks(result, 'limit') > 0, 'its next transaction found the fallback, which was too much')
})

test('a charger that cannot be helped does not hide one that could be lowered', async (t) => {
  let limitFell = false
  const lazy = withFrames((text, identity) => {
    return limitFell && identity === 'CP002' && text.includes('"TxProfile"') ? undefined : text
  })
  const faults = [
    { atMs: 150_000, fault: { type: 'cut', charger: 'CP001', halfOpen: false } },
  ] as const
  const limits = [
    { atMs: 0, limitA: 60 },
    { atMs: 200_000, limitA: 14 },
  ]
  const result = await runScenario(aScenario({ faults, limits, minutes: 5 }), {
    create: lazy,
    onLook({ atMs }) {
      limitFell = atMs >= 200_000
    },
  })
  const found = result.violations.find(({ invariant }) => invariant === 'floor')
  t.match(found?.what, /CP002#1/)
})

test('a lost transaction is found', async (t) => {
  // As if the journal were not written: what was answered is gone with the power.
  const forgetful: CreateController = (settings, ports) =>
    createController(settings, {
      ...ports,
      store: { ...ports.store, append: () => Promise.resolve(), fold: () => Promise.resolve() },
    })
  const faults = [{ atMs: 120_000, fault: { type: 'crash', downMs: 5_000 } }] as const
  const result = await runScenario(aScenario({ faults, quietMinutes: 6 }), { create: forgetful })
  t.ok(broken(result).includes('durability'))
  t.ok((await runScenario(aScenario({ faults, quietMinutes: 6 }))).ok, 'the real one loses none')
})

test('what one has just given up for another is no room that a third was forgotten with', async (t) => {
  const scenario = aScenario({ count: 4, maxA: 70, quietMinutes: 6 })
  const { depot } = scenario.settings
  const priorities = new Map([
    ['CP001', 3],
    ['CP002', 2],
    ['CP004', 2],
  ])
  const chargers = [...(depot?.chargers ?? [])].map(([id, charger]) => {
    const priority = priorities.get(charger.ocppChargePointId ?? '')
    return [id, { ...charger, ...(priority !== undefined && { priority }) }] as const
  })
  const settings = {
    ...scenario.settings,
    ...(depot && { depot: { ...depot, chargers: new Map(chargers) } }),
  }
  // The first comes so late that what the others have given up for it still settles at the end.
  const arrivals = scenario.arrivals.map((arrival) =>
    arrival.charger === 'CP001' ? { ...arrival, atMs: scenario.durationMs - 10_000 } : arrival,
  )
  let permittedA: readonly number[] = []
  const result = await runScenario(
    { ...scenario, settings, arrivals },
    {
      onLook({ chargePoints }) {
        permittedA = chargePoints.map((chargePoint) => chargePoint.limitA(1))
      },
    },
  )
  t.same(permittedA, [0, 16, 6, 16])
  t.same(result.violations, [])
})

test('a controller that throws ends the run with a violation', async (t) => {
  const broke: CreateController = (settings, ports) => {
    const controller = createController(settings, ports)
    ports.clock.every(30_000, () => {
      throw new Error('out of ideas')
    })
    return controller
  }
  const result = await runScenario(aScenario({ minutes: 2 }), { create: broke })
  t.same(broken(result), ['sanity'])
  t.match(result.violations[0]?.what, /out of ideas/)
})

test('after a loss of power nothing of the controller before it acts', async (t) => {
  let lives = 0
  const spoken = new Map<number, number>()
  let latest = 0
  const counted: CreateController = (settings, ports) => {
    lives += 1
    const life = lives
    latest = life
    const controller = createController(settings, {
      ...ports,
      ...changedFrames(ports, (text) => {
        if (life !== latest) spoken.set(life, (spoken.get(life) ?? 0) + 1)
        return text
      }),
    })
    return controller
  }
  const faults = [
    { atMs: 60_000, fault: { type: 'crash', downMs: 100, on: 'profile' } },
    { atMs: 90_000, fault: { type: 'crash', downMs: 1_000, on: 'write' } },
    { atMs: 120_000, fault: { type: 'crash', downMs: 1_000, on: 'frame' } },
  ] as const
  const result = await runScenario(aScenario({ faults, minutes: 5 }), { create: counted })
  t.equal(lives, 4)
  t.equal(spoken.size, 0)
  t.same(result.violations, [])
})
