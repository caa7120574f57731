/**
 * A bus as its devices use it, whatever carries it: TCP, a serial line. Requests of all devices on
 * it are served one after the other.
 */
import type { Block } from './blocks.js'

export interface ReadRequest extends Block {
  readonly unitId: number
  /** How long the device may take to answer, ms; making a connection first may take as long again. */
  readonly timeoutMs: number
}

export type ReadFailure =
  /** The device refuses; Modbus Application Protocol 7 lists the codes. */
  | { readonly type: 'exception'; readonly code: number }
  | { readonly type: 'timeout' }
  /** No connection to the bus, or it broke while waiting. */
  | { readonly type: 'disconnected'; readonly detail: string }
  /** An answer that is none to this request. */
  | { readonly type: 'malformed'; readonly detail: string }
  /** More requests wait than the bus takes. */
  | { readonly type: 'overloaded' }
  | { readonly type: 'closed' }

export type ReadAnswer =
  | {
      readonly ok: true
      /** As many as asked for. */
      readonly words: readonly number[]
      /** Monotonic ms at which the request went out. */
      readonly atMs: number
    }
  | { readonly ok: false; readonly failure: ReadFailure }

export interface RegisterBus {
  /** For people: `10.0.0.7:502`. */
  readonly name: string
  /** Never rejects. */
  read(request: ReadRequest): Promise<ReadAnswer>
  /** Ends pending and waiting reads as `closed`. Idempotent, bounded. */
  close(): Promise<void>
}

/** What failed, where, in words: bus, unit, registers. */
export function readProblem(busName: string, request: ReadRequest, failure: ReadFailure): string {
  const { unitId, functionCode, address, count, timeoutMs } = request
  const kind = functionCode === 3 ? 'holding' : 'input'
  const range =
    count === 1 ? `register ${address}` : `registers ${address} to ${address + count - 1}`
  return `${busName} unit ${unitId}, ${kind} ${range}: ${failureText(failure, timeoutMs)}`
}

function failureText(failure: ReadFailure, timeoutMs: number): string {
  switch (failure.type) {
    case 'exception':
      return `exception ${failure.code} (${EXCEPTIONS[failure.code] ?? 'unknown to Modbus'})`
    case 'timeout':
      return `no answer within ${timeoutMs} ms`
    case 'disconnected':
      return `not connected: ${failure.detail}`
    case 'malformed':
      return `not an answer to the request: ${failure.detail}`
    case 'overloaded':
      return 'too many requests wait for this bus'
    case 'closed':
      return 'the bus is closed'
  }
}

const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'illegal function: try the other of function codes 3 and 4',
  2: 'illegal data address: check the register address',
  3: 'illegal data value: check the register address and type',
  4: 'device failure',
  5: 'acknowledged, not ready yet',
  6: 'device busy',
  8: 'memory parity error',
  10: 'gateway path unavailable: check the unit id',
  11: 'the device behind the gateway does not answer: check unit id and wiring',
}
