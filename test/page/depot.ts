/** A depot behind a 63 A fuse, as a configuration file says it. */
export const DEPOT = `
site: { id: yard-1, name: Yard 1, timezone: Europe/Berlin, fuse_a: 63 }
ocpp: { meter_value_interval_s: 1 }
depot:
  constraints:
    - { id: north, name: North, type: charge_group, max_power_kw: 40 }
  chargers:
    - { id: cp1, name: One, parent_charge_group: north, ocpp_charge_point_id: CP1, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
    - { id: cp2, name: Two, parent_charge_group: north, ocpp_charge_point_id: CP2, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
`

/** What somebody might write where a name belongs. */
export const NASTY = [
  '<img src=x onerror="window.hurt=1">',
  '"><script>window.hurt=1</script>',
  "'-window.hurt=1-'",
] as const

/** Names and id tags that try to become markup. */
export const NASTY_DEPOT = `
site: { id: yard-1, name: ${JSON.stringify(NASTY[0])}, fuse_a: 63 }
depot:
  constraints:
    - { id: north, name: ${JSON.stringify(NASTY[1])}, type: charge_group, max_power_kw: 40 }
  chargers:
    - { id: cp1, name: ${JSON.stringify(NASTY[0])}, parent_charge_group: north, ocpp_charge_point_id: CP1,
        max_power_kw: 22.08, evses: [{ id: 1, max_power_kw: 22.08 }] }
  vehicles:
    - { id: bus, name: ${JSON.stringify(NASTY[0])}, id_tags: ["CAR-CP1"] }
`

/** So many chargers CP1, CP2, … in groups of twenty. */
export function largeDepot(count: number): string {
  const groups = Array.from({ length: Math.ceil(count / 20) }, (_, index) => index)
  const chargers = Array.from({ length: count }, (_, index) => index + 1)
  return `
site: { id: yard-1, name: Large yard, fuse_a: 1600 }
ocpp: { meter_value_interval_s: 5 }
depot:
  constraints:
${groups.map((group) => `    - { id: g${group}, name: Group ${group}, type: charge_group, max_power_kw: 400 }`).join('\n')}
  chargers:
${chargers
  .map(
    (number) =>
      `    - { id: cp${number}, name: CP-${number}, parent_charge_group: g${Math.floor((number - 1) / 20)}, ` +
      `ocpp_charge_point_id: CP${number}, max_power_kw: 22.08, evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }`,
  )
  .join('\n')}
`
}
