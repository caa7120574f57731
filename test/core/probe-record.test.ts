import { test } from 'tap'
import { outdatedCharger, probedCharger } from '../../src/core/probe/record.js'
import type { StepOutcome } from '../../src/core/probe/probe.js'
import type { Findings, ProbeStep } from '../../src/core/probe/probe-types.js'
import { aCharger } from './a-depot.js'

const IDENTITY = { vendor: 'V', model: 'M', firmware: '1' }
const AT_MS = 1_772_366_400_000
const GOOD: Findings = { expiry: 'honoured', fallbackAfterExpiryA: 6, fallbackSeen: true }

function outcome(step: ProbeStep, findings: Findings, isClear = true): StepOutcome {
  return { step, isClear, findings }
}

for (const { title, before = false, outcomes, after } of [
  {
    title: 'an honoured expiry with its fallback',
    outcomes: [outcome('expiry', GOOD)],
    after: true,
  },
  {
    title: 'an honoured expiry that goes to full power',
    before: true,
    outcomes: [outcome('expiry', { ...GOOD, fallbackSeen: false })],
    after: false,
  },
  {
    title: 'an ignored expiry',
    before: true,
    outcomes: [outcome('expiry', { expiry: 'ignored' })],
    after: false,
  },
  {
    title: 'a charger that forgets its limits with the link',
    before: true,
    outcomes: [outcome('expiry', GOOD), outcome('reconnect', { keepsOverReconnect: false })],
    after: false,
  },
  {
    title: 'an unclear expiry, where it was verified',
    before: true,
    outcomes: [outcome('expiry', { expiry: 'unclear', notes: ['why'] }, false)],
    after: true,
  },
  {
    title: 'an unclear expiry, where it was not',
    outcomes: [outcome('expiry', { expiry: 'unclear', notes: ['why'] }, false)],
    after: false,
  },
  {
    title: 'another step alone',
    before: true,
    outcomes: [outcome('units', { units: ['A'] })],
    after: true,
  },
] satisfies readonly {
  readonly title: string
  readonly before?: boolean
  readonly outcomes: readonly StepOutcome[]
  readonly after: boolean
}[]) {
  test(`${title} makes the expiry ${after ? '' : 'not '}verified`, async (t) => {
    const charger = aCharger('c', 'g', { expiryVerified: before })
    t.equal(probedCharger(charger, outcomes, IDENTITY, AT_MS)?.expiryVerified, after)
  })
}

test('a later probe of the same firmware adds, and is silent of what it could not see', async (t) => {
  const first = probedCharger(
    aCharger('c', 'g'),
    [outcome('expiry', { ...GOOD, notes: ['old'] }), outcome('units', { units: ['A'] })],
    IDENTITY,
    AT_MS,
  )
  if (!first) throw new Error('nothing was kept')
  const second = probedCharger(
    first,
    [
      outcome('expiry', { expiry: 'unclear', notes: ['no samples'] }, false),
      outcome('zero', { resumesFromZero: true }),
    ],
    IDENTITY,
    AT_MS + 1,
  )
  t.match(second?.probe, {
    atMs: AT_MS + 1,
    expiry: 'honoured',
    units: ['A'],
    resumesFromZero: true,
    notes: ['expiry: no samples'],
  })
  t.equal(second?.expiryVerified, true)
  t.equal(probedCharger(first, [], IDENTITY, AT_MS), undefined, 'no step, no record')
})

test('another firmware takes the record and the verification away until it is probed', async (t) => {
  const known = probedCharger(aCharger('c', 'g'), [outcome('expiry', GOOD)], IDENTITY, AT_MS)
  if (!known) throw new Error('nothing was kept')
  t.equal(outdatedCharger(known, IDENTITY), undefined)
  const nobody = { vendor: undefined, model: undefined, firmware: undefined }
  t.equal(outdatedCharger(known, nobody), undefined, 'before its first BootNotification')
  for (const change of [{ firmware: '2' }, { model: 'N' }, { firmware: undefined }]) {
    const outdated = outdatedCharger(known, { ...IDENTITY, ...change })
    t.match(outdated, { expiryVerified: false, probe: { outdated: true, expiry: 'honoured' } })
    if (!outdated) continue
    t.equal(outdatedCharger(outdated, IDENTITY), undefined, 'once is enough')
    const said = { ...outdated, expiryVerified: true }
    t.equal(outdatedCharger(said, IDENTITY), undefined, 'what the operator says then stays')
    const anew = probedCharger(outdated, [outcome('units', { units: ['A'] })], IDENTITY, AT_MS)
    t.equal(anew?.probe?.expiry, undefined, 'nothing of the old firmware counts')
    t.not(anew?.probe?.outdated, true)
  }
})
