/** What a change of a state payload is worth: a decision is news, a measured figure is a trend. */
export type StateChange = 'none' | 'measured' | 'decided'

/** How far a measured figure must move before it counts, in its own unit. */
const NOISE: Readonly<Record<string, number>> = {
  drawA: 0.5,
  baseLoadA: 0.5,
  exposureA: 0.5,
  currentA: 0.5,
  capA: 0.5,
  overA: 0.5,
  worstA: 0.5,
  overLimitAs: 10,
  powerW: 100,
  energyWh: 100,
  waiting: 0,
  charging: 0,
  // Said anew with every message, and follow from the rest.
  ts: Infinity,
  ageMs: Infinity,
  text: Infinity,
  worstTs: Infinity,
}

/** Compares two payloads (plain JSON values). */
export function stateChange(before: unknown, after: unknown, key = ''): StateChange {
  if (Object.is(before, after)) return 'none'
  const noise = NOISE[key]
  if (typeof before === 'number' && typeof after === 'number') {
    if (noise === undefined) return 'decided'
    return Math.abs(after - before) > noise ? 'measured' : 'none'
  }
  if (noise === Infinity) return 'none'
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return 'decided'
    return strongest(before.map((item, index) => stateChange(item, after[index], key)))
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return strongest(Array.from(keys, (name) => stateChange(before[name], after[name], name)))
  }
  // A figure that appears or vanishes.
  return noise === undefined ? 'decided' : 'measured'
}

function strongest(changes: readonly StateChange[]): StateChange {
  if (changes.includes('decided')) return 'decided'
  return changes.includes('measured') ? 'measured' : 'none'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
