import { join } from 'node:path'
import type { FileSystem } from './file-system.js'

/** Damaged files kept for each document, and tails kept of the journal; the oldest go first. */
const MAX_KEPT = 5

/** Moves a damaged document out of the way, under a name that was free; returns that name. */
export async function setAside(
  fs: FileSystem,
  folder: string,
  name: string,
  nowMs: number,
): Promise<string> {
  const names = await fs.list(folder)
  let stampMs = nowMs
  while (names.includes(`corrupt-${stampMs}-${name}`)) stampMs++
  const aside = `corrupt-${stampMs}-${name}`
  await fs.rename(join(folder, name), join(folder, aside))
  await keepNewest(fs, folder, (other) => other.startsWith('corrupt-') && other.endsWith(name))
  return aside
}

/** Removes the oldest of the kept files beyond the cap. A failure only leaves more of them. */
export async function keepNewest(
  fs: FileSystem,
  folder: string,
  belongs: (name: string) => boolean,
): Promise<void> {
  try {
    const kept = (await fs.list(folder)).filter(belongs).toSorted(byStamp)
    for (const name of kept.slice(0, -MAX_KEPT)) await fs.remove(join(folder, name))
  } catch {
    // The next incident tries again.
  }
}

/** The last number of a name is the time it was set aside. */
function byStamp(a: string, b: string): number {
  return stampOf(a) - stampOf(b)
}

function stampOf(name: string): number {
  return Number(/(\d+)\D*$/.exec(name)?.[1] ?? 0)
}
