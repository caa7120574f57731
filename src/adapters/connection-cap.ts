/** Bounds the sockets that have not proved to be a charge point yet, per address and in all. */
import type { Socket } from 'node:net'
import { plainAddress } from './remote-address.js'

export interface ConnectionCap {
  /** False when there is no room for this socket: the caller destroys it. */
  admit(socket: Socket): boolean
  /** The socket no longer counts. Idempotent. */
  release(socket: Socket): void
}

export interface ConnectionCapOptions {
  readonly maxPerAddress: number
  readonly maxTotal: number
  /** Addresses that never count: one address must not lock out the others, nor the machine itself. */
  readonly exempt: (address: string) => boolean
}

export function connectionCap({
  maxPerAddress,
  maxTotal,
  exempt,
}: ConnectionCapOptions): ConnectionCap {
  const addresses = new Map<Socket, string>()
  const counts = new Map<string, number>()
  const release = (socket: Socket): void => {
    const address = addresses.get(socket)
    if (address === undefined) return
    addresses.delete(socket)
    const left = (counts.get(address) ?? 0) - 1
    if (left > 0) counts.set(address, left)
    else counts.delete(address)
  }
  return {
    admit(socket) {
      const address = plainAddress(socket.remoteAddress ?? '')
      if (exempt(address)) return true
      const count = counts.get(address) ?? 0
      if (count >= maxPerAddress || addresses.size >= maxTotal) return false
      addresses.set(socket, address)
      counts.set(address, count + 1)
      socket.once('close', () => release(socket))
      return true
    },
    release,
  }
}
