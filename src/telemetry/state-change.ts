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
  wantedWh: 500,
  expectedWh: 500,
  possibleWh: 500,
  requiredA: 0.5,
  givenA: 0.5,
  bestA: 0.5,
  soc: 1,
  expectedSoc: 1,
  waiting: 0,
  charging: 0,
  // Said anew with every message, and follow from the rest.
  ts: Infinity,
  ageMs: Infinity,
  text: Infinity,
  warning: Infinity,
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
    let worth: StateChange = 'none'
    for (let index = 0; index < before.length && worth !== 'decided'; index++) {
      worth = stronger(worth, stateChange(before[index], after[index], key))
    }
    return worth
  }
  if (isRecord(before) && isRecord(after)) {
    let worth: StateChange = 'none'
    const names = Object.keys(after)
    for (const name of names) {
      worth = stronger(worth, stateChange(before[name], after[name], name))
      if (worth === 'decided') return worth
    }
    const namesBefore = Object.keys(before)
    // As a rule the same fields in the same order.
    if (isSameList(names, namesBefore)) return worth
    for (const name of namesBefore) {
      if (!(name in after)) worth = stronger(worth, stateChange(before[name], undefined, name))
    }
    return worth
  }
  // A figure that appears or vanishes.
  return noise === undefined ? 'decided' : 'measured'
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index])
}

function stronger(one: StateChange, other: StateChange): StateChange {
  if (one === 'decided' || other === 'none') return one
  return other
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
