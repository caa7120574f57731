/** How far a charge point's clock may be from ours, and what that makes of a schedule it follows. */
import { EXPIRY_MARGIN_MS, PREPARE_MS } from '../ledger/evse-ledger.js'
import { clockJumped } from '../ledger/doubted.js'
import { highestWithin } from '../ledger/fallback-schedule.js'
import type { FallbackSchedule } from '../ledger/fallback-schedule.js'
import type { ChargePoint, Site } from '../site/state.js'

/** What an offset may be, with what it takes a message to come, and a clock to run off in two days. */
const TOLERANCE_MS = 30_000
const NOISE_MS = 2_000
const BELIEVED_MS = 120_000
/** One that nobody has seen is taken to be right only while a queue may be told. */
const FIRST_BELIEVED_MS = 30_000

/** A sample that is older than this came out of a queue: what it shows may be another car's. */
const LATE_SAMPLE_MS = 15_000

/**
 * A message may have waited in an offline queue, and then makes the clock seem late: the latest clock
 * counts, also that of the connection before, until for a while nothing has spoken for it.
 */
export function noteOffset(chargePoint: ChargePoint, offsetMs: number, nowMs: number): void {
  if (isLate(chargePoint, offsetMs, nowMs, NOISE_MS)) {
    // A clock keeps its distance; a queue that is told comes nearer.
    if (offsetMs > chargePoint.lateOffsetMs + NOISE_MS) {
      chargePoint.lateOffsetMs = offsetMs
      chargePoint.queueSeenAtMs = nowMs
    }
    const [lowMs, highMs] = chargePoint.clockRangeMs
    // Out of sight the clock may have been set back.
    if (!chargePoint.clockSeen) chargePoint.clockRangeMs = [Math.min(lowMs, offsetMs), highMs]
    return
  }
  chargePoint.lateOffsetMs = -Infinity
  chargePoint.clockOffsetMs = offsetMs
  chargePoint.clockSeen = true
  chargePoint.clockSeenAtMs = nowMs
  // It may set itself by our time at any moment.
  chargePoint.clockRangeMs = [Math.min(0, offsetMs), Math.max(0, offsetMs)]
}

/** A new connection: its clock has not been seen, what was known of it is believed for a while. */
export function outOfSight(chargePoint: ChargePoint, nowMs: number): void {
  chargePoint.lateOffsetMs = -Infinity
  const isKnown = chargePoint.clockSeenAtMs > -Infinity
  chargePoint.clockSeen = false
  chargePoint.clockSeenAtMs = isKnown ? nowMs : nowMs - BELIEVED_MS + FIRST_BELIEVED_MS
}

/** While messages come that are late by the clock it had, it may have set itself back meanwhile. */
export function earliestOffsetMs({ clockOffsetMs, lateOffsetMs }: ChargePoint): number {
  return lateOffsetMs === -Infinity ? clockOffsetMs : Math.min(clockOffsetMs, lateOffsetMs)
}

/** Whether a sample that bears this time is of the past, as far as the clock of its charger is known. */
export function isOfThePast(chargePoint: ChargePoint, offsetMs: number, nowMs: number): boolean {
  return isLate(chargePoint, offsetMs, nowMs, LATE_SAMPLE_MS)
}

function isLate(
  { clockOffsetMs, clockSeenAtMs, queueSeenAtMs }: ChargePoint,
  offsetMs: number,
  nowMs: number,
  byMs: number,
): boolean {
  if (offsetMs >= clockOffsetMs - byMs) return false
  return nowMs - clockSeenAtMs < BELIEVED_MS || nowMs - queueSeenAtMs < FIRST_BELIEVED_MS
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
