/** What a table of vehicles may state. */
export const VEHICLE_COLUMNS = [
  'id',
  'name',
  'id_tags',
  'battery_kwh',
  'max_current_a',
  'phases',
  'priority',
  'target_soc',
  'target_kwh',
  'departures',
] as const

export type VehicleColumn = (typeof VEHICLE_COLUMNS)[number]
