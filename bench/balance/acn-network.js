/**
 * Suite A's garage, as ACN-Sim publishes it: outlets between two of three lines at 208 V, behind a
 * delta-wye transformer. The currents of the three line groups stand at 120 degrees to each other,
 * so a line's current is a sum of vectors.
 */

/** AB, BC and CA. */
export const GROUPS = ['AB', 'BC', 'CA']
const SECONDARY_V = 120
const PRIMARY_V = 277
const TOLERANCE_A = 1e-5
/** Loads (ab, bc, ca) in each conductor: two groups meet in a secondary line, all in a primary one. */
const SECONDARY = [
  [1, 0, -1],
  [-1, 1, 0],
  [0, -1, 1],
]
const PRIMARY = [
  [1 / 4, 1 / 4, -2 / 4],
  [-2 / 4, 1 / 4, 1 / 4],
  [1 / 4, -2 / 4, 1 / 4],
]

export function createNetwork(facts, capacityKw) {
  const perLineW = (capacityKw * 1000) / 3
  const podNames = Object.keys(facts.pods)
  return {
    limits: [
      ...SECONDARY.map((row) => ({ row, limitA: perLineW / SECONDARY_V })),
      ...PRIMARY.map((row) => ({ row, limitA: perLineW / PRIMARY_V })),
    ],
    podLimits: podNames.map((name) => facts.pods[name].limitA),
    place(station) {
      const pod = podNames.findIndex((name) => facts.pods[name].stations.includes(station))
      // Both pods stand on AB: only so the published figures come out.
      const name = pod >= 0 ? 'AB' : GROUPS.find((group) => facts.groups[group].includes(station))
      return { group: GROUPS.indexOf(name ?? 'CA'), pod }
    },
  }
}

export function isWithin({ limits, podLimits }, groupA, podA) {
  for (let pod = 0; pod < podLimits.length; pod++) {
    if (podA[pod] > podLimits[pod] + TOLERANCE_A) return false
  }
  for (const { row, limitA } of limits) {
    if (lineCurrent(row, groupA) > limitA + TOLERANCE_A) return false
  }
  return true
}

/** The length of the vector sum: the cosine of 120 degrees is -1/2. */
export function lineCurrent(row, groupA) {
  const x = row[0] * groupA[0]
  const y = row[1] * groupA[1]
  const z = row[2] * groupA[2]
  return Math.sqrt(Math.max(0, x * x + y * y + z * z - x * y - y * z - z * x))
}
