/**
 * The most any controller could deliver, % of the demand, by limit in A per phase: a linear programme
 * over five-minute slots that knows every arrival, with no minimum current and no whole amperes
 * (HiGHS 1.12 through SciPy 1.17; the JPL figures agree with those published with the data).
 */
export const BOUNDS = {
  'JPL, given mix': { 60: 60.84, 80: 76.49, 100: 89.59, 125: 97.96 },
  'JPL, three-phase only': { 60: 61.64, 80: 77.74, 100: 91.75, 125: 99.96 },
  'JPL November, given mix': { 60: 57.26, 80: 71.25, 100: 84.31, 125: 95.08 },
  'Caltech, given mix': { 20: 70.77, 30: 87.88, 40: 96.66, 50: 99.1 },
  'Caltech, three-phase only': { 20: 72.99, 30: 91.55, 40: 98.71, 50: 100 },
}
