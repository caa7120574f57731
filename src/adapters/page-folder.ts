/** The files of the operator's page, read once: what is served is what was installed. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { PageFile } from '../http/static-page.js'

const FOLDER = new URL('../http/page/', import.meta.url)
/** In the sources there is TypeScript instead; it is no page. */
const SERVED = /\.(html|js|css|svg)$/

/** Empty where the page was not built. */
export async function pageFiles(folder: URL = FOLDER): Promise<readonly PageFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => SERVED.test(name))
  if (!names.includes('main.js')) return []
  return Promise.all(
    names.map(async (name) => {
      const bytes = new Uint8Array(await readFile(new URL(name, folder)))
      return { name, bytes, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 32) }
    }),
  )
}
