/** What a charge point answers to GetCompositeSchedule (OCPP 1.6 5.7). */
import type { ChargingProfile } from './charging-profile.js'
import type { InstalledProfile } from './charging-profiles.js'

export interface CompositePeriod {
  readonly startPeriod: number
  readonly limit: number
}

const MAX_REPETITIONS = 50

/** `limitAt` gives the limit so many ms ahead; equal neighbours are one period. */
export function compositeSchedule(options: {
  readonly profiles: readonly InstalledProfile[]
  readonly durationS: number
  readonly wallMs: number
  readonly monotonicMs: number
  /** Monotonic starts of running transactions. */
  readonly transactionStartsMs: readonly number[]
  readonly limitAt: (aheadMs: number) => number
}): readonly CompositePeriod[] {
  const { profiles, durationS, wallMs, monotonicMs, transactionStartsMs, limitAt } = options
  const changes = new Set([0])
  for (const { profile, receivedAtMs } of profiles) {
    const starts = [receivedAtMs, monotonicMs, ...transactionStartsMs].map(
      (startMs) => startMs - monotonicMs,
    )
    if (profile.startMs !== undefined) starts.push(...repeated(profile, profile.startMs - wallMs))
    for (const startMs of starts) addEdges(changes, profile, startMs)
    for (const edgeMs of [profile.validFromMs, profile.validToMs]) {
      if (edgeMs !== undefined) changes.add(edgeMs - wallMs)
    }
  }
  const periods: CompositePeriod[] = []
  for (const aheadMs of [...changes].toSorted((a, b) => a - b)) {
    const startPeriod = Math.ceil(aheadMs / 1000)
    if (startPeriod < 0 || startPeriod >= durationS) continue
    const limit = limitAt(startPeriod * 1000)
    if (periods.at(-1)?.limit !== limit) periods.push({ startPeriod, limit })
  }
  return periods
}

function repeated({ recurrenceS }: ChargingProfile, startMs: number): readonly number[] {
  if (recurrenceS === undefined) return [startMs]
  const periodMs = recurrenceS * 1000
  const firstMs = startMs > 0 ? startMs : startMs % periodMs
  return Array.from({ length: MAX_REPETITIONS }, (_, count) => firstMs + count * periodMs)
}

function addEdges(changes: Set<number>, profile: ChargingProfile, startMs: number): void {
  for (const { startS } of profile.periods) changes.add(startMs + startS * 1000)
  if (profile.durationS !== undefined) changes.add(startMs + profile.durationS * 1000)
}
