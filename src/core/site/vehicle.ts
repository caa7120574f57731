/** Vehicles of the depot: how they show themselves, what they can take, and when they must leave. */
import type { Weekday } from '../schedule/windows.js'

/** What a vehicle must have when it leaves: energy of the session, or state of charge. */
export type Target =
  | { readonly type: 'energy'; readonly energyWh: number }
  | { readonly type: 'soc'; readonly soc: number }

/** Leaves on these days at this local time. */
export interface WeeklyDeparture {
  /** Absent: every day. */
  readonly days?: readonly Weekday[]
  /** HH:MM in the site's zone. */
  readonly time: string
  /** Absent: that of the vehicle. */
  readonly target?: Target
}

/** On this local date the calendar does not hold, but this. Several of one date add up. */
export interface OneOffDeparture {
  /** YYYY-MM-DD in the site's zone. */
  readonly date: string
  /** HH:MM; absent: it stays all day. */
  readonly time?: string
  readonly target?: Target
}

export interface Vehicle {
  readonly id: string
  readonly name: string
  /** The id tags its sessions are started with. A tag belongs to one vehicle. */
  readonly idTags: readonly string[]
  readonly batteryKwh?: number
  /** The most it takes per phase, A. */
  readonly maxCurrentA?: number
  /** How many it charges on. */
  readonly phases?: 1 | 2 | 3
  /** Before that of its id tag, its charger and its group. */
  readonly priority?: number
  /** Where a departure states none. */
  readonly target?: Target
  readonly departures: readonly WeeklyDeparture[]
  readonly oneOffDepartures: readonly OneOffDeparture[]
}

const indexes = new WeakMap<ReadonlyMap<string, Vehicle>, ReadonlyMap<string, Vehicle>>()

/** Tags compare without case (OCPP 1.6 3.9). */
export function vehicleByTag(
  vehicles: ReadonlyMap<string, Vehicle>,
  idTag: string,
): Vehicle | undefined {
  if (vehicles.size === 0) return undefined
  let index = indexes.get(vehicles)
  if (!index) {
    index = new Map(
      [...vehicles.values()].flatMap((vehicle) =>
        vehicle.idTags.map((tag) => [tag.toLowerCase(), vehicle] as const),
      ),
    )
    indexes.set(vehicles, index)
  }
  return index.get(idTag.toLowerCase())
}
