import { join } from 'node:path'
import type { FileSystem } from './file-system.js'
import { writeNew } from './file-system.js'
import type { Damage } from './journal-replay.js'
import { parseSegment, segmentName, segmentNumber } from './journal-segment.js'
import type { Segment } from './journal-segment.js'
import { keepNewest } from './set-aside.js'

/** All segments in a folder, ascending. */
export async function readSegments(fs: FileSystem, folder: string): Promise<readonly Segment[]> {
  const segments: Segment[] = []
  for (const number of await segmentNumbers(fs, folder)) {
    const bytes = await fs.read(join(folder, segmentName(number)))
    if (bytes !== undefined) segments.push(parseSegment(number, bytes))
  }
  return segments
}

/**
 * Keeps the damaged part in a `.tail` file, then cuts it off the journal. Returns what the operator
 * should know. A crash or a failure half-way leaves a journal that replays to the same records.
 */
export async function cutOff(
  fs: FileSystem,
  folder: string,
  damage: Damage,
  nowMs: number,
): Promise<string> {
  const number = damage.truncate?.segment ?? damage.remove.at(-1) ?? 0
  try {
    const names = await fs.list(folder)
    let stampMs = nowMs
    const tail = (): string => segmentName(number).replace('.log', `-${stampMs}.tail`)
    while (names.includes(tail())) stampMs++
    await writeNew(fs, join(folder, tail()), damage.rest)
    await fs.syncFolder(folder)
    for (const removed of damage.remove) await fs.remove(join(folder, segmentName(removed)))
    if (damage.truncate !== undefined)
      await fs.truncate(join(folder, segmentName(number)), damage.truncate.bytes)
    await keepNewest(fs, folder, (name) => name.startsWith('journal-') && name.endsWith('.tail'))
    return `${damage.rest.length} unreadable bytes of the journal are kept in ${tail()}`
  } catch (error) {
    return `the damaged end of the journal could not be set aside: ${String(error)}`
  }
}

export async function removeSegmentsBefore(
  fs: FileSystem,
  folder: string,
  first: number,
): Promise<void> {
  for (const number of await segmentNumbers(fs, folder))
    if (number < first) await fs.remove(join(folder, segmentName(number)))
}

async function segmentNumbers(fs: FileSystem, folder: string): Promise<readonly number[]> {
  const names = await fs.list(folder)
  return names
    .map(segmentNumber)
    .filter((number) => number !== undefined)
    .toSorted((a, b) => a - b)
}
