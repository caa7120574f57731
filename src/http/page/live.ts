/** Follows the site and comes back by itself: after a lost network, a restart, a laptop that slept. */
import type { Api } from './api.js'
import { ApiError, errorText } from './api.js'
import { eventReader } from './event-stream.js'
import type { LiveEvent } from './wire.js'

export interface LiveLink {
  /** Starts, or starts anew at once. */
  start(): void
  stop(): void
}

export interface LiveTold {
  changed(event: LiveEvent): void
  /** The link broke, for this reason; another attempt follows. */
  lost(why: string): void
}

/** The gateway tells something each second. */
const SILENT_MS = 5_000
const RETRY_MS = [500, 1_000, 2_000, 3_000] as const

export function liveLink(api: Api, told: LiveTold): LiveLink {
  let current: AbortController | undefined
  let retry: number | undefined
  let failures = 0

  const run = async (attempt: AbortController): Promise<void> => {
    let silence: number | undefined
    const heard = (): void => {
      clearTimeout(silence)
      silence = setTimeout(() => attempt.abort(), SILENT_MS)
    }
    let why = 'the controller ended the stream'
    try {
      heard()
      const body = await api.follow(attempt.signal)
      const events = eventReader()
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done || current !== attempt) break
        heard()
        for (const data of events.take(value)) {
          failures = 0
          // The types are those of the schemas that the gateway answers by.
          const event: LiveEvent = JSON.parse(data)
          told.changed(event)
        }
      }
    } catch (error) {
      why = attempt.signal.aborted ? 'the controller says nothing' : errorText(error)
      // The login starts it again.
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
        if (current === attempt) current = undefined
        return
      }
    } finally {
      clearTimeout(silence)
      attempt.abort()
    }
    if (current !== attempt) return
    told.lost(why)
    const waitMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]
    failures += 1
    retry = setTimeout(start, waitMs)
  }

  const stop = (): void => {
    clearTimeout(retry)
    const before = current
    current = undefined
    before?.abort()
  }

  const start = (): void => {
    stop()
    const attempt = new AbortController()
    current = attempt
    run(attempt).catch((error: unknown) => told.lost(errorText(error)))
  }

  return { start, stop }
}
