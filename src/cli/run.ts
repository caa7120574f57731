/** `yardmaster run`: the controller until it is told to stop. */
import { dataFolder } from '../adapters/data-folder.js'
import { jsonLog } from '../adapters/json-log.js'
import { systemClock } from '../adapters/system-clock.js'
import { systemdNotify } from '../adapters/systemd-notify.js'
import type { Controller } from '../controller.js'
import type { Log } from '../ports.js'
import { createGateway } from './gateway.js'
import type { Gateway, GatewayStarted } from './gateway.js'
import type { Io } from './io.js'
import { settingsFor } from './settings-for.js'
import type { SettingsOptions } from './settings-for.js'

export interface RunOptions extends SettingsOptions {
  readonly dataDir?: string
}

const OK = 0
const FAILED = 1
const BAD_CONFIGURATION = 2
/** Rounds of control come each second. */
const ROUND_LATE_MS = 5_000

/** Resolves with the exit code. */
export async function runCommand(options: RunOptions, io: Io): Promise<number> {
  const settings = await settingsFor(options, io)
  if (!settings) return BAD_CONFIGURATION
  const log = jsonLog()
  const stopAsked = untilStopped()
  let gateway: Gateway
  let started: GatewayStarted
  try {
    const folder = await dataFolder({ dataDir: options.dataDir, env: io.env })
    gateway = createGateway(settings, folder, log)
    started = await gateway.start()
  } catch (error) {
    log.error('startFailed', { error: error instanceof Error ? error.message : String(error) })
    return FAILED
  }
  const { host, port, report } = started
  if (report.newToken !== undefined) {
    io.err(
      `REST token, shown only now: ${report.newToken}\n` +
        'Send it as "Authorization: Bearer <token>" from any address but this machine.',
    )
  }
  io.out(`listening http://${host.includes(':') ? `[${host}]` : host}:${port}`)
  const stopWatch = watchOver(gateway.controller, log)
  log.info('stopping', { signal: await stopAsked })
  stopWatch()
  await gateway.stop()
  return OK
}

/** The watchdog is fed by rounds of control, not by the mere life of the process. */
function watchOver(controller: Controller, log: Log): () => void {
  const clock = systemClock()
  const systemd = systemdNotify({ clock, log })
  let lastRoundMs = clock.monotonic()
  const stopRounds = controller.onRound(() => {
    lastRoundMs = clock.monotonic()
  })
  const stopFeeding = systemd.watch(() => clock.monotonic() - lastRoundMs < ROUND_LATE_MS)
  systemd.ready()
  return () => {
    stopRounds()
    stopFeeding()
    systemd.stopping()
  }
}

function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}
