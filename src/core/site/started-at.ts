/**
 * When a transaction began, on the monotonic clock: the wall clock may jump, and a start may have
 * waited in an offline queue under a clock nobody knows.
 */
import { earliestOffsetMs, isClockRight, isClockWrong } from '../limits/charger-clock.js'
import type { Instant, MonotonicStart } from './events.js'
import type { ChargePoint, Transaction } from './state.js'

/** As long as a car that waits at 0 A may have waited without anybody knowing since when. */
const UNSURE_MS = 4 * 3_600_000
const TOLERANCE_MS = 30_000

interface WallStart {
  readonly startedWallMs: number
  readonly receivedWallMs: number
}

/** `isStamped`: the charger said when, by its own clock. */
export function startTime(
  { startedWallMs, receivedWallMs }: WallStart,
  isStamped: boolean,
  chargePoint: ChargePoint | undefined,
  { nowMs, epoch }: Instant,
): MonotonicStart {
  const isRight = isStamped && chargePoint !== undefined && isClockRight(chargePoint)
  if (!isRight) {
    // One that is wrong may be set by ours at any moment, and then says nothing of what it stamped.
    const isByItsClock = isStamped && !(chargePoint && isClockWrong(chargePoint))
    return { latestMs: nowMs, earliestMs: nowMs - UNSURE_MS, isByItsClock, epoch }
  }
  const queuedMs = receivedWallMs - (startedWallMs - chargePoint.clockOffsetMs)
  const ageMs = Math.min(UNSURE_MS, Math.max(0, queuedMs))
  const latestMs = nowMs - ageMs
  return { latestMs, earliestMs: latestMs - TOLERANCE_MS, isByItsClock: false, epoch }
}

/**
 * The same for one that was noted before. A process that comes again on a machine that went on knows
 * the age, whatever the wall clock did meanwhile; after a restart of the machine only the charger
 * does.
 */
export function startTimeAgain(
  noted: MonotonicStart | undefined,
  { nowMs, epoch }: Instant,
): MonotonicStart {
  if (noted?.epoch !== undefined && noted.epoch === epoch) return noted
  return { latestMs: nowMs, earliestMs: nowMs - UNSURE_MS, isByItsClock: true, epoch }
}

/** How long a transaction has lasted, at least: what is to end after that long ends early, not late. */
export function leastAgeMs(
  { startedWallMs, monotonic: { latestMs, isByItsClock } }: Transaction,
  chargePoint: ChargePoint | undefined,
  { nowMs, wallMs }: Instant,
): number {
  const knownMs = Math.max(0, nowMs - latestMs)
  if (!isByItsClock || chargePoint?.clockSeen !== true) return knownMs
  const itsNowMs = wallMs + earliestOffsetMs(chargePoint)
  return Math.max(knownMs, Math.min(UNSURE_MS, itsNowMs - startedWallMs))
}

/** How long it may have lasted at most. */
export function mostAgeMs({ monotonic: { earliestMs } }: Transaction, { nowMs }: Instant): number {
  return Math.max(0, nowMs - earliestMs)
}
