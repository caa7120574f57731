/**
 * What goes wrong, and when, from a seed: faults alone, and faults that go for each other, at the
 * worst times there are. The quiet part at the end heals what is left.
 */
import type { LimitWindow } from '../../core/schedule/windows.js'
import type { Behaviour } from '../behaviour.js'
import type { Random } from '../random.js'
import type { CrashMoment, Fault, Scenario, TimedFault } from './scenario.js'

export interface FaultPlanFacts {
  readonly windows: readonly LimitWindow[]
  readonly maxA: number
  readonly worstA: number
  /** Chargers may do what no controller could mend. */
  readonly isIncapable: boolean
}

interface Plan {
  readonly random: Random
  readonly scenario: Scenario
  readonly facts: FaultPlanFacts
  readonly identities: readonly string[]
  readonly add: (atMs: number, fault: Fault) => void
}

type Motif = (plan: Plan, atMs: number) => void

const WARM_UP_MS = 90_000
const MINUTE_MS = 60_000

export function faultPlan(
  random: Random,
  scenario: Scenario,
  facts: FaultPlanFacts,
): readonly TimedFault[] {
  const endMs = scenario.durationMs - scenario.quietMs
  const faults: TimedFault[] = []
  const plan: Plan = {
    random,
    scenario,
    facts,
    identities: scenario.chargers.map(({ identity }) => identity),
    add(atMs, fault) {
      if (atMs > 0 && atMs < endMs) faults.push({ atMs: Math.round(atMs), fault })
    },
  }
  const motifs = motifsFor(random, scenario, facts)
  const gapMs = random.pick([20_000, 60_000, 150_000])
  for (let atMs = WARM_UP_MS; atMs < endMs; atMs += random.integer(1_000, 2 * gapMs)) {
    random.pick(motifs)(plan, atMs)
  }
  return faults.toSorted((a, b) => a.atMs - b.atMs)
}

/** A few kinds of trouble in each run, rather than a little of all. */
function motifsFor(random: Random, scenario: Scenario, facts: FaultPlanFacts): readonly Motif[] {
  const possible: Motif[] = [
    shortCut,
    swizzle,
    resets,
    duplicates,
    lostFrames,
    refusals,
    slowness,
    powerLoss,
    powerLoss,
    stormOfPowerLosses,
    reboots,
    diskTrouble,
    clockSteps,
    nearExpiry,
  ]
  if (scenario.settings.meters.length > 0) possible.push(meterTrouble, meterTrouble)
  if (scenario.limits.length > 0) possible.push(fallingLimit, fallingLimit, sourceTrouble)
  if (facts.windows.length > 0) possible.push(nearEdge)
  if (scenario.settings.mqtt) possible.push(brokerTrouble)
  if (facts.isIncapable) possible.push(incapable, incapable)
  const count = random.integer(3, possible.length)
  return Array.from({ length: count }, () => random.pick(possible))
}

const shortCut: Motif = ({ random, identities, add }, atMs) => {
  const charger = random.pick(identities)
  add(atMs, { type: 'cut', charger, halfOpen: random.chance(0.5) })
  add(atMs + random.pick([500, 5_000, 45_000, 200_000, 300_000]), { type: 'heal', charger })
}

/** Some are cut off, things change meanwhile, and they come back in another order. */
const swizzle: Motif = (plan, atMs) => {
  const { random, identities, add } = plan
  const away = identities.filter(() => random.chance(0.5))
  for (const charger of away) {
    const halfOpen = random.chance(0.5)
    add(atMs + random.integer(0, 20_000), { type: 'cut', charger, halfOpen })
  }
  worsen(plan, atMs + random.integer(10_000, 60_000))
  if (random.chance(0.5)) powerLoss(plan, atMs + random.integer(0, 90_000))
  const backMs = atMs + random.integer(20_000, 260_000)
  for (const charger of away) add(backMs + random.integer(0, 40_000), { type: 'heal', charger })
}

const resets: Motif = ({ random, identities, add }, atMs) => {
  for (let count = random.integer(1, 3); count > 0; count -= 1) {
    const charger = random.pick(identities)
    add(atMs + random.integer(0, 5_000), { type: 'resetConnection', charger })
  }
}

