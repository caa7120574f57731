import type { Log, LogFields } from '../ports.js'

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: LogFields
}

export interface MemoryLog extends Log {
  /** The latest entries, oldest first. */
  entries(): readonly LogEntry[]
  /** How often this event was logged, counting forgotten entries too. */
  count(event: string): number
}

/** Keeps the last `maxEntries` entries. Throws when told of an event in `fatal`: it must not happen. */
export function memoryLog({
  maxEntries = 1000,
  fatal = [],
}: { readonly maxEntries?: number; readonly fatal?: readonly string[] } = {}): MemoryLog {
  const entries: LogEntry[] = []
  const counts = new Map<string, number>()
  const log =
    (level: LogEntry['level']) =>
    (event: string, fields: LogFields = {}): void => {
      counts.set(event, (counts.get(event) ?? 0) + 1)
      entries.push({ level, event, fields })
      if (entries.length > maxEntries) entries.shift()
      if (fatal.includes(event)) throw new Error(`${event}: ${JSON.stringify(fields)}`)
    }
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    entries: () => [...entries],
    count: (event) => counts.get(event) ?? 0,
  }
}
