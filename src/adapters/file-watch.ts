/** Tells when files have changed, by looking: what a rename or a mount does, notices of change miss. */
import { stat } from 'node:fs/promises'
import type { Cancel, Clock } from '../ports.js'

export interface FileWatchOptions {
  readonly clock: Pick<Clock, 'every'>
  readonly eachMs: number
  readonly changed: () => void
}

/** The first look only remembers. A file that is gone has changed, too. */
export function fileWatch(files: readonly string[], options: FileWatchOptions): Cancel {
  let known: string | undefined
  let isLooking = false
  let isOver = false

  const look = async (): Promise<void> => {
    if (isLooking) return
    isLooking = true
    const states = await Promise.all(files.map(stateOf))
    isLooking = false
    const found = states.join('\n')
    const isNew = known !== undefined && known !== found
    known = found
    if (isNew && !isOver) options.changed()
  }
  const looked = (): void => {
    look().catch(() => {
      isLooking = false
    })
  }

  looked()
  const cancel = options.clock.every(options.eachMs, looked)
  return () => {
    isOver = true
    cancel()
  }
}

async function stateOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'gone'
  }
}
