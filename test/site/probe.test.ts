/** The probe of a charger finds the truth about it, and no limit is exceeded meanwhile. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aProbedStory } from './a-probe.js'
import { meterSection } from './a-story.js'
import { fields } from './wire-log.js'

/** As much as the two chargers can take: the probe needs room for all of it. */
const LIMIT_A = 64

interface Truth {
  readonly title: string
  readonly behaviour: Partial<Behaviour>
  readonly result: Readonly<Record<string, unknown>>
  readonly expiryVerified: boolean
  readonly logged?: string
}

for (const { title, behaviour, result, expiryVerified, logged } of [
  {
    title: 'does all as it should',
    behaviour: {},
    result: {
      expiry: 'honoured',
      fallback_after_expiry_a: 6,
      fallback_seen: true,
      keeps_over_reconnect: true,
      keeps_over_reboot: true,
      resumes_from_zero: true,
      units: ['A', 'W'],
      firmware: '1.0.0',
      outdated: false,
    },
    expiryVerified: true,
    logged: 'expiryVerifiedChanged',
  },
  {
    title: 'ignores the end of limits',
    behaviour: { ignoresExpiry: true },
    result: { expiry: 'ignored', fallback_seen: false, keeps_over_reconnect: true },
    expiryVerified: false,
    logged: 'chargerIgnoresExpiry',
  },
  {
    title: 'goes to full power when its limit ends',
    behaviour: { profilesLostAfterMs: 100_000 },
    result: { expiry: 'honoured', fallback_after_expiry_a: 32, fallback_seen: false },
    expiryVerified: false,
    logged: 'chargerMissesFallback',
  },
  {
    title: 'forgets its limits with the connection',
    behaviour: { dropsProfilesOnDisconnect: true },
    result: { expiry: 'honoured', fallback_seen: true, keeps_over_reconnect: false },
    expiryVerified: false,
    logged: 'chargerForgetsLimits',
  },
  {
    title: 'forgets its limits when it reboots',
    behaviour: { dropsProfilesOnReboot: true },
    result: { expiry: 'honoured', keeps_over_reconnect: true, keeps_over_reboot: false },
    expiryVerified: true,
  },
  {
    title: 'does not resume from 0 A',
    behaviour: { resumesFromZero: false },
    result: { expiry: 'honoured', resumes_from_zero: false },
    expiryVerified: true,
  },
  {
    title: 'takes limits in W only',
    behaviour: { refusesUnits: ['A'] },
    result: { units: ['W'], notes: /it refuses limits in A/ },
    expiryVerified: true,
  },
  {
    title: 'follows a limit after eight seconds',
    behaviour: { applyDelayMs: 8_000 },
    result: { expiry: 'honoured', time_to_effect_ms: /^(8|9|1\d)\d\d\d$/ },
    expiryVerified: true,
  },
] satisfies readonly Truth[]) {
  test(`a charger that ${title} is found out`, async (t) => {
    const site = await aProbedStory(behaviour, { maxA: LIMIT_A })
    t.equal((await site.start()).status, 201)
    const probe = await site.ended()
    t.equal(probe.state, 'done')
    t.match(probe.result, result)
    t.equal(probe.expiryVerified, expiryVerified)
    t.ok(site.worstA() <= LIMIT_A, `${site.worstA()} A at most`)
    const events = site.world.log.entries().map(({ event }) => event)
    if (logged !== undefined) t.ok(events.includes(logged), logged)
    const { body } = await site.rest('GET', '/chargers/cp001')
    t.match(fields(body)['probe'], result, 'and it is kept with the charger')
    t.same(site.wire.broken(), [])
    await site.stop()
  })
}

for (const { title, phases, rotation, found, used } of [
  {
    title: 'a car on one phase shows where L1 is',
    phases: 1,
    rotation: 'STR',
    found: 'STR',
    used: 1,
  },
  {
    title: 'a car on two phases shows the third',
    phases: 2,
    rotation: 'TRS',
    found: 'TRS',
    used: 2,
  },
  {
    title: 'a car on three phases shows only that',
    phases: 3,
    rotation: 'STR',
    found: null,
    used: 3,
  },
] as const) {
  test(`${title}, whatever is configured`, async (t) => {
    const connectors = [{ maxCurrentA: 32, phases: 3, phaseRotation: rotation }] as const
    const site = await aProbedStory(
      {},
      {
        count: 1,
        settings: meterSection(20),
        cars: [],
        chargers: [{ identity: 'CP001', connectors }],
      },
    )
    // An uneasy building: some amperes up and down, each phase for itself.
    const swing = (period: number): number => 8 + 3 * Math.sin(site.clock.monotonic() / period)
    site.plugIn('CP001', { phases })
    await site.seconds(60)
    t.equal((await site.start(['phases'])).status, 201)
    let second = 0
    while ((await site.probe()).state === 'running' && second < 1200) {
      second += 1
      site.setBaseLoad([swing(7_000), swing(11_000), swing(5_000)])
      await site.seconds(1)
    }
    const probe = await site.ended()
    t.match(probe.result, { phase_rotation: found, phases_used: used })
    t.same(probe.unclear, [])
    await site.stop()
  })
}