const duplicates: Motif = ({ random, identities, add }, atMs) => {
  add(atMs, { type: 'duplicateConnection', charger: random.pick(identities) })
}

const lostFrames: Motif = ({ random, identities, add }, atMs) => {
  const to = random.pick(['server', 'chargePoint'] as const)
  add(atMs, {
    type: 'loseFrames',
    charger: random.pick(identities),
    to,
    count: random.integer(1, 3),
  })
}

const refusals: Motif = ({ random, identities, add }, atMs) => {
  const answers = Array.from({ length: random.integer(1, 3) }, () =>
    random.pick(['reject', 'silent', 'loseAnswer', 'normal'] as const),
  )
  const charger = random.pick(identities)
  add(atMs, { type: 'answerNext', charger, action: 'SetChargingProfile', answers })
}

const slowness: Motif = ({ random, identities, add }, atMs) => {
  const charger = random.pick(identities)
  const change = {
    answerDelayMs: random.pick([0, 300, 2_000, 5_000]),
    applyDelayMs: random.pick([0, 0, 500, 5_000]),
  }
  add(atMs, { type: 'behave', charger, change })
}

const MOMENTS: readonly CrashMoment[] = ['frame', 'profile', 'profile', 'write', 'write', 'start']

const powerLoss: Motif = ({ random, add }, atMs) => {
  const downMs = random.pick([200, 2_000, 10_000, 40_000, 200_000])
  add(atMs, { type: 'crash', downMs, ...momentOf(random) })
}

function momentOf(random: Random): { readonly on?: CrashMoment } {
  return random.chance(0.3) ? {} : { on: random.pick(MOMENTS) }
}

const stormOfPowerLosses: Motif = ({ random, add }, atMs) => {
  let nextMs = atMs
  for (let count = random.integer(2, 6); count > 0; count -= 1) {
    const downMs = random.pick([100, 500, 3_000])
    add(nextMs, { type: 'crash', downMs, ...momentOf(random) })
    nextMs += downMs + random.pick([300, 2_000, 6_000, 15_000, 50_000])
  }
}

const reboots: Motif = ({ random, identities, facts, add }, atMs) => {
  const keepProfiles = !facts.isIncapable || random.chance(0.5)
  add(atMs, { type: 'reboot', charger: random.pick(identities), keepProfiles })
}

const diskTrouble: Motif = (plan, atMs) => {
  const { random, add } = plan
  if (random.chance(0.5)) add(atMs, { type: 'diskFails', writes: random.integer(1, 20) })
  else add(atMs, { type: 'diskHangs', forMs: random.pick([500, 5_000, 40_000]) })
  if (random.chance(0.4)) powerLoss(plan, atMs + random.integer(0, 20_000))
}

const clockSteps: Motif = ({ random, add }, atMs) => {
  const byMs = random.pick([-3_600_000, -60_000, -5_000, 5_000, 60_000, 3_600_000])
  add(atMs, { type: 'clockStep', byMs })
}

const meterTrouble: Motif = ({ random, add }, atMs) => {
  add(atMs, {
    type: 'meter',
    mode: random.pick(['silent', 'silent', 'failing', 'frozen'] as const),
  })
  add(atMs + random.pick([3_000, 10_000, 30_000, 90_000, 240_000]), { type: 'meter', mode: 'live' })
}

const sourceTrouble: Motif = (plan, atMs) => {
  const { random, add } = plan
  add(atMs, { type: 'limitSource', mode: random.pick(['silent', 'failing'] as const) })
  if (random.chance(0.5)) lowerLimit(plan, atMs + random.integer(500, 30_000))
  const forMs = random.pick([3_000, 20_000, 90_000, 240_000])
  add(atMs + forMs, { type: 'limitSource', mode: 'live' })
}

/** The limit falls, and right after it something else happens. */
const fallingLimit: Motif = (plan, atMs) => {
  const { random, facts, add } = plan
  lowerLimit(plan, atMs)
  const soonMs = atMs + random.integer(0, 2_500)
  random.pick([powerLoss, refusals, lostFrames, resets, shortCut, slowness])(plan, soonMs)
  if (random.chance(0.7)) {
    add(atMs + random.integer(20_000, 240_000), { type: 'limit', limitA: facts.maxA })
  }
}

