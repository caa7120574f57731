import { test } from 'tap'
import type { Test } from 'tap'
import modbus from 'modbus-serial'
import { modbusSimulator } from '../../src/adapters/modbus-simulator.js'

async function clientOf(t: Test, port: number) {
  const client = new modbus.default()
  client.setTimeout(5000)
  await client.connectTCP('127.0.0.1', { port })
  t.teardown(() => client.destroy(() => {}))
  return client
}

/** The exception code or errno that a request ends with. */
async function codeOf(request: Promise<unknown>): Promise<unknown> {
  try {
    await request
    return 'answered'
  } catch (error) {
    const { modbusCode, errno }: { modbusCode?: unknown; errno?: unknown } = Object(error)
    return modbusCode ?? errno
  }
}

test('a block is read in one turn from the callback, by unit, holding and input alike', async (t) => {
  let turn = 0
  const simulator = await modbusSimulator({
    registers: (unitId, address) => {
      if (address === 0) turn += 1
      return unitId * 1000 + turn
    },
  })
  t.teardown(() => simulator.close())
  const client = await clientOf(t, simulator.port)
  client.setID(7)
  t.same((await client.readHoldingRegisters(0, 3)).data, [7001, 7001, 7001])
  client.setID(8)
  t.same((await client.readInputRegisters(0, 2)).data, [8002, 8002])
  t.same((await client.readInputRegisters(5, 1)).data, [8002])
})

test('registers that are not there or hold no word are exceptions', async (t) => {
  const words = [1, undefined, 70_000, -1, 0.5]
  const simulator = await modbusSimulator({
    registers: (_unitId, address) => {
      if (address === 9) throw new RangeError('does not fit')
      return words[address]
    },
  })
  t.teardown(() => simulator.close())
  const client = await clientOf(t, simulator.port)
  t.same((await client.readHoldingRegisters(0, 1)).data, [1])
  for (const [address, count, modbusCode] of [
    [1, 1, 2],
    [0, 2, 2],
    [2, 1, 4],
    [3, 2, 4],
    [4, 1, 4],
    [9, 1, 4],
    [9, 2, 4],
  ] as const) {
    t.equal(await codeOf(client.readHoldingRegisters(address, count)), modbusCode)
    t.equal(await codeOf(client.readInputRegisters(address, count)), modbusCode)
  }
})

test('a master can write holding registers only if somebody takes them', async (t) => {
  const written: number[][] = []
  const open = await modbusSimulator({
    registers: () => 0,
    setHolding: (...write) => {
      written.push(write)
    },
  })
  const shut = await modbusSimulator({ registers: () => 0 })
  t.teardown(() => Promise.all([open.close(), shut.close()]))
  const client = await clientOf(t, open.port)
  client.setID(3)
  await client.writeRegister(5, 63)
  await client.writeRegisters(6, [1, 2])
  t.same(written, [
    [3, 5, 63],
    [3, 6, 1],
    [3, 7, 2],
  ])
  t.equal(await codeOf((await clientOf(t, shut.port)).writeRegister(5, 63)), 1)
})

test('faults are of one unit or of all, until lifted', async (t) => {
  let word = 1
  const simulator = await modbusSimulator({ registers: () => word })
  t.teardown(() => simulator.close())
  const client = await clientOf(t, simulator.port)
  const read = async (unitId: number) => {
    client.setID(unitId)
    return (await client.readHoldingRegisters(0, 2)).data[0]
  }
  simulator.fault({ type: 'exception', code: 11 }, 2)
  t.equal(await read(1), 1)
  t.equal(await codeOf(read(2)), 11)
  simulator.fault({ type: 'frozen' })
  t.equal(await read(2), 1)
  word = 2
  t.equal(await read(2), 1, 'frozen')
  simulator.fault({ type: 'delayed', delayMs: 5 })
  t.equal(await read(2), 2, 'late')
  simulator.fault({ type: 'silent' })
  client.setTimeout(20)
  t.equal(await codeOf(read(1)), 'ETIMEDOUT')
  simulator.fault({ type: 'none' })
  t.equal(await read(1), 2)
})

test('dropped connections are reset and new ones are welcome', async (t) => {
  const simulator = await modbusSimulator({ registers: () => 1 })
  t.teardown(() => simulator.close())
  const client = await clientOf(t, simulator.port)
  client.setTimeout(50)
  await client.readHoldingRegisters(0, 1)
  simulator.dropConnections()
  await t.rejects(client.readHoldingRegisters(0, 1))
  t.same((await (await clientOf(t, simulator.port)).readHoldingRegisters(0, 1)).data, [1])
})

test('close ends late answers and is idempotent; a port in use is refused', async (t) => {
  const simulator = await modbusSimulator({ registers: () => 1 })
  await t.rejects(modbusSimulator({ port: simulator.port, registers: () => 1 }), {
    code: 'EADDRINUSE',
  })
  const client = await clientOf(t, simulator.port)
  client.setTimeout(100)
  simulator.fault({ type: 'delayed', delayMs: 600_000 })
  const read = t.rejects(client.readHoldingRegisters(0, 1))
  await Promise.all([simulator.close(), simulator.close(), read])
})
