/** A housekeeping task that cannot be scheduled; the message names the task, the value and why. */
export class CronError extends Error {
  readonly task: string

  constructor(task: string, problem: string) {
    super(`housekeeping task ${task}: ${problem}`)
    this.name = 'CronError'
    this.task = task
  }
}
