import { assert, integer, nat, property, string } from 'fast-check'
import { test } from 'tap'
import { countingIds } from '../../src/testing/counting-ids.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import { seededRandom } from '../../src/testing/random.js'
import type { Random } from '../../src/testing/random.js'

const draws = (random: Random, count = 20): readonly number[] =>
  Array.from({ length: count }, () => random.next())

test('the same seed gives the same numbers, another seed others', async (t) => {
  t.same(draws(seededRandom(1)), draws(seededRandom(1)))
  t.same(draws(seededRandom('depot')), draws(seededRandom('depot')))
  t.notSame(draws(seededRandom(1)), draws(seededRandom(2)))
})

test('a draw in one component does not change another', async (t) => {
  const quiet = seededRandom(7)
  const busy = seededRandom(7)
  draws(busy, 100)
  draws(busy.fork('meter'), 100)
  t.same(draws(quiet.fork('car')), draws(busy.fork('car')))
  t.notSame(draws(quiet.fork('car')), draws(quiet.fork('bus')))
  t.notSame(draws(quiet.fork('a').fork('b')), draws(quiet.fork('b').fork('a')))
})

test('numbers stay in their ranges, whatever the seed', async (t) => {
  const holds = property(string(), integer(), nat(1000), (seed, min, span) => {
    const random = seededRandom(seed)
    const whole = random.integer(min, min + span)
    const real = random.between(0, 5)
    const next = random.next()
    return (
      Number.isInteger(whole) &&
      whole >= min &&
      whole <= min + span &&
      real >= 0 &&
      real < 5 &&
      next >= 0 &&
      next < 1
    )
  })
  assert(holds)
  t.pass('1000 ranges')
})

test('numbers are spread evenly enough and picks reach every item', async (t) => {
  const random = seededRandom('spread')
  const numbers = draws(random, 10_000)
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length
  t.ok(Math.abs(mean - 0.5) < 0.02, `mean ${mean}`)
  const picked = new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])))
  t.equal(picked.size, 3)
  const hits = Array.from({ length: 10_000 }, () => random.chance(0.1)).filter(Boolean).length
  t.ok(hits > 800 && hits < 1200, `${hits} of 10000 at 0.1`)
  t.throws(() => random.pick([]), /nothing to pick from/)
})

test('ids count up and say what they are for', async (t) => {
  const ids = countingIds('session')
  t.same([ids.next(), ids.next()], ['session-1', 'session-2'])
})

test('the log keeps the latest entries and counts all of them', async (t) => {
  const log = memoryLog({ maxEntries: 3 })
  for (let count = 0; count < 5; count += 1) log.info('offered', { count })
  log.error('refused')
  t.same(
    log.entries().map(({ level, event, fields }) => [level, event, fields['count']]),
    [
      ['info', 'offered', 3],
      ['info', 'offered', 4],
      ['error', 'refused', undefined],
    ],
  )
  t.equal(log.count('offered'), 5)
  t.equal(log.count('never'), 0)
})
