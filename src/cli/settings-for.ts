/** The settings a command runs with: the file, and what the command line says over it. */
import { existsSync } from 'node:fs'
import { loadSettings } from '../config/load.js'
import { problemText } from '../config/problem.js'
import { defaultSettings } from '../config/settings-of.js'
import type { Settings } from '../config/settings.js'
import { DEFAULT_CONFIG } from './default-config.js'
import type { Io } from './io.js'

export interface SettingsOptions {
  /** Undefined: the default file if there is one, else a start without a file. */
  readonly config?: string
  readonly host?: string
  /** 0: any free port. */
  readonly port?: number
}

/** Undefined when the file is wrong: its problems are on stderr then, and the exit code is 2. */
export async function settingsFor(options: SettingsOptions, io: Io): Promise<Settings | undefined> {
  const isDefault = options.config === undefined && !existsSync(DEFAULT_CONFIG)
  const loaded = isDefault
    ? { ok: true as const, settings: defaultSettings({ host: '0.0.0.0' }) }
    : await loadSettings(options.config ?? DEFAULT_CONFIG)
  if (!loaded.ok) {
    for (const problem of loaded.problems) io.err(problemText(problem))
    return undefined
  }
  const { http } = loaded.settings
  const { host = http.host, port = http.port } = options
  return { ...loaded.settings, http: { ...http, host, port } }
}
