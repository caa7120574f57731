/** `yardmaster run`: the controller until it is told to stop. */
import { dataFolder } from '../adapters/data-folder.js'
import { jsonLog } from '../adapters/json-log.js'
import { systemdNotify } from '../adapters/systemd-notify.js'
import { createGateway } from './gateway.js'
import type { Io } from './io.js'
import { settingsFor } from './settings-for.js'
import type { SettingsOptions } from './settings-for.js'

export interface RunOptions extends SettingsOptions {
  readonly dataDir?: string
}

const OK = 0
const FAILED = 1
const BAD_CONFIGURATION = 2

/** Resolves with the exit code. */
export async function runCommand(options: RunOptions, io: Io): Promise<number> {
  const settings = await settingsFor(options, io)
  if (!settings) return BAD_CONFIGURATION
  const log = jsonLog()
  const folder = await dataFolder({ dataDir: options.dataDir, env: io.env })
  const gateway = createGateway(settings, folder, log)
  const stopAsked = untilStopped()
  let started
  try {
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
  const systemd = systemdNotify({ env: io.env, log })
  systemd.ready()
  // The watchdog is fed by rounds of control, not by the mere life of the process.
  const cancel = gateway.controller.onChange(() => systemd.alive())
  log.info('stopping', { signal: await stopAsked })
  cancel()
  systemd.stopping()
  await gateway.stop()
  return OK
}

function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}
