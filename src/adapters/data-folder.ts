import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { nodeFileSystem } from './file-system.js'
import { ioError } from './store-error.js'

export interface DataFolderChoice {
  /** `--data-dir`. */
  readonly dataDir?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where packages keep state; taken when it exists and can be written. */
  readonly systemFolder?: string
  /** The last resort. */
  readonly localFolder?: string
}

/**
 * The folder that holds all state, absolute, created with mode 0700 where it is missing. Rejects with
 * a StoreError `io` when it cannot be created or written.
 */
export async function dataFolder(choice: DataFolderChoice): Promise<string> {
  const folder = resolve(await chosen(choice))
  await nodeFileSystem.createFolder(folder)
  try {
    await access(folder, WRITABLE)
  } catch (error) {
    throw ioError('write to', folder, error)
  }
  return folder
}

const WRITABLE = constants.W_OK | constants.X_OK

async function chosen({
  dataDir,
  env,
  systemFolder = '/var/lib/yardmaster',
  localFolder = './data',
}: DataFolderChoice): Promise<string> {
  if (dataDir !== undefined && dataDir !== '') return dataDir
  // systemd lists several with colons; the first is the state directory of this unit.
  const given = env['STATE_DIRECTORY']?.split(':').find((part) => part !== '')
  if (given !== undefined) return given
  try {
    await access(systemFolder, WRITABLE)
    return systemFolder
  } catch {
    return localFolder
  }
}
