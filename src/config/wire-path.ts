/** `evses.0.maxPowerKw` of the domain as the path of the wire: `evses`, 0, `max_power_kw`. */
export function wirePath(field: string): (string | number)[] {
  return field
    .split('.')
    .map((key) =>
      /^\d+$/.test(key) ? Number(key) : key.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`),
    )
}
