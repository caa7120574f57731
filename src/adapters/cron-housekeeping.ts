/** Chores by the calendar. Limits are never among them: those are levels, looked at each cycle. */
import { type Logger, schedule as scheduleCron, validateDetailed } from 'node-cron'
import type { Cancel, Clock, Log } from '../ports.js'
import { CronError } from './cron-error.js'

export interface HousekeepingTask {
  readonly name: string
  /** Five fields, or six with seconds first. */
  readonly expression: string
  /** IANA zone of the expression. */
  readonly timezone: string
  run(): void | Promise<void>
}

export interface Housekeeping {
  /** Idempotent. */
  start(): void
  /** Idempotent. A task under way ends by itself. */
  stop(): void
}

/** Starts `run` by an expression that was checked before; returns what stops it. */
export type ScheduleTask = (task: HousekeepingTask, log: Log) => Cancel

export interface CronHousekeepingOptions {
  readonly tasks: readonly HousekeepingTask[]
  readonly clock: Clock
  readonly log: Log
  readonly schedule?: ScheduleTask
}

/** A step of the wall clock is looked for this often. */
const CHECK_PERIOD_MS = 1000
/** node-cron waits for an instant it computed before the step, so its tasks are made anew. */
const MAX_STEP_MS = 2000

/** Throws a CronError when a task has an expression or zone that means nothing. */
export function cronHousekeeping({
  tasks,
  clock,
  log,
  schedule = withNodeCron,
}: CronHousekeepingOptions): Housekeeping {
  for (const task of tasks) check(task)
  let scheduled: readonly Cancel[] = []
  let cancelCheck: Cancel | undefined
  const stopTasks = (): void => {
    for (const cancel of scheduled) cancel()
    scheduled = []
  }
  const startTasks = (): void => {
    scheduled = tasks.map((task) => schedule(task, log))
  }
  return {
    start() {
      if (cancelCheck) return
      startTasks()
      let offsetMs = clock.now() - clock.monotonic()
      cancelCheck = clock.every(CHECK_PERIOD_MS, () => {
        const stepMs = clock.now() - clock.monotonic() - offsetMs
        offsetMs += stepMs
        if (Math.abs(stepMs) <= MAX_STEP_MS) return
        log.warn('wallClockStepped', { stepMs: Math.round(stepMs) })
        stopTasks()
        startTasks()
      })
    },
    stop() {
      cancelCheck?.()
      cancelCheck = undefined
      stopTasks()
    },
  }
}

function check({ name, expression, timezone }: HousekeepingTask): void {
  const { valid, errors } = validateDetailed(expression)
  if (!valid) {
    const why = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
    throw new CronError(name, `"${expression}" is no cron expression (${why})`)
  }
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone }).format(0)
  } catch {
    throw new CronError(name, `"${timezone}" is no time zone: use one like Europe/Berlin`)
  }
}

function withNodeCron(task: HousekeepingTask, log: Log): Cancel {
  const scheduled = scheduleCron(
    task.expression,
    async () => {
      try {
        await task.run()
      } catch (error) {
        log.error('housekeepingFailed', { task: task.name, error })
      }
    },
    { timezone: task.timezone, noOverlap: true, logger: cronLogger(task.name, log) },
  )
  // Destroyed, not stopped: the library keeps stopped tasks in a list for ever.
  return () => {
    Promise.resolve(scheduled.destroy()).catch((error: unknown) => {
      log.error('housekeepingFailed', { task: task.name, error })
    })
  }
}

/** The library says missed and overlapping runs on its logger, which is the console by default. */
function cronLogger(task: string, log: Log): Logger {
  const fields = (note: string | Error, error?: Error) => ({ task, note, error })
  return {
    debug: (note, error) => log.debug('housekeepingNote', fields(note, error)),
    info: (note) => log.debug('housekeepingNote', fields(note)),
    warn: (note) => log.warn('housekeepingNote', fields(note)),
    error: (note, error) => log.error('housekeepingNote', fields(note, error)),
  }
}
