import { test } from 'tap'
import type { RegisterSettings } from '../../src/config/settings.js'
import type { PhaseA } from '../../src/core/phases.js'
import type { FieldEvent, MeterReading } from '../../src/ports.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { METER_MODES, simulatedMeter } from '../../src/testing/simulated-meter.js'
import type {
  MeterMode,
  MeterRegisters,
  SimulatedMeter,
} from '../../src/testing/simulated-meter.js'

type Type = RegisterSettings['type']

function at(address: number, type: Type, more: Partial<RegisterSettings> = {}): RegisterSettings {
  return { address, functionCode: 4, type, wordOrder: 'big', scale: 1, ...more }
}

/** An Eastron as it is found in most depots, currents only. */
const FLOATS: MeterRegisters = {
  currentA: [at(6, 'float32'), at(8, 'float32'), at(10, 'float32')],
  powerW: undefined,
  energyWh: undefined,
}

function integers(type: Type, scale: number): MeterRegisters {
  const register = (address: number): RegisterSettings => at(address, type, { scale })
  return {
    currentA: [register(100), register(110), register(120)],
    powerW: at(200, 'int32', { functionCode: 3, wordOrder: 'little' }),
    energyWh: at(300, 'uint64'),
  }
}

function aMeter(options: { registers?: MeterRegisters; averagedOverPolls?: number } = {}) {
  const clock = manualClock()
  let flowingA: PhaseA = [10, 20, 30]
  const meter = simulatedMeter({ id: 'm', clock, currentA: () => flowingA, ...options })
  return {
    meter,
    flow(currentA: PhaseA) {
      flowingA = currentA
    },
    /** One poll a second later. */
    async next(): Promise<FieldEvent | undefined> {
      await clock.advance(1000)
      return meter.poll(clock.monotonic())
    },
  }
}

async function reading(meter: { next(): Promise<FieldEvent | undefined> }): Promise<MeterReading> {
  const event = await meter.next()
  if (event?.type !== 'meterRead') throw new Error(`no reading: ${JSON.stringify(event)}`)
  return event.reading
}

test('what flows comes back through the registers, as exact as they are', async (t) => {
  const flowing: PhaseA = [10.04, 0, 216.37]
  for (const [what, registers, currentA] of [
    ['no map', undefined, [10.04, 0, 216.37]],
    ['float32', FLOATS, [10.04, 0, 216.37].map(Math.fround)],
    ['int16 in tenths', integers('int16', 0.1), [10, 0, 216.4]],
    ['uint32 in mA', integers('uint32', 0.001), [10.04, 0, 216.37]],
  ] as const) {
    const meter = aMeter(registers ? { registers } : {})
    meter.flow(flowing)
    const said = (await reading(meter)).currentA
    const differences = said.map((value, phase) => Math.abs(value - (currentA[phase] ?? NaN)))
    t.ok(Math.max(...differences) < 1e-9, `${what}: ${said.join(' ')}`)
  }
})

test('a quantity without a register is not in the reading; energy only ever grows', async (t) => {
  t.notOk('powerW' in (await reading(aMeter({ registers: FLOATS }))))
  const meter = aMeter({ registers: integers('int16', 0.1) })
  meter.flow([10, 10, 10])
  for (let second = 0; second < 360; second += 1) await meter.next()
  t.match(await reading(meter), { powerW: 6900, energyWh: 691 })
  meter.flow([-10, -10, -10])
  t.match(await reading(meter), { powerW: -6900, energyWh: 691, currentA: [-10, -10, -10] })
})

test('averagedOverPolls: a step comes in parts', async (t) => {
  const meter = aMeter({ averagedOverPolls: 4 })
  for (let poll = 0; poll < 4; poll += 1) await meter.next()
  meter.flow([30, 20, 30])
  const l1: number[] = []
  for (let poll = 0; poll < 5; poll += 1) l1.push((await reading(meter)).currentA[0])
  t.same(l1, [15, 20, 25, 30, 30])
})

test('silent, failing: nothing, or a failure in words', async (t) => {
  const world = aMeter()
  world.meter.setMode('silent')
  t.equal(await world.next(), undefined)
  world.meter.setMode('failing')
  t.match(await world.next(), { type: 'meterFailed', meterId: 'm', problem: /no valid answer/ })
})

test('frozen, delayed, stale: the past, with the time of the present', async (t) => {
  const l1Of = async (mode: MeterMode): Promise<readonly number[]> => {
    const world = aMeter()
    for (let second = 0; second < 30; second += 1) {
      world.flow([second, 0, 0])
      await world.next()
    }
    world.meter.setMode(mode)
    const said: number[] = []
    for (let second = 30; second < 180; second += 1) {
      world.flow([second, 0, 0])
      said.push((await reading(world)).currentA[0])
    }
    return said
  }
  const live = await l1Of('live')
  t.same(live.slice(0, 3), [30, 31, 32])
  t.same(new Set(await l1Of('frozen')), new Set([29]))
  const delayed = await l1Of('delayed')
  t.same(delayed.slice(0, 3), [20, 21, 22], '10 s late')
  t.equal(delayed.at(-1), 169)
  const stale = await l1Of('stale')
  t.same([...new Set(stale)], [29, 89, 149], 'once a minute')
})

