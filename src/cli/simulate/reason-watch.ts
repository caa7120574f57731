/** Why offers changed, in the words of the controller, as a run goes on. */
import { reasonText } from '../../core/reason-text.js'
import type { Look } from '../../testing/simulation/result.js'

export interface ReasonWatch {
  look(look: Look): void
  /** Of the offer that changed at about this time; undefined: nobody said. */
  reasonAt(charger: string, connectorId: number, atMs: number): string | undefined
}

interface Seen {
  readonly atMs: number
  readonly text: string
}

/** Of a change within a second, the look that follows it. */
const LOOK_MS = 1000

export function reasonWatch(): ReasonWatch {
  const limits = new Map<string, number | undefined>()
  const reasons = new Map<string, Seen[]>()
  return {
    look(look) {
      const changed: string[] = []
      for (const chargePoint of look.chargePoints) {
        for (const [index] of chargePoint.connectors.entries()) {
          const key = keyOf(chargePoint.identity, index + 1)
          const runs = chargePoint.hasTransaction(index + 1)
          const limitA = runs ? chargePoint.limitA(index + 1) : undefined
          if (limits.has(key) && limits.get(key) === limitA) continue
          limits.set(key, limitA)
          if (runs) changed.push(key)
        }
      }
      // A view costs the whole site: only when somebody asks.
      if (changed.length > 0) note(look, new Set(changed))
    },
    reasonAt(charger, connectorId, atMs) {
      const list = reasons.get(keyOf(charger, connectorId)) ?? []
      return list.find((seen) => seen.atMs >= atMs && seen.atMs <= atMs + LOOK_MS)?.text
    },
  }

  function note(look: Look, keys: ReadonlySet<string>): void {
    for (const { charger, evses } of look.view()?.chargers ?? []) {
      for (const { evse, reason } of evses) {
        const key = keyOf(charger.ocppChargePointId ?? '', evse.id)
        if (!keys.has(key)) continue
        const list = reasons.get(key) ?? []
        list.push({ atMs: look.atMs, text: reasonText(reason) })
        reasons.set(key, list)
      }
    }
  }
}

function keyOf(charger: string, connectorId: number): string {
  return `${charger}#${connectorId}`
}
