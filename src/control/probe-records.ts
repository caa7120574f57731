/** Keeps with the charger what a probe found out, until it runs another firmware. */
import { outdatedCharger, probedCharger } from '../core/probe/record.js'
import type { Identity } from '../core/probe/record.js'
import type { StepOutcome } from '../core/probe/probe.js'
import type { Charger } from '../core/site/depot.js'
import type { Instant } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { Log } from '../ports.js'
import type { DepotDesk } from './depot-desk.js'

export interface ProbeRecords {
  /** Resolves when it is on disk and in force; rejects when the disk refuses. */
  keep(chargerId: string, outcomes: readonly StepOutcome[]): Promise<void>
  /** Looks for chargers that are not what was probed any more. */
  markOutdated(): void
}

export function createProbeRecords(
  owner: { readonly site: Site; readonly desk: DepotDesk; readonly now: () => Instant },
  log: Log,
): ProbeRecords {
  const { site, desk } = owner
  const marking = new Set<string>()

  /** `change` gets the charger as it is when its turn has come. */
  const put = async (
    chargerId: string,
    change: (charger: Charger) => Charger | undefined,
  ): Promise<{ readonly before: Charger; readonly after: Charger } | undefined> => {
    let changed: { readonly before: Charger; readonly after: Charger } | undefined
    const outcome = await desk.change((depot) => {
      const before = depot.chargers.get(chargerId)
      const after = before && change(before)
      if (!before || !after) return undefined
      changed = { before, after }
      return { type: 'putCharger', charger: after }
    })
    if (outcome.ok) return changed
    log.error('probeNotKept', { charger: chargerId, problem: outcome.problem.message })
    return undefined
  }

  return {
    async keep(chargerId, outcomes) {
      const kept = await put(chargerId, (charger) =>
        probedCharger(charger, outcomes, identityOf(site, charger), owner.now().wallMs),
      )
      if (kept) report(kept.before, kept.after, log)
    },

    markOutdated() {
      for (const charger of site.depot.chargers.values()) {
        const { id } = charger
        if (marking.has(id) || !outdatedCharger(charger, identityOf(site, charger))) continue
        marking.add(id)
        put(id, (now) => outdatedCharger(now, identityOf(site, now)))
          .then(
            (kept) => {
              if (kept) log.warn('probeOutdated', outdated(kept.before, site))
            },
            (error: unknown) => log.error('depotNotSaved', { error: String(error) }),
          )
          .finally(() => marking.delete(id))
      }
    },
  }
}

function report(before: Charger, { probe, expiryVerified, name }: Charger, log: Log): void {
  const { ocppChargePointId: chargePoint } = before
  const fields = { chargePoint, name, notes: probe?.notes }
  if (probe?.expiry === 'ignored') log.error('chargerIgnoresExpiry', fields)
  else if (probe?.fallbackSeen === false) log.error('chargerMissesFallback', fields)
  if (probe?.keepsOverReconnect === false) log.error('chargerForgetsLimits', fields)
  if (before.expiryVerified !== expiryVerified) {
    log.warn('expiryVerifiedChanged', {
      chargePoint,
      name,
      from: before.expiryVerified,
      to: expiryVerified,
    })
  }
}

function identityOf(site: Site, { ocppChargePointId }: Charger): Identity {
  const chargePoint =
    ocppChargePointId === undefined ? undefined : site.chargePoints.get(ocppChargePointId)
  return {
    vendor: chargePoint?.vendor,
    model: chargePoint?.model,
    firmware: chargePoint?.firmwareVersion,
  }
}

function outdated(charger: Charger, site: Site): Readonly<Record<string, unknown>> {
  const { firmware } = identityOf(site, charger)
  const { ocppChargePointId: chargePoint, name, probe } = charger
  return { chargePoint, name, probed: probe?.firmware, firmware }
}
