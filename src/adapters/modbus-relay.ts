/**
 * Contactors behind a coil on Modbus TCP. Each command has a connection of its own, so that it waits
 * behind no device that does not answer, and is done when the coil reads back what was written.
 */
import modbus from 'modbus-serial'
import type { RelaySettings } from '../config/settings.js'
import type { Relay } from '../ports.js'
import { connectTo } from './modbus-tcp-link.js'

/**
 * `open` cuts the power, `close` gives it back. Both reject, with relay and device named, when the
 * device does not answer, refuses, or reads back something else; whoever asked tries again.
 */
export function modbusRelay(relays: readonly RelaySettings[]): Relay {
  /** Commands to one relay one after the other: the last one asked for is the one that holds. */
  const tails = new Map<string, Promise<unknown>>()

  const set = (id: string, isCut: boolean): Promise<void> => {
    const relay = relays.find((one) => one.id === id)
    if (!relay) {
      return Promise.reject(new Error(`relay "${id}" is not in the section "relays": add it there`))
    }
    const before = tails.get(id) ?? Promise.resolve()
    const done = before.then(() => command(relay, isCut ? relay.cutValue : !relay.cutValue))
    tails.set(
      id,
      done.catch(() => undefined),
    )
    return done
  }

  return { open: (id) => set(id, true), close: (id) => set(id, false) }
}

async function command({ id, modbusTcp, coil }: RelaySettings, value: boolean): Promise<void> {
  const { host, port, unitId, timeoutMs } = modbusTcp
  const where = `relay "${id}" at ${host}:${port} unit ${unitId}, coil ${coil}`
  const giveUp = new AbortController()
  const client = new modbus.default()
  client.on('error', () => {})
  // Connecting, writing and reading back may each take their time, not more.
  const deadline = setTimeout(() => giveUp.abort(), 3 * timeoutMs + 100)
  try {
    const socket = await connectTo({ host, port, timeoutMs, signal: giveUp.signal })
    try {
      await client.linkTCP(socket, { port })
      client.setID(unitId)
      client.setTimeout(timeoutMs)
      const gone = new Promise<never>((_, reject) => {
        socket.once('close', () => reject(new Error('the connection broke before the answer')))
      })
      await Promise.race([writeAndRead(client, coil, value), gone])
    } finally {
      client.destroy(() => {})
      socket.destroy()
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : words(error)
    throw new Error(`${where}: not certainly ${value ? 'on' : 'off'}: ${why}`, { cause: error })
  } finally {
    clearTimeout(deadline)
  }
}

async function writeAndRead(
  client: InstanceType<typeof modbus.default>,
  coil: number,
  value: boolean,
): Promise<void> {
  await client.writeCoil(coil, value)
  const { data } = await client.readCoils(coil, 1)
  if (data[0] !== value) throw new Error(`it reads ${String(data[0])} after ${String(value)}`)
}

/** Not all errors of the library are instances of Error. */
function words(error: unknown): string {
  const { message }: { message?: unknown } = Object(error)
  return String(message ?? error)
}
