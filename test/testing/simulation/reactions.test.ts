import { test } from 'tap'
import {
  batchP99Ms,
  slowBatch,
  summaryOf,
  withReactions,
} from '../../../src/testing/simulation/reactions.js'
import type { ReactionCounts } from '../../../src/testing/simulation/reactions.js'

function batch(...runs: readonly (readonly number[])[]): ReactionCounts {
  return runs.reduce(
    (counts: ReactionCounts, eachMs) => withReactions(counts, summaryOf(eachMs, 0)),
    {},
  )
}

function many(count: number, ms: number): readonly number[] {
  return Array.from({ length: count }, () => ms)
}

test('of many runs 99 of 100 reactions count together, to a tenth of a second', async (t) => {
  t.equal(batchP99Ms({}), undefined)
  t.equal(batchP99Ms(batch([312])), 400)
  t.equal(batchP99Ms(batch(many(98, 500), [900], [12_000])), 900)
  t.equal(batchP99Ms(batch(many(98, 500), [12_000], [12_000])), 12_000)
})

test('a batch is too slow when more than one of 100 takes longer than 5 s', async (t) => {
  t.equal(slowBatch(batch(many(199, 5_000), [16_000])), undefined)
  t.equal(
    slowBatch(batch(many(97, 500), many(3, 5_050))),
    '99% of 100 reactions within 5.1 s, more than 5 s',
  )
  t.equal(slowBatch(batch(many(99, 9_000))), undefined, 'too few to say')
})
