import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** A stretch of network in front of a server, with hands on the cable. */
export interface TcpProxy {
  readonly port: number
  /** Resets every connection. */
  cut(): void
  /** Ends every connection politely. */
  hangUp(): void
  /** Nothing passes any more, connections stay. */
  freeze(): void
  close(): Promise<void>
}

export async function tcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let frozen = false
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => {
        if (!frozen) to.write(chunk)
      })
      from.on('end', () => to.end())
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    port,
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    hangUp: () => sockets.forEach((socket) => socket.end()),
    freeze: () => {
      frozen = true
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
