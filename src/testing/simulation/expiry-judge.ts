/** Judges that what a charger was told above its fallback ends by itself (I4). */
import { EXCESS_A } from './node-truth.js'
import type { Outlet } from './outlets.js'
import type { Verdicts } from './verdicts.js'

/** Beyond the duration of a profile: margin for the charger's clock, and for looking. */
const EXPIRY_MARGIN_MS = 70_000

export function expiryJudge(options: {
  readonly verdicts: Verdicts
  readonly profileDurationMs: number
  readonly startMs: number
  readonly monotonic: () => number
  readonly wall: () => number
}): (outlet: Outlet) => void {
  const { verdicts, profileDurationMs, startMs, monotonic, wall } = options
  return judgeExpiry

  function judgeExpiry(outlet: Outlet): void {
    const { charger, limitA, chargePoint, connectorId, key } = outlet
    const { newest } = outlet
    if (!newest || newest.profile.purpose !== 'TxProfile') return
    // Age first: it clears almost all of them, and what stands is long to look up.
    const ageMs = monotonic() - newest.receivedAtMs
    const { profileDurationS } = outlet.evse.charger
    const durationMs = profileDurationS === undefined ? profileDurationMs : profileDurationS * 1_000
    if (ageMs <= durationMs + EXPIRY_MARGIN_MS) return
    if (limitA <= leftAloneA(outlet) + EXCESS_A) return
    if (charger.ignoresExpiry() || charger.isClockOff() || charger.isDeceiving()) return
    verdicts.violated({
      invariant: 'limit',
      atMs: monotonic() - startMs,
      where: key,
      what:
        `${chargePoint.identity}#${connectorId} may still take ${limitA.toFixed(1)} A ` +
        `${Math.round(ageMs / 1000)} s after it was last told`,
    })
  }

  /** By the hour it may be more than what is safe at any time; at each hour its sum is judged too. */
  function leftAloneA({ chargePoint, connectorId, fallbackA }: Outlet): number {
    const standing = chargePoint.profiles().find((installed) => {
      const { purpose, stackLevel, durationS } = installed.profile
      const isStanding = purpose === 'TxDefaultProfile' && stackLevel === 0
      return installed.connectorId === connectorId && isStanding && durationS === undefined
    })
    if (!standing || standing.profile.unit === 'W') return fallbackA
    const { startMs: fromMs = 0, periods } = standing.profile
    if (periods.length === 1) return fallbackA
    // Its clock may be that far off.
    const heldA = [-EXPIRY_MARGIN_MS, EXPIRY_MARGIN_MS].map((offMs) => {
      const atS = (wall() + offMs - fromMs) / 1000
      return periods.findLast(({ startS }) => startS <= atS)?.limit ?? 0
    })
    return Math.max(fallbackA, ...heldA)
  }
}
