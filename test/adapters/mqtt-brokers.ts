import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedBroker } from '../../src/adapters/embedded-broker.js'

/** A broker that can go away and come back on its port. */
export interface TestBroker {
  readonly port: number
  stop(): Promise<void>
  start(): Promise<void>
}

export interface BrokerKind {
  readonly name: string
  /** What a client of MQTT 5 ends up with. */
  readonly protocolVersion: 4 | 5
  /** Why it is not there and how to get it; undefined: it is there. */
  readonly missing: string | undefined
  start(): Promise<TestBroker>
}

export const brokerKinds: readonly BrokerKind[] = [
  { name: 'aedes', protocolVersion: 4, missing: undefined, start: startAedes },
  {
    name: 'mosquitto',
    protocolVersion: 5,
    missing:
      spawnSync('mosquitto', ['-h']).error === undefined
        ? undefined
        : 'mosquitto is not installed: apt-get install mosquitto',
    start: startMosquitto,
  },
]

async function startAedes(): Promise<TestBroker> {
  const port = await freePort()
  let broker = await embeddedBroker({ host: '127.0.0.1', port })
  return {
    port,
    stop: async () => broker?.close(),
    start: async () => {
      broker = await embeddedBroker({ host: '127.0.0.1', port })
    },
  }
}

async function startMosquitto(): Promise<TestBroker> {
  const port = await freePort()
  let running: { readonly process: ChildProcess; readonly folder: string } | undefined
  const start = async (): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'mosquitto-'))
    const file = join(folder, 'mosquitto.conf')
    await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`)
    running = { process: spawn('mosquitto', ['-c', file], { stdio: 'ignore' }), folder }
    await answering(port)
  }
  await start()
  return {
    port,
    start,
    stop: async () => {
      if (!running) return
      const { process, folder } = running
      running = undefined
      const gone = once(process, 'exit')
      process.kill('SIGKILL')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** Tries until the port takes a connection; the test's own time limit ends it. */
async function answering(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
