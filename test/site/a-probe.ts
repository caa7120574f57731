/** A story in which a charger is probed, watched each second. */
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aStory } from './a-story.js'
import type { Story, StoryOptions } from './a-story.js'
import { fields } from './wire-log.js'

export interface ProbedStory extends Story {
  /** Consents to the probe of CP001. */
  start(steps?: readonly string[]): Promise<{ status: number; body: unknown }>
  probe(): Promise<Probe>
  /** Until the probe does this. */
  until(doing: RegExp): Promise<void>
  /** Until the probe is over. */
  ended(): Promise<Probe>
  /** The highest that cars were permitted since the cars came, A. */
  worstA(): number
}

export interface Probe {
  readonly state: unknown
  readonly words: string
  readonly why: unknown
  readonly result: Readonly<Record<string, unknown>>
  readonly expiryVerified: unknown
  readonly unclear: readonly unknown[]
}

const LONGEST_S = 2_400

/** CP001 behaves like this; its car and those of the others charge. */
export async function aProbedStory(
  behaviour: Partial<Behaviour>,
  more: Partial<StoryOptions> & { readonly cars?: readonly string[] } = {},
): Promise<ProbedStory> {
  const { cars, count = 2, ...options } = more
  const chargers = Array.from({ length: count }, (_, index) => ({
    identity: `CP00${index + 1}`,
    ...(index === 0 && { behaviour }),
  }))
  const site = await aStory({ count, maxA: 80, chargers, ...options })
  let worstA = 0
  const second = async (): Promise<void> => {
    await site.seconds(1)
    worstA = Math.max(worstA, site.permittedA())
  }
  await site.everybodyCharges(cars)

  const story: ProbedStory = {
    ...site,
    start: (steps) =>
      site.rest('POST', '/chargers/cp001/probe', { consent: true, ...(steps && { steps }) }),
    async probe() {
      const { body } = await site.rest('GET', '/chargers/cp001/probe')
      const { state, words, why, result, outcomes, expiry_verified } = fields(body)
      const unclear = Array.isArray(outcomes) ? outcomes.map(fields) : []
      return {
        state,
        words: String(words),
        why,
        result: fields(result),
        expiryVerified: expiry_verified,
        unclear: unclear.filter(({ clear }) => clear === false).map(({ step }) => step),
      }
    },
    async until(doing) {
      for (let waitedS = 0; waitedS < LONGEST_S; waitedS++) {
        const { words, state } = await story.probe()
        if (doing.test(words)) return
        if (state !== 'running') throw new Error(`it ended: ${words}`)
        await second()
      }
      throw new Error(`the probe never did ${doing}`)
    },
    async ended() {
      for (let waitedS = 0; waitedS < LONGEST_S; waitedS++) {
        const probe = await story.probe()
        if (probe.state !== 'running') return probe
        await second()
      }
      throw new Error('the probe does not end')
    },
    worstA: () => worstA,
  }
  return story
}
