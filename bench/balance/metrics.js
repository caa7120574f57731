/** What a run was like for the cars. */

const STARVED = 0.05
const FULL = 0.985

export function depotFigures({ cars, over }) {
  const shares = cars.map(({ deliveredKwh, session }) => deliveredKwh / session.energyKwh)
  const asked = sum(cars.map(({ session }) => session.energyKwh))
  return {
    met: (100 * sum(cars.map(({ deliveredKwh }) => deliveredKwh))) / asked,
    jain: sum(shares) ** 2 / (shares.length * sum(shares.map((share) => share * share))),
    starved: (100 * shares.filter((share) => share < STARVED).length) / shares.length,
    full: (100 * shares.filter((share) => share >= FULL).length) / shares.length,
    p5: 100 * (shares.toSorted((a, b) => a - b)[Math.floor(0.05 * shares.length)] ?? 0),
    switches: sum(cars.map(({ switches }) => switches)) / cars.length,
    setpoints: sum(cars.map(({ setpoints }) => setpoints)) / cars.length,
    overA: over.maxA,
    overMinutes: over.seconds / 60,
    overAmpereHours: over.ampereS / 3600,
  }
}

/** Over the limits of a suite: the means, and the worst excess. */
export function meanFigures(figures) {
  const mean = (name) => sum(figures.map((figure) => figure[name])) / figures.length
  return {
    jain: mean('jain'),
    starved: mean('starved'),
    full: mean('full'),
    p5: mean('p5'),
    switches: mean('switches'),
    setpoints: mean('setpoints'),
    overA: Math.max(...figures.map(({ overA }) => overA)),
    overMinutes: Math.max(...figures.map(({ overMinutes }) => overMinutes)),
  }
}

export function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}