test('delayed: as late as wanted, up to a minute', async (t) => {
  const world = aMeter()
  for (const [delayMs, l1] of [
    [2_000, 98],
    [20_000, 80],
    [60_000, 40],
    [600_000, 40],
  ] as const) {
    world.meter.setMode('live')
    for (let second = 0; second < 100; second += 1) {
      world.flow([second, 0, 0])
      await world.next()
    }
    world.meter.setMode('delayed', { delayMs })
    world.flow([100, 0, 0])
    t.equal((await reading(world)).currentA[0], l1, `${delayMs} ms`)
  }
})

test('phaseFlipped, tenth, tenfold: one phase exports, the scale is wrong', async (t) => {
  const world = aMeter()
  world.meter.setMode('phaseFlipped')
  const { currentA } = await reading(world)
  t.same(currentA.map(Math.abs), [10, 20, 30])
  t.equal(currentA.filter((phaseA) => phaseA < 0).length, 1)
  world.meter.setMode('tenth')
  t.match(await reading(world), { currentA: [1, 2, 3] })
  world.meter.setMode('tenfold')
  t.match(await reading(world), { currentA: [100, 200, 300] })
})

test('phaseNotANumber: without one phase there is no reading', async (t) => {
  const world = aMeter({ registers: FLOATS })
  t.match(await reading(world), { currentA: [10, 20, 30] })
  world.meter.setMode('phaseNotANumber')
  const event = await world.next()
  t.match(event, { type: 'meterFailed', problem: /^simulated m, current L\d [^;]*not a number$/ })
  world.meter.setMode('live')
  t.match(await reading(world), { currentA: [10, 20, 30] })
})

test('signFlipped: import is export', async (t) => {
  const world = aMeter()
  world.meter.setMode('signFlipped')
  t.match(await reading(world), { currentA: [-10, -20, -30], powerW: -13_800 })
})

test('phaseLost: one phase says 0, the same until it is set again', async (t) => {
  const world = aMeter({ registers: FLOATS })
  world.meter.setMode('phaseLost')
  const first = (await reading(world)).currentA
  t.equal(first.filter((value) => value === 0).length, 1)
  for (let poll = 0; poll < 20; poll += 1) t.same((await reading(world)).currentA, first)
  t.same(world.meter.currentA(), [10, 20, 30], 'the truth is another')
})

test('jumping: most values are true, a few are absurd', async (t) => {
  const world = aMeter()
  world.meter.setMode('jumping')
  let absurd = 0
  for (let poll = 0; poll < 300; poll += 1) {
    const { currentA } = await reading(world)
    const wrong = currentA.filter((value, phase) => value !== [10, 20, 30][phase])
    t.ok(wrong.length <= 1)
    absurd += wrong.length
  }
  t.ok(absurd > 10 && absurd < 60, `${absurd} of 300`)
})

test('notANumber: the decoding refuses it, whatever the type', async (t) => {
  for (const type of ['float32', 'int16', 'uint16', 'int32', 'uint32'] as const) {
    for (const wordOrder of ['big', 'little'] as const) {
      const register = (address: number): RegisterSettings => at(address, type, { wordOrder })
      const registers: MeterRegisters = {
        ...FLOATS,
        currentA: [register(0), register(4), register(8)],
      }
      const world = aMeter({ registers })
      world.meter.setMode('notANumber')
      const problem = type === 'float32' ? /not a number/ : /not available/
      t.match(await world.next(), { type: 'meterFailed', meterId: 'm', problem }, type)
      world.meter.setMode('live')
      t.match(await reading(world), { currentA: [10, 20, 30] })
    }
  }
})

test('wordsSwapped: the decoding refuses floats, and what is beyond all bounds', async (t) => {
  const world = aMeter({ registers: FLOATS })
  world.meter.setMode('wordsSwapped')
  t.match(await world.next(), { type: 'meterFailed', problem: /current L1 \(register 6/ })
  const wide = aMeter({ registers: integers('int32', 0.01) })
  wide.meter.setMode('wordsSwapped')
  t.match(await wide.next(), { type: 'meterFailed', problem: /outside -100000 to 100000/ })
  const narrow = aMeter({ registers: integers('int16', 1) })
  narrow.meter.setMode('wordsSwapped')
  const { currentA } = await reading(narrow)
  t.same(currentA, [2560, 5120, 7680], 'bytes swapped, within the bounds: nobody can see it')
})

test('a value that does not fit into its register wraps around, as in cheap meters', async (t) => {
  const world = aMeter({ registers: integers('uint16', 0.1) })
  world.flow([-1, 6553.6, 6553.7])
  const { currentA } = await reading(world)
  t.match(
    currentA.map((value) => Math.round(value * 10)),
    [65526, 0, 1],
  )
})

test('two meters of the same id say the same, in every mode', async (t) => {
  const trace = async (mode: MeterMode): Promise<readonly unknown[]> => {
    const world = aMeter({ registers: FLOATS })
    world.meter.setMode(mode)
    const said: unknown[] = []
    for (let poll = 0; poll < 50; poll += 1) {
      world.flow([poll, 2 * poll, 5])
      said.push(await world.next())
    }
    return said
  }
  for (const mode of METER_MODES) t.same(await trace(mode), await trace(mode), mode)
  const meter: SimulatedMeter = aMeter().meter
  t.equal(meter.mode(), 'live')
})
