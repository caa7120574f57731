/**
 * One Modbus TCP connection over modbus-serial. The socket is ours: its `close` comes after FIN, RST
 * and destroy alike, so that no read outlives its connection, which the library does not promise.
 */
import { Socket } from 'node:net'
import modbus from 'modbus-serial'
import type { ReadFailure } from '../modbus/register-bus.js'
import type { LinkAnswer, ModbusLink, OpenLink } from './modbus-bus.js'

/** Opens connections to a device or gateway; port 502 is Modbus TCP's. */
export function modbusTcp(host: string, port: number): OpenLink {
  return async (timeoutMs, signal) => {
    const socket = await connectTo({ host, port, timeoutMs, signal })
    const client = new modbus.default()
    // Without a listener an error event would end the process.
    client.on('error', () => {})
    try {
      await client.linkTCP(socket, { port })
    } catch (error) {
      socket.destroy()
      throw error
    }
    return link(client, socket)
  }
}

/** The library's own timeout should answer first; a call it forgets ends this much later, ms. */
const DEADLINE_SLACK_MS = 100

function link(client: InstanceType<typeof modbus.default>, socket: Socket): ModbusLink {
  const destroy = () => {
    client.destroy(() => {})
    socket.destroy()
  }
  return {
    isOpen: () => client.isOpen && !socket.destroyed,
    destroy,
    read: ({ unitId, functionCode, address, count, timeoutMs }) =>
      new Promise((resolve) => {
        const settle = (answer: LinkAnswer) => {
          clearTimeout(deadline)
          socket.off('close', closed)
          resolve(answer)
        }
        const closed = () => {
          const detail = 'the connection broke before the answer'
          settle({ ok: false, failure: { type: 'disconnected', detail } })
          // Ends the library's timer of this request.
          destroy()
        }
        const deadline = setTimeout(() => {
          settle({ ok: false, failure: { type: 'timeout' } })
          destroy()
        }, timeoutMs + DEADLINE_SLACK_MS)
        socket.once('close', closed)
        const answered = (error: unknown, answer?: { readonly data: readonly number[] }) =>
          settle(linkAnswer(error, answer?.data, count))
        try {
          client.setTimeout(timeoutMs)
          // The unit id is an argument here: `setID` is state shared by all callers.
          if (functionCode === 3) client.writeFC3(unitId, address, count, answered)
          else client.writeFC4(unitId, address, count, answered)
        } catch (error) {
          answered(error)
        }
      }),
  }
}

function linkAnswer(
  error: unknown,
  words: readonly number[] | undefined,
  count: number,
): LinkAnswer {
  if (error) return { ok: false, failure: linkFailure(error) }
  if (words?.length === count) return { ok: true, words }
  const detail = `${words?.length ?? 0} registers instead of ${count}`
  return { ok: false, failure: { type: 'malformed', detail } }
}

/** The library's errors are told apart by fields; not all are instances of Error. */
function linkFailure(error: unknown): ReadFailure {
  const {
    modbusCode,
    errno,
    message,
  }: { modbusCode?: unknown; errno?: unknown; message?: unknown } = Object(error)
  if (typeof modbusCode === 'number') return { type: 'exception', code: modbusCode }
  if (errno === 'ETIMEDOUT') return { type: 'timeout' }
  const detail = String(message)
  return errno === 'ECONNREFUSED' ? { type: 'disconnected', detail } : { type: 'malformed', detail }
}

export interface Target {
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A socket that outlives every error; `close` is what counts. Rejects as `OpenLink` does. */
export async function connectTo({ host, port, timeoutMs, signal }: Target): Promise<Socket> {
  signal.throwIfAborted()
  const socket = new Socket()
  // The socket's own `signal` option leaves its listener behind when connecting fails (Node 20).
  const aborted = () => socket.destroy()
  signal.addEventListener('abort', aborted)
  socket.once('close', () => signal.removeEventListener('abort', aborted))
  let problem: Error | undefined
  // Stays for the life of the socket: `close` follows and is what counts.
  socket.on('error', (error) => {
    problem = error
  })
  await new Promise<void>((resolve, reject) => {
    const deadline = setTimeout(() => {
      problem = new Error(`no connection within ${timeoutMs} ms`)
      socket.destroy()
    }, timeoutMs)
    const refused = () => {
      clearTimeout(deadline)
      reject(problem ?? new Error('the connection was closed at once'))
    }
    socket.once('close', refused)
    socket.connect({ host, port, noDelay: true, keepAlive: true }, () => {
      clearTimeout(deadline)
      socket.off('close', refused)
      resolve()
    })
  })
  return socket
}
