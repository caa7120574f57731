/** Contactors behind coils, against the library's own server on a real socket. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import modbus from 'modbus-serial'
import { test } from 'tap'
import type { Test } from 'tap'
import { modbusRelay } from '../../src/adapters/modbus-relay.js'
import type { RelaySettings } from '../../src/config/settings.js'

interface Device {
  readonly port: number
  readonly coils: Map<number, boolean>
  readonly writes: string[]
  /** It takes what is written and does nothing. */
  sticks: boolean
}

async function device(t: Test): Promise<Device> {
  const coils = new Map<number, boolean>()
  const writes: string[] = []
  const made: Device = { port: await freePort(), coils, writes, sticks: false }
  const server = new modbus.ServerTCP(
    {
      getCoil: (address: number) => coils.get(address) ?? false,
      setCoil: (address: number, value: boolean, unitId: number) => {
        writes.push(`${unitId}:${address}=${String(value)}`)
        if (!made.sticks) coils.set(address, value)
      },
    },
    { host: '127.0.0.1', port: made.port, unitID: 7 },
  )
  await new Promise<void>((resolve) => {
    server.on('initialized', () => resolve())
  })
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return made
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(server.address())
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (typeof address !== 'object' || !address) throw new Error('the server does not listen')
  return address
}

const relayAt = (port: number, cutValue = false): RelaySettings => ({
  id: 'yard',
  modbusTcp: { host: '127.0.0.1', port, unitId: 7, timeoutMs: 500 },
  coil: 3,
  cutValue,
})

test('opening writes the value that cuts, closing the other', async (t) => {
  const { port, coils, writes } = await device(t)
  const holds = modbusRelay([relayAt(port)])
  await holds.close('yard')
  t.equal(coils.get(3), true, 'the coil holds the contactor')
  await holds.open('yard')
  t.equal(coils.get(3), false)
  const trips = modbusRelay([relayAt(port, true)])
  await trips.open('yard')
  t.equal(coils.get(3), true)
  t.strictSame(writes, ['7:3=true', '7:3=false', '7:3=true'])
})

test('commands to one relay keep their order', async (t) => {
  const { port, coils } = await device(t)
  const relay = modbusRelay([relayAt(port)])
  await Promise.all([relay.close('yard'), relay.open('yard')])
  t.equal(coils.get(3), false)
})

test('a coil that does not follow is no success, and the next command is tried all the same', async (t) => {
  const made = await device(t)
  const relay = modbusRelay([relayAt(made.port)])
  await relay.close('yard')
  made.sticks = true
  await t.rejects(relay.open('yard'), {
    message: /relay "yard" at 127\.0\.0\.1:\d+ unit 7, coil 3: not certainly off: it reads true/,
  })
  made.sticks = false
  await relay.open('yard')
  t.equal(made.coils.get(3), false)
})

test('a device that is not there, or says nothing, is said so in bounded time', async (t) => {
  const relay = modbusRelay([relayAt(await freePort())])
  await t.rejects(relay.open('yard'), { message: /not certainly off: .*ECONNREFUSED/ })
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const deaf = modbusRelay([relayAt(addressOf(silent.address()).port)])
  await t.rejects(deaf.open('yard'), { message: /not certainly off: Timed out/ })
  await t.rejects(relay.open('other'), { message: /relay "other" is not in the section "relays"/ })
})
