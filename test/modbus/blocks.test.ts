import * as fc from 'fast-check'
import { test } from 'tap'
import type { RegisterSettings } from '../../src/config/settings.js'
import { covers, EXACT, JOINED, planBlocks, wordsOf } from '../../src/modbus/blocks.js'
import { WORD_COUNT } from '../../src/modbus/registers.js'

type Type = RegisterSettings['type']

function register(address: number, type: Type, functionCode: 3 | 4 = 3): RegisterSettings {
  return { address, functionCode, type, wordOrder: 'big', scale: 1 }
}

function three(first: number, step: number, type: Type): readonly RegisterSettings[] {
  return [first, first + step, first + 2 * step].map((address) => register(address, type))
}

test('real meters are read in few requests, their currents always in one', async (t) => {
  const cases: [string, (readonly RegisterSettings[])[], [number, number][]][] = [
    ['neighbours', [three(6, 2, 'float32')], [[6, 6]]],
    [
      'power far away',
      [three(12, 2, 'int32'), [register(40, 'int32')], [register(52, 'int32')]],
      [
        [12, 6],
        [40, 14],
      ],
    ],
    ['power near', [three(19012, 2, 'float32'), [register(19026, 'float32')]], [[19012, 16]]],
    [
      'a step of 20 per phase',
      [three(1022, 20, 'float32'), [register(1013, 'float32')]],
      [[1013, 51]],
    ],
    ['currents 40 apart', [three(60, 40, 'uint32')], [[60, 82]]],
    [
      'currents too far apart for one request',
      [three(0, 100, 'uint16')],
      [
        [0, 1],
        [100, 1],
        [200, 1],
      ],
    ],
  ]
  for (const [name, groups, expected] of cases) {
    const blocks = planBlocks(groups, JOINED)
    t.same(
      blocks.map(({ address, count }) => [address, count]),
      expected,
      name,
    )
  }
})

test('two wide groups across each other are read without reading anything twice', async (t) => {
  const groups = [
    [register(0, 'uint16'), register(120, 'uint16')],
    [register(60, 'uint16'), register(180, 'uint16')],
  ]
  t.same(planBlocks(groups, JOINED), [
    { functionCode: 3, address: 0, count: 121 },
    { functionCode: 3, address: 180, count: 1 },
  ])
})

test('input and holding registers are never mixed in a request', async (t) => {
  const blocks = planBlocks([[register(0, 'uint16', 3), register(1, 'uint16', 4)]], JOINED)
  t.same(blocks, [
    { functionCode: 3, address: 0, count: 1 },
    { functionCode: 4, address: 1, count: 1 },
  ])
})

test('the exact plan reads no register that was not asked for', async (t) => {
  const groups = [three(6, 2, 'uint16'), [register(12, 'int32')], [register(14, 'int32')]]
  const blocks = planBlocks(groups, EXACT)
  t.same(
    blocks.map(({ address, count }) => [address, count]),
    [
      [6, 1],
      [8, 1],
      [10, 1],
      [12, 4],
    ],
  )
})

test('registers that overlap are each read whole', async (t) => {
  const groups = [[register(0, 'float64')], [register(2, 'uint16')], [register(3, 'uint32')]]
  t.same(planBlocks(groups, EXACT), [{ functionCode: 3, address: 0, count: 5 }])
})

const types = fc.constantFrom<Type[]>('uint16', 'int32', 'float64')
const code = fc.constantFrom<(3 | 4)[]>(3, 4)
const place = fc.oneof(fc.nat(300), fc.nat(65_000))
const anyRegister = fc
  .tuple(place, types, code)
  .map(([address, type, functionCode]) => register(address, type, functionCode))
const groups = fc.array(fc.array(anyRegister, { maxLength: 3 }), { maxLength: 30 })
const rules = fc.record({ maxGap: fc.nat(130), joinGroups: fc.boolean() })

test('every register is in a block, and no block is longer than 125', async () => {
  fc.assert(
    fc.property(groups, rules, (wanted, rule) => {
      const blocks = planBlocks(wanted, rule)
      return (
        blocks.every(({ count }) => count >= 1 && count <= 125) &&
        wanted.flat().every((one) => blocks.some((block) => covers(block, one)))
      )
    }),
  )
})

test('blocks do not overlap unless registers do', async () => {
  const separate = groups.map((wanted) => {
    const taken = new Set<string>()
    return wanted.map((group) =>
      group.filter(({ functionCode, address, type }) => {
        const cells = Array.from(
          { length: WORD_COUNT[type] },
          (_, i) => `${functionCode}:${address + i}`,
        )
        if (cells.some((cell) => taken.has(cell))) return false
        for (const cell of cells) taken.add(cell)
        return true
      }),
    )
  })
  fc.assert(
    fc.property(separate, rules, (wanted, rule) => {
      const blocks = planBlocks(wanted, rule)
      return blocks.every((block, index) => {
        const next = blocks[index + 1]
        if (!next || next.functionCode !== block.functionCode) return true
        return block.address + block.count <= next.address
      })
    }),
  )
})

test('each register gets its own words out of the blocks', async () => {
  fc.assert(
    fc.property(groups, rules, (wanted, rule) => {
      const read = planBlocks(wanted, rule).map(({ functionCode, address, count }) => ({
        functionCode,
        address,
        count,
        words: Array.from({ length: count }, (_, i) => address + i),
      }))
      return wanted.flat().every((one) => {
        const words = wordsOf(one, read)
        return words?.length === WORD_COUNT[one.type] && words[0] === one.address
      })
    }),
  )
})
