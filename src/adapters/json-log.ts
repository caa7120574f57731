/** The log as JSON lines: `level`, `time` (RFC 3339, UTC), the fields, and `event`. */
import { pino } from 'pino'
import type { Log, LogFields } from '../ports.js'
import { loggable } from './log-fields.js'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface JsonLogOptions {
  /** The least that is written. Default `info`. */
  readonly level?: LogLevel
  /** Takes each line with its line end. Default: stderr. */
  readonly write?: (line: string) => void
}

/** Lines that wait for a reader that does not read; further ones are lost. */
const MAX_WAITING_BYTES = 1024 * 1024

/**
 * Secrets are redacted by the name of their field. Never throws and never waits for its reader; what
 * waits is written when the process ends.
 */
export function jsonLog({ level = 'info', write }: JsonLogOptions = {}): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
    },
    write ? { write } : standardError(),
  )
  const line =
    (name: Exclude<LogLevel, 'silent'>) =>
    (event: string, fields: LogFields = {}): void => {
      try {
        if (logger.isLevelEnabled(name)) logger[name](loggable(fields), event)
      } catch {
        // There is no other place to say it.
      }
    }
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  }
}

function standardError() {
  // Not synchronous: a full pipe must not stop the control loop.
  const destination = pino.destination({ fd: 2, sync: false, maxLength: MAX_WAITING_BYTES })
  // Without a listener an error event would end the process.
  destination.on('error', () => {})
  return destination
}
