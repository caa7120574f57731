import { test } from 'tap'
import { simulatedLimitSource } from '../../src/testing/simulated-limit-source.js'
import type { LimitRegister, StatedLimit } from '../../src/testing/simulated-limit-source.js'

const AMPERES: LimitRegister = {
  unit: 'A',
  register: { address: 1, functionCode: 3, type: 'uint16', wordOrder: 'big', scale: 1 },
}
const WATTS: LimitRegister = {
  unit: 'W',
  register: { address: 9, functionCode: 4, type: 'float32', wordOrder: 'little', scale: 1000 },
}

function aSource(limit: StatedLimit, register?: LimitRegister) {
  return simulatedLimitSource({ id: 's', limit: () => limit, ...(register ? { register } : {}) })
}

test('a limit comes in the unit of its register, or as it is stated where there is none', async (t) => {
  for (const [limit, register, expected] of [
    [{ limitA: 63.25 }, undefined, { limitA: 63.25 }],
    [{ limitW: 5000 }, undefined, { limitW: 5000 }],
    [{ limitA: 63 }, AMPERES, { limitA: 63 }],
    [{ limitA: 63.4 }, AMPERES, { limitA: 63 }],
    [{ limitW: 6900 }, AMPERES, { limitA: 10 }],
    [{ limitW: 20_000 }, WATTS, { limitW: 20_000 }],
    [{ limitA: 100 }, WATTS, { limitW: 69_000 }],
    [{ limitA: 0 }, AMPERES, { limitA: 0 }],
  ] as const) {
    const event = aSource(limit, register).poll(77)
    t.same(event, { type: 'limitRead', reading: { sourceId: 's', atMs: 77, ...expected } })
  }
})

test('stale: the last limit comes again and again', async (t) => {
  const source = aSource({ limitA: 60 }, AMPERES)
  t.match(source.poll(0), { reading: { limitA: 60 } })
  source.setMode('stale')
  source.setLimit({ limitA: 20 })
  t.match(source.poll(1000), { reading: { limitA: 60, atMs: 1000 } })
  t.same(source.limit(), { limitA: 20 }, 'what it should state is known')
  source.setMode('live')
  t.match(source.poll(2000), { reading: { limitA: 20 } })
})

test('silent, failing, notANumber, wordsSwapped: no limit is read', async (t) => {
  const source = aSource({ limitW: 20_000 }, WATTS)
  source.setMode('silent')
  t.equal(source.poll(0), undefined)
  for (const [mode, problem] of [
    ['failing', /no valid answer/],
    ['notANumber', /limit \(register 9.* not a number/],
    ['wordsSwapped', /limit \(register 9/],
  ] as const) {
    source.setMode(mode)
    t.equal(source.mode(), mode)
    t.match(source.poll(0), { type: 'limitFailed', sourceId: 's', problem }, mode)
  }
  const amperes = aSource({ limitA: 63 }, AMPERES)
  amperes.setMode('notANumber')
  t.match(amperes.poll(0), { type: 'limitFailed', problem: /not available/ })
})
