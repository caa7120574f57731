import * as fc from 'fast-check'
import { test } from 'tap'
import { energyAtStop, readRegister } from '../../src/core/site/register.js'
import type { Counted } from '../../src/core/site/register.js'

const ALWAYS = (_wh: number): boolean => true

function begin(meterStartWh: number): Counted {
  return { register: { baseWh: meterStartWh, lastWh: meterStartWh }, energyWh: 0 }
}

function readAll(from: Counted, readings: readonly number[], isPossible = ALWAYS): Counted {
  return readings.reduce((counted, wh) => readRegister(counted, wh, isPossible), from)
}

test('a register is counted from what it showed at the start', async (t) => {
  t.equal(readAll(begin(1000), [1000, 1500, 4000]).energyWh, 3000)
})

test('one wrong reading between two right ones counts nothing', async (t) => {
  t.equal(readAll(begin(1000), [1500, 0, 4000]).energyWh, 3000)
  t.equal(readAll(begin(1000), [1500, 1400, 4000]).energyWh, 3000)
  t.equal(readAll(begin(0), [900, 0, 1000]).energyWh, 1000)
  t.equal(readAll(begin(1001), [1000, 1000, 1000, 1500]).energyWh, 499, 'rounded another way')
})

test('a register that begins at 0 again goes on where it was', async (t) => {
  const counted = readAll(begin(120_000), [121_000, 125_000, 100, 600, 2000])
  t.equal(counted.energyWh, 5000 + 2000)
})

test('a register that shows again what it showed before never began anew', async (t) => {
  t.equal(readAll(begin(9000), [9800, 20, 300, 9900, 10_200]).energyWh, 1200)
  const high = readAll(begin(0), [1500, 20, 226])
  t.equal(high.energyWh, 1500)
  t.equal(energyAtStop(high, 0, 226), 226, 'the high one was wrong')
})

test('a register that goes round at 32 bits goes on', async (t) => {
  const start = 2 ** 32 - 3000
  t.equal(readAll(begin(start), [start + 2000, 500, 1500]).energyWh, 4500)
})

test('a register that falls back to an older figure counts what is beyond the highest', async (t) => {
  t.equal(readAll(begin(120_000), [125_000, 119_000, 119_500, 121_000]).energyWh, 5000)
  t.equal(readAll(begin(120_000), [125_000, 119_000, 119_500, 126_000]).energyWh, 6000)
})

test('what cannot have flowed is passed over', async (t) => {
  const isPossible = (wh: number): boolean => wh <= 50_000
  const counted = readAll(begin(1000), [2000, 4_296_944_685, 3000], isPossible)
  t.equal(counted.energyWh, 2000)
})

test('at its end a transaction counts by the register it has', async (t) => {
  const plain = readAll(begin(1000), [1500])
  t.equal(energyAtStop(plain, 1000, 1800), 800)
  t.equal(energyAtStop(plain, 1000, 0), 500, 'below the start: what was seen')
  t.equal(energyAtStop({ register: undefined, energyWh: 0 }, 1000, 1800), 800)
  t.equal(energyAtStop(plain, 1000, Number.NaN), 500)
  const anew = readAll(begin(120_000), [125_000, 100, 600])
  t.equal(energyAtStop(anew, 120_000, 900), 5900)
  t.equal(energyAtStop(anew, 120_000, 0), 5600)
  t.equal(energyAtStop(anew, 120_000, 125_700), 5700, 'as if it had never begun anew')
})

test('where a wrong reading began a count anew, the registers at both ends are what counts', async (t) => {
  const wrong = readAll(begin(5648), [1.5, 1.5])
  t.equal(wrong.energyWh, 1.5)
  t.equal(energyAtStop(wrong, 5648, 7429), 1781)
  const forgotten = { ...wrong.register, before: undefined }
  t.equal(energyAtStop({ register: forgotten, energyWh: 1.5 }, 5648, 7429), 1781)
})

test('whatever is read, the energy is never more than what can have flowed, and never below 0', async () => {
  const readings = fc.array(fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.nat(2 ** 31)), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(fc.nat(100_000), readings, (start, all) => {
      let counted = begin(start)
      for (const wh of all) {
        const next = readRegister(counted, wh, (energyWh) => energyWh <= 80_000)
        if (next.energyWh < 0 || next.energyWh > 80_000) return false
        counted = next
      }
      return true
    }),
  )
})
