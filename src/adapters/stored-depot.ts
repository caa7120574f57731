/** The depot in a data folder, only read: also while a controller uses the folder. */
import { join } from 'node:path'
import { decodeEnvelope } from './document-envelope.js'
import { nodeFileSystem } from './file-system.js'
import { StoreError } from './store-error.js'

const NAME = 'depot.json'

/** Undefined: nothing was ever started there. Rejects with a StoreError when it cannot be read. */
export async function storedDepot(folder: string): Promise<unknown> {
  const problems: string[] = []
  for (const path of [join(folder, NAME), join(folder, `${NAME}.prev`)]) {
    const file = await nodeFileSystem.read(path)
    if (!file) continue
    const read = decodeEnvelope(NAME, path, file)
    if (read.type === 'bad') {
      problems.push(`${path} is damaged: ${read.problem}`)
      continue
    }
    const { depot }: Readonly<Record<string, unknown>> = Object(read.data)
    return depot
  }
  if (problems.length === 0) return undefined
  throw new StoreError('io', `${problems.join('; ')}: restore a backup of the data folder`)
}
