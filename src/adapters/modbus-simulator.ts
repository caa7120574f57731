/** A Modbus TCP device for the demo, the command line and tests: registers come from a callback. */
import { createServer } from 'node:net'
import { type IServiceVector, ServerTCP } from 'modbus-serial'

/** What is wrong with the device until `fault` is called again. */
export type SimulatorFault =
  | { readonly type: 'none' }
  /** Takes requests and never answers. */
  | { readonly type: 'silent' }
  /** Answers each request with this exception. */
  | { readonly type: 'exception'; readonly code: number }
  /** Answers late, ms. */
  | { readonly type: 'delayed'; readonly delayMs: number }
  /** Resets the connection at each request. */
  | { readonly type: 'drop' }
  /** Answers for ever what each register held when it was first read in this state. */
  | { readonly type: 'frozen' }

export interface ModbusSimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default: a free one. */
  readonly port?: number
  /** A register's word, or undefined where there is none (exception 2). A block is read in one turn. */
  readonly registers: (unitId: number, address: number) => number | undefined
  /** A master wrote a holding register. Without it writes are refused (exception 1). */
  readonly setHolding?: (unitId: number, address: number, word: number) => void
}

export interface ModbusSimulator {
  readonly host: string
  readonly port: number
  /** Sets the fault of one unit, or of all of them (also those set one by one before). */
  fault(fault: SimulatorFault, unitId?: number): void
  /** Resets all connections; new ones are welcome. */
  dropConnections(): void
  /** Idempotent; drops all connections. */
  close(): Promise<void>
}

/** Rejects when the port cannot be had. */
export async function modbusSimulator(options: ModbusSimulatorOptions): Promise<ModbusSimulator> {
  const { host = '127.0.0.1', registers, setHolding } = options
  const faults = new Map<number | 'all', SimulatorFault>()
  const frozen = new Map<string, number | undefined>()
  const late = new Set<NodeJS.Timeout>()

  function wordAt(unitId: number, address: number, isFrozen: boolean): number {
    const key = `${unitId}:${address}`
    const word = isFrozen && frozen.has(key) ? frozen.get(key) : registers(unitId, address)
    if (isFrozen && frozen.size < MAX_FROZEN) frozen.set(key, word)
    if (word === undefined) throw exception(ILLEGAL_ADDRESS)
    if (!Number.isInteger(word) || word < 0 || word > 0xffff) throw exception(DEVICE_FAILURE)
    return word
  }

  /** Gives `answer` what `work` returns or throws, as the unit's fault has it. */
  function serve<T>(unitId: number, answer: Answer<T>, none: T, work: (isFrozen: boolean) => T) {
    const fault = faults.get(unitId) ?? faults.get('all') ?? { type: 'none' }
    const run = () => {
      let value: T
      try {
        value = work(fault.type === 'frozen')
      } catch (error) {
        answer(error instanceof Error ? error : exception(DEVICE_FAILURE), none)
        return
      }
      answer(null, value)
    }
    switch (fault.type) {
      case 'none':
      case 'frozen':
        return run()
      case 'silent':
        return
      case 'exception':
        return answer(exception(fault.code), none)
      case 'delayed': {
        if (late.size >= MAX_LATE) return answer(exception(DEVICE_BUSY), none)
        const timer = setTimeout(() => {
          late.delete(timer)
          run()
        }, fault.delayMs)
        late.add(timer)
        return
      }
      case 'drop':
        return dropConnections()
    }
  }

  // The library counts a handler's parameters to see whether it answers by callback.
  const one = (address: number, unitId: number, answer: Answer<number>) =>
    serve(unitId, answer, 0, (isFrozen) => wordAt(unitId, address, isFrozen))
  const many = (address: number, count: number, unitId: number, answer: Answer<number[]>) =>
    serve(unitId, answer, [], (isFrozen) =>
      Array.from({ length: count }, (_, index) => wordAt(unitId, address + index, isFrozen)),
    )
  const set = (
    address: number,
    word: number,
    unitId: number,
    answer: (error: Error | null) => void,
  ) =>
    serve<undefined>(unitId, answer, undefined, () => {
      if (!setHolding) throw exception(ILLEGAL_FUNCTION)
      setHolding(unitId, address, word)
      return undefined
    })

  const { server, port } = await listen(host, options.port, {
    getHoldingRegister: one,
    getInputRegister: one,
    getMultipleHoldingRegisters: many,
    getMultipleInputRegisters: many,
    setRegister: set,
  })
  let closed: Promise<void> | undefined

  function dropConnections(): void {
    for (const socket of server.socks.keys()) socket.resetAndDestroy()
  }

  return {
    host,
    port,
    fault(fault, unitId) {
      frozen.clear()
      if (unitId === undefined) faults.clear()
      faults.set(unitId ?? 'all', fault)
    },
    dropConnections,
    close() {
      closed ??= new Promise((resolve) => {
        for (const timer of late) clearTimeout(timer)
        server.close(() => resolve())
      })
      return closed
    },
  }
}

type Answer<T> = (error: Error | null, value: T) => void

/** Modbus Application Protocol 7. */
const ILLEGAL_FUNCTION = 1
const ILLEGAL_ADDRESS = 2
const DEVICE_FAILURE = 4
const DEVICE_BUSY = 6

/** Late answers under way, and registers remembered while frozen, at most. */
const MAX_LATE = 1000
const MAX_FROZEN = 10_000

function exception(modbusErrorCode: number): Error {
  return Object.assign(new Error(`Modbus exception ${modbusErrorCode}`), { modbusErrorCode })
}

interface Listening {
  readonly server: ServerTCP
  readonly port: number
}

async function listen(
  host: string,
  wanted: number | undefined,
  handlers: IServiceVector,
): Promise<Listening> {
  if (wanted !== undefined) return { server: await bound(host, wanted, handlers), port: wanted }
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(host)
    try {
      return { server: await bound(host, port, handlers), port }
    } catch (error) {
      // Another program may take the port between the two steps.
      if (attempt >= 5) throw error
    }
  }
}

function bound(host: string, port: number, handlers: IServiceVector): Promise<ServerTCP> {
  return new Promise((resolve, reject) => {
    const server = new ServerTCP(handlers, { host, port })
    server.on('initialized', () => resolve(server))
    server.on('serverError', reject)
  })
}

/** The library takes port 0 for its default of 502, so a free port is found first. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, host, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
