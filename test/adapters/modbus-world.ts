/** What the Modbus tests need of the world: a clock moved by hand, a log and events to wait for, and a TCP device under full control. */
import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'
import { modbusBus, type OpenLink } from '../../src/adapters/modbus-bus.js'
import {
  modbusFieldDevices,
  type ModbusFieldDevicesOptions,
} from '../../src/adapters/modbus-field-devices.js'
import type {
  LimitSourceSettings,
  MeterSettings,
  RegisterSettings,
} from '../../src/config/settings.js'
import type { ReadRequest } from '../../src/modbus/register-bus.js'
import type { Clock, FieldEvent, Log, LogFields } from '../../src/ports.js'

export interface HandClock extends Clock {
  /** Moves the monotonic clock and lets everything periodic run once. */
  tick(ms: number): void
}

export function handClock(): HandClock {
  const periodic = new Set<() => void>()
  let nowMs = 0
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    every(_periodMs, run) {
      periodic.add(run)
      return () => {
        periodic.delete(run)
      }
    },
    epoch: undefined,
    soon: (run) => run(),
    tick(ms) {
      nowMs += ms
      for (const run of periodic) run()
    },
  }
}

export interface LogLine {
  readonly event: string
  readonly fields: LogFields | undefined
}

export function recordingLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const line = (event: string, fields?: LogFields) => {
    lines.push({ event, fields })
  }
  return { lines, debug: line, info: line, warn: line, error: line }
}

export interface EventStream {
  readonly sink: (event: FieldEvent) => void
  readonly all: FieldEvent[]
  /** The next event that nobody took yet. */
  next(): Promise<FieldEvent>
}

export function eventStream(): EventStream {
  const all: FieldEvent[] = []
  const waiting: ((event: FieldEvent) => void)[] = []
  let taken = 0
  return {
    all,
    sink(event) {
      all.push(event)
      const take = waiting.shift()
      if (!take) return
      taken += 1
      take(event)
    },
    async next() {
      const known = all[taken]
      if (known) taken += 1
      const event =
        known ??
        (await new Promise<FieldEvent>((resolve) => {
          waiting.push(resolve)
        }))
      // The poll that brought it is over only when its promises have settled.
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      return event
    },
  }
}

export interface RawRequest {
  readonly transactionId: number
  readonly unitId: number
  readonly functionCode: number
  readonly address: number
  readonly count: number
  readonly socket: Socket
}

export function reply(
  { transactionId, unitId, functionCode, socket }: RawRequest,
  words: readonly number[],
  changed: { readonly unitId?: number; readonly byteCount?: number } = {},
): void {
  const frame = Buffer.alloc(9 + words.length * 2)
  frame.writeUInt16BE(transactionId, 0)
  frame.writeUInt16BE(3 + words.length * 2, 4)
  frame.writeUInt8(changed.unitId ?? unitId, 6)
  frame.writeUInt8(functionCode, 7)
  frame.writeUInt8(changed.byteCount ?? words.length * 2, 8)
  for (const [index, word] of words.entries()) frame.writeUInt16BE(word, 9 + index * 2)
  socket.write(frame)
}

/** A Modbus TCP server that leaves every request to the test. */
export async function rawDevice(t: Test, requested: (request: RawRequest) => void) {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    let received = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 12) {
        requested({
          transactionId: received.readUInt16BE(0),
          unitId: received.readUInt8(6),
          functionCode: received.readUInt8(7),
          address: received.readUInt16BE(8),
          count: received.readUInt16BE(10),
          socket,
        })
        received = received.subarray(12)
      }
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return { port: address.port, connections: () => connections }
}

export function register(
  address: number,
  changed: Partial<RegisterSettings> = {},
): RegisterSettings {
  return { address, functionCode: 3, type: 'uint16', wordOrder: 'big', scale: 1, ...changed }
}

interface At {
  readonly port: number
  readonly unitId?: number
  readonly timeoutMs?: number
  readonly currents?: readonly [RegisterSettings, RegisterSettings, RegisterSettings]
}

function tcp({ port, unitId = 1, timeoutMs = 5000 }: At) {
  return { host: '127.0.0.1', port, unitId, intervalMs: 1000, timeoutMs }
}

export function meterAt(id: string, at: At): MeterSettings {
  const currentA = at.currents ?? [register(0), register(1), register(2)]
  return {
    id,
    constraintId: undefined,
    modbusTcp: tcp(at),
    registers: { currentA, powerW: undefined, energyWh: undefined },
    worstBaseLoadA: [100, 100, 100],
  }
}

export function limitAt(
  id: string,
  at: At,
  what: { readonly register: RegisterSettings; readonly unit: 'A' | 'W' },
): LimitSourceSettings {
  return { id, constraintId: undefined, modbusTcp: tcp(at), fallback: 0, holdS: 60, ...what }
}

export function ask(address: number, changed: Partial<ReadRequest> = {}): ReadRequest {
  return { unitId: 1, functionCode: 3, address, count: 2, timeoutMs: 5000, ...changed }
}

export function busAt(open: OpenLink, random = () => 0) {
  const clock = handClock()
  const log = recordingLog()
  return { bus: modbusBus({ name: 'bus', open, clock, log, random }), clock, log }
}

type Devices = Partial<Pick<ModbusFieldDevicesOptions, 'meters' | 'limitSources'>>

/** Field devices that run until the test ends. */
export function started(t: Test, { meters = [], limitSources = [] }: Devices) {
  const clock = handClock()
  const log = recordingLog()
  const events = eventStream()
  const devices = modbusFieldDevices({ meters, limitSources, clock, log, random: () => 0 })
  t.teardown(() => devices.stop())
  devices.start(events.sink)
  return { clock, log, events, devices }
}
