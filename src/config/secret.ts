/** Secrets that stand in files of their own. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** The secret, or throws an Error that says which files were tried. */
export type ReadSecret = (name: string) => string

/** Where a file of this name is: in the same places. One that is nowhere is beside the configuration. */
export function fileLocator(
  configFile: string,
  env: Readonly<Record<string, string | undefined>>,
): (name: string) => string {
  const credentials = env['CREDENTIALS_DIRECTORY']
  return (name) => {
    if (isAbsolute(name)) return name
    const given = credentials === undefined ? undefined : join(credentials, name)
    return given !== undefined && existsSync(given) ? given : join(dirname(configFile), name)
  }
}

/**
 * Looks for a relative name in `$CREDENTIALS_DIRECTORY` (systemd LoadCredential=), then beside the
 * configuration file.
 */
export function secretReader(
  configFile: string,
  env: Readonly<Record<string, string | undefined>>,
): ReadSecret {
  return (name) => {
    const folders = [env['CREDENTIALS_DIRECTORY'], dirname(configFile)]
    const files = isAbsolute(name)
      ? [name]
      : folders.flatMap((folder) => (folder === undefined ? [] : [join(folder, name)]))
    const failures: string[] = []
    for (const file of files) {
      try {
        const secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
        if (secret !== '') return secret
        failures.push(`${file} is empty`)
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error))
      }
    }
    throw new Error(`no secret to be had: ${failures.join('; ')}`)
  }
}
