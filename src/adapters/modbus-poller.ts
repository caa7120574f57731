/** Polls one device for ever: a steady beat, never two polls at once, one log line a change. */
import type { FieldReader } from '../modbus/field-reader.js'
import type { Cancel, Clock, FieldEvent, Log, LogFields } from '../ports.js'

export interface PolledDevice {
  readonly kind: 'meter' | 'limitSource'
  readonly id: string
  readonly intervalMs: number
  /** Whether other devices wait while this one does not answer. */
  readonly sharesBus: boolean
  readonly read: FieldReader
}

export interface Poller {
  stop(): void
  /** Resolves when no poll is under way. */
  idle(): Promise<void>
}

/**
 * Polls at once and then each `intervalMs`. While a poll is under way, beats are skipped. After
 * `stop` nothing reaches the sink. Events lost and returned are logged, not each failure.
 */
export function pollDevice(
  device: PolledDevice,
  { clock, log, sink }: { clock: Clock; log: Log; sink: (event: FieldEvent) => void },
): Poller {
  const who: LogFields = { device: device.kind, id: device.id }
  let stopped = false
  let busy: Promise<void> | undefined
  let failures = 0
  let silences = 0
  let lost = false
  let complete = true
  let notBeforeMs = -Infinity

  function failed(problem: string): FieldEvent {
    return device.kind === 'meter'
      ? { type: 'meterFailed', meterId: device.id, problem }
      : { type: 'limitFailed', sourceId: device.id, problem }
  }

  async function poll(): Promise<void> {
    const startMs = clock.monotonic()
    const outcome = await device.read()
    if (stopped) return
    if (!outcome.ok) {
      failures += 1
      silences = outcome.silent ? silences + 1 : 0
      // A dead device must not make the living ones on its bus stale.
      if (device.sharesBus && silences >= LOST_AFTER) notBeforeMs = startMs + SILENT_INTERVAL_MS
      if (!lost && failures >= LOST_AFTER) {
        lost = true
        log.warn('fieldDeviceLost', { ...who, problem: outcome.problem })
      }
      sink(failed(outcome.problem))
      return
    }
    failures = 0
    silences = 0
    notBeforeMs = -Infinity
    if (lost) log.info('fieldDeviceReturned', who)
    lost = false
    const isComplete = outcome.missing.length === 0
    if (complete && !isComplete) {
      log.warn('fieldReadingIncomplete', { ...who, problems: outcome.missing })
    } else if (!complete && isComplete) {
      log.info('fieldReadingComplete', who)
    }
    complete = isComplete
    sink(outcome.event)
  }

  function beat(): void {
    if (stopped || busy || clock.monotonic() < notBeforeMs) return
    busy = poll()
      .catch((error: unknown) => {
        log.error('fieldPollBroken', { ...who, problem: String(error) })
      })
      .finally(() => {
        busy = undefined
      })
  }

  const cancel: Cancel = clock.every(device.intervalMs, beat)
  beat()
  return {
    stop() {
      stopped = true
      cancel()
    },
    idle: async () => {
      await busy
    },
  }
}

/** Failures in a row that count as lost: one dropped frame is not worth a line. */
const LOST_AFTER = 3

/** A silent device on a shared bus is tried this often, ms. */
const SILENT_INTERVAL_MS = 5000
