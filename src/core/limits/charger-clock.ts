/** How far a charge point's clock may be from ours, and what that makes of a schedule it follows. */
import { clockJumped, EXPIRY_MARGIN_MS, PREPARE_MS } from '../ledger/evse-ledger.js'
import { highestWithin } from '../ledger/fallback-schedule.js'
import type { FallbackSchedule } from '../ledger/fallback-schedule.js'
import type { ChargePoint, Site } from '../site/state.js'

/** What an offset may be, with what it takes a message to come, and a clock to run off in two days. */
const TOLERANCE_MS = 30_000
const NOISE_MS = 2_000
const BELIEVED_MS = 120_000

/**
 * A message may have waited in an offline queue, and then makes the clock seem late: of one connection
 * the latest clock counts, until for a while nothing has spoken for it.
 */
export function noteOffset(chargePoint: ChargePoint, offsetMs: number, nowMs: number): void {
  const { clockSeen, clockOffsetMs, clockSeenAtMs } = chargePoint
  const isLate = clockSeen && offsetMs < clockOffsetMs - NOISE_MS
  if (isLate && nowMs - clockSeenAtMs < BELIEVED_MS) return
  chargePoint.clockOffsetMs = offsetMs
  chargePoint.clockSeen = true
  chargePoint.clockSeenAtMs = nowMs
  // It may set itself by our time at any moment.
  chargePoint.clockRangeMs = [Math.min(0, offsetMs), Math.max(0, offsetMs)]
}

/** Ours has jumped: each charger stays where it was, or follows. */
export function noteJump(site: Site, byMs: number, nowMs: number): void {
  for (const chargePoint of site.chargePoints.values()) {
    const [lowMs, highMs] = chargePoint.clockRangeMs
    chargePoint.clockRangeMs = [Math.min(0, lowMs - byMs), Math.max(0, highMs - byMs)]
    for (const { ledger } of chargePoint.connectors.values()) clockJumped(ledger, nowMs)
  }
}

/** Seen on this connection, and right. */
export function isClockRight(chargePoint: ChargePoint): boolean {
  return chargePoint.clockSeen && !isClockWrong(chargePoint)
}

export function isClockWrong({ clockRangeMs: [lowMs, highMs] }: ChargePoint): boolean {
  return lowMs < -TOLERANCE_MS || highMs > TOLERANCE_MS
}

/** The most a charge point that follows this may permit now, or before others could give way. */
export function countedA(
  schedule: FallbackSchedule,
  { clockRangeMs: [lowMs, highMs] }: ChargePoint,
  wallMs: number,
): number {
  const lateMs = Math.max(0, -lowMs - TOLERANCE_MS)
  const earlyMs = Math.max(0, highMs - TOLERANCE_MS)
  return inForceAround(schedule, wallMs - lateMs, wallMs + earlyMs)
}

/** The same of one whose clock is right to the minute, from one instant to another. */
export function inForceAround(schedule: FallbackSchedule, fromMs: number, toMs: number): number {
  return highestWithin(schedule, fromMs - EXPIRY_MARGIN_MS, toMs + EXPIRY_MARGIN_MS + PREPARE_MS)
}