/** Around the edge of a window things are prepared: not now. */
const nearEdge: Motif = (plan) => {
  const { random, facts, scenario } = plan
  const { from, to } = random.pick(facts.windows)
  const startOfDayMs = scenario.startWallMs - (scenario.startWallMs % (24 * 60 * MINUTE_MS))
  for (const edge of [from, to]) {
    const minutes = Number(edge.slice(0, 2)) * 60 + Number(edge.slice(3, 5))
    // In whatever zone: some hour of the day is the right one.
    for (let hour = -2; hour <= 2; hour += 1) {
      const wallMs = startOfDayMs + (minutes + hour * 60) * MINUTE_MS
      const atMs = wallMs - scenario.startWallMs + random.integer(-50_000, 20_000)
      random.pick([powerLoss, shortCut, clockSteps, refusals, resets])(plan, atMs)
    }
  }
}

/** Cut off, and looked at again when the last profile is about to end. */
const nearExpiry: Motif = (plan, atMs) => {
  const { random, identities, scenario, add } = plan
  const charger = random.pick(identities)
  add(atMs, { type: 'cut', charger, halfOpen: random.chance(0.5) })
  const endsMs = atMs + scenario.settings.ocpp.profileDurationS * 1000
  const thenMs = endsMs + random.integer(-60_000, 10_000)
  if (random.chance(0.5) && scenario.settings.meters.length > 0) {
    add(thenMs, { type: 'meter', mode: 'silent' })
    add(thenMs + random.integer(4_000, 90_000), { type: 'meter', mode: 'live' })
  } else random.pick([powerLoss, worsen])(plan, thenMs)
  add(endsMs + random.integer(-20_000, 90_000), { type: 'heal', charger })
}

const brokerTrouble: Motif = ({ random, add }, atMs) => {
  add(atMs, { type: 'broker', up: false })
  add(atMs + random.integer(2_000, 300_000), { type: 'broker', up: true })
}

const INCAPABLE: readonly Partial<Behaviour>[] = [
  { rejectsProfiles: true },
  { acceptsAndIgnores: true },
  { neverAnswers: ['SetChargingProfile'] },
  { neverAnswers: ['*'] },
  { ignoresExpiry: true },
  { dropsProfilesOnDisconnect: true },
  { dropsProfilesOnReboot: true },
  { rejectsTxProfileAbove: 10 },
]

/** For a while, or for good. */
const incapable: Motif = ({ random, identities, scenario, add }, atMs) => {
  const charger = random.pick(identities)
  add(atMs, { type: 'behave', charger, change: random.pick(INCAPABLE) })
  if (random.chance(0.3)) return
  const forMs = random.pick([20_000, 120_000, 400_000])
  const usual = scenario.chargers.find(({ identity }) => identity === charger)?.behaviour ?? {}
  add(atMs + forMs, { type: 'behave', charger, change: { ...HEALTHY, ...usual } })
}

const HEALTHY: Partial<Behaviour> = {
  rejectsProfiles: false,
  acceptsAndIgnores: false,
  neverAnswers: [],
  ignoresExpiry: false,
  dropsProfilesOnDisconnect: false,
  dropsProfilesOnReboot: false,
  rejectsTxProfileAbove: Infinity,
}

/** Less room, from outside. */
function worsen(plan: Plan, atMs: number): void {
  const { scenario, random, add } = plan
  if (scenario.limits.length > 0) lowerLimit(plan, atMs)
  else if (scenario.settings.meters.length > 0) {
    add(atMs, { type: 'meter', mode: 'failing' })
    add(atMs + random.integer(5_000, 90_000), { type: 'meter', mode: 'live' })
  } else powerLoss(plan, atMs)
}

function lowerLimit({ random, facts, add }: Plan, atMs: number): void {
  const { maxA, worstA } = facts
  const limitA = Math.round(worstA + (maxA - worstA) * random.between(0.02, 0.6))
  add(atMs, { type: 'limit', limitA })
}
