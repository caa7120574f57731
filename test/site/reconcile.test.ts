/** After a restart everybody is told anew, soon, and nobody more than he had before it is sure to fit. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aStory } from './a-story.js'

const FULL_A = 80

for (const [what, behaviour] of [
  ['that say what limit they have', {}],
  ['that cannot be asked', { supportsCompositeSchedule: false }],
  ['that never answer the question', { neverAnswers: ['GetCompositeSchedule'] }],
  ['that say they have none', { compositeLies: 'hardwareMaximum' }],
  ['that say they have 0 A', { compositeLies: 'zero' }],
] as const satisfies readonly (readonly [string, Partial<Behaviour>])[]) {
  test(`chargers ${what} are told anew within 10 s of a restart`, async (t) => {
    const identities = ['CP001', 'CP002', 'CP003', 'CP004', 'CP005']
    const site = await aStory({
      count: 5,
      maxA: FULL_A,
      chargers: identities.map((identity) => ({
        identity,
        connectors: [{ maxCurrentA: 32, phases: 3 }],
        behaviour,
      })),
    })
    // One has had all of it: its mark is high, and so is that of the others in turn.
    await site.everybodyCharges(['CP001'])
    await site.everybodyCharges(['CP002', 'CP003'])
    await site.everybodyCharges(['CP004', 'CP005'])
    const before = site.limitsA()
    await site.restart()
    const backMs = site.clock.monotonic()
    const connected = (): boolean => site.controller().view().site.connectedChargers === 5
    await site.clock.advanceUntil(connected, 60_000)
    const tellMs = site.clock.monotonic()
    t.ok((await site.highestA(10_000)) <= FULL_A + 0.01)
    for (const identity of identities) {
      const told = site.wire
        .profiles(identity)
        .find(({ atMs, purpose }) => purpose === 'TxProfile' && atMs > backMs)
      t.ok((told?.atMs ?? Infinity) <= tellMs + 10_000, identity)
    }
    t.ok((await site.highestA(120_000)) <= FULL_A + 0.01)
    t.same(site.limitsA(), before, 'as before')
    await site.stop()
  })
}
