/** What a session still wants and by when: its own wishes over those of its vehicle. */
import type { Site, Transaction } from '../site/state.js'
import type { Target, Vehicle } from '../site/vehicle.js'
import { vehicleByTag } from '../site/vehicle.js'
import { nextDeparture } from './departures.js'
import type { SocSeen } from './session-plan.js'

export type NeedSource = 'session' | 'vehicle'

export interface Need {
  readonly vehicle: Vehicle | undefined
  readonly target: (Target & { readonly source: NeedSource }) | undefined
  readonly departure: { readonly atMs: number; readonly source: NeedSource } | undefined
  /** State of charge by now, %; undefined: nobody has told. */
  readonly soc: number | undefined
  /** From the grid; undefined: there is no target, or it cannot be told from what is known. */
  readonly wantedWh: number | undefined
}

/** Of what the grid gives, so much arrives in the battery. */
export const EFFICIENCY = 0.9
/** Who is still there after his time is late so long, then he waits for the next one. */
export const LATE_MS = 1_800_000

export function needOf(site: Site, transaction: Transaction, wallMs: number): Need {
  const { plan } = transaction
  const vehicle = vehicleByTag(site.depot.vehicles, transaction.idTag)
  const fromMs = Math.max(wallMs - LATE_MS, Math.min(transaction.startedWallMs, wallMs))
  const own =
    plan?.departureMs !== undefined && plan.departureMs > fromMs ? plan.departureMs : undefined
  const calendar = vehicle && nextDeparture(vehicle, fromMs, site.rules.timezone)
  const theirs = own === undefined ? calendar?.target : undefined
  const target = plan?.target ?? theirs ?? vehicle?.target
  const soc = socNow(transaction, vehicle?.batteryKwh)
  const departureMs = own ?? calendar?.atMs
  return {
    vehicle,
    target: target && { ...target, source: plan?.target ? 'session' : 'vehicle' },
    departure:
      departureMs === undefined
        ? undefined
        : { atMs: departureMs, source: own === undefined ? 'vehicle' : 'session' },
    soc,
    wantedWh: target && wantedWh(target, transaction.energyWh, soc, vehicle?.batteryKwh),
  }
}

function wantedWh(
  target: Target,
  energyWh: number,
  soc: number | undefined,
  batteryKwh: number | undefined,
): number | undefined {
  if (target.type === 'energy') return Math.max(0, target.energyWh - energyWh)
  if (soc === undefined || batteryKwh === undefined) return undefined
  return Math.max(0, ((target.soc - soc) * batteryKwh * 10) / EFFICIENCY)
}

/** Carried on by the meter since it was last told. */
function socNow(
  { plan, soc: told, energyWh }: Transaction,
  batteryKwh: number | undefined,
): number | undefined {
  const seen = laterOf(told, plan?.soc)
  if (!seen) return undefined
  if (batteryKwh === undefined) return seen.soc
  return socAfter(seen.soc, Math.max(0, energyWh - seen.energyWh), batteryKwh)
}

function laterOf(told: SocSeen | undefined, stated: SocSeen | undefined): SocSeen | undefined {
  if (!told || !stated) return told ?? stated
  return told.energyWh >= stated.energyWh ? told : stated
}

/** The state of charge with so much more from the grid. */
export function socAfter(soc: number, energyWh: number, batteryKwh: number): number {
  return Math.min(100, soc + (energyWh * EFFICIENCY) / (batteryKwh * 10))
}
