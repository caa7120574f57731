/** `yardmaster demo`: the real controller with real sockets on loopback, around it a simulated depot. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedBroker } from '../adapters/embedded-broker.js'
import { jsonLog } from '../adapters/json-log.js'
import { systemClock } from '../adapters/system-clock.js'
import { demoJudge } from './demo/demo-judge.js'
import { demoSettings } from './demo/demo-settings.js'
import { demoStatus } from './demo/demo-status.js'
import { createDemoWorld } from './demo/demo-world.js'
import { createGateway } from './gateway.js'
import type { Io } from './io.js'

export interface DemoOptions {
  readonly host?: string
  readonly port?: number
  /** Run for so many seconds, judge the limit, and end. */
  readonly check?: number
  readonly seed?: number
}

const OK = 0
const FAILED = 1
const LOOK_MS = 50
const STATUS_MS = 5_000

/** Resolves with the exit code. */
export async function demoCommand(options: DemoOptions, io: Io): Promise<number> {
  const { host = '127.0.0.1', port = 8000, seed = 1 } = options
  const clock = systemClock()
  const log = jsonLog({ level: 'warn' })
  const stopAsked = untilStopped()
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-demo-'))
  const broker = await embeddedBroker({ host: '127.0.0.1' })
  const world = await createDemoWorld(clock, seed, log)
  const { modbusPort } = world
  const settings = demoSettings({ host, port, modbusPort, brokerUrl: broker?.url })
  const gateway = createGateway(settings, folder, log)
  const judge = demoJudge(world, () => clock.monotonic())
  try {
    const started = await gateway.start()
    io.out(`listening http://${started.host}:${started.port}`)
    io.out(
      `  OCPP   ws://${started.host}:${started.port}/ocpp/{chargePointId}, 12 simulated chargers`,
    )
    io.out(`  REST   http://${started.host}:${started.port}/api/v1/site`)
    io.out(`  Modbus 127.0.0.1:${modbusPort}, meter and grid-limit register`)
    io.out(
      broker
        ? `  MQTT   ${broker.url}, topics below depot/v1/demo`
        : '  MQTT   none: the optional package aedes is not installed; the depot runs on without',
    )
    io.out(`  Page   http://${started.host}:${started.port}/`)
    world.open(`ws://127.0.0.1:${started.port}`)
    const startedMs = clock.monotonic()
    const cancelLook = clock.every(LOOK_MS, () => judge.look())
    const cancelStatus = clock.every(STATUS_MS, () => {
      const elapsedS = Math.round((clock.monotonic() - startedMs) / 1000)
      for (const line of demoStatus(gateway.controller.view(), world, elapsedS)) io.out(line)
    })
    await (options.check === undefined
      ? stopAsked
      : Promise.race([stopAsked, after(options.check)]))
    cancelLook()
    cancelStatus()
    if (options.check === undefined) return OK
    const { ok, lines } = judge.verdict()
    for (const line of lines) io.out(line)
    return ok ? OK : FAILED
  } finally {
    await world.close()
    await gateway.stop()
    await broker?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function after(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}
