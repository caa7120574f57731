/** A small line chart as SVG, readable on light and dark ground. */

const WIDTH = 720
const HEIGHT = 400
const LEFT = 60
const RIGHT = 230
const TOP = 40
const BOTTOM = 50
const GREY = '#777777'

/** `lines`: name, colour, dash and points of x and y, y in percent. */
export function lineChart({ title, xName, yName, lines }) {
  const xs = lines.flatMap(({ points }) => points.map(([x]) => x))
  const ys = lines.flatMap(({ points }) => points.map(([, y]) => y))
  const [fromX, toX] = [Math.min(...xs), Math.max(...xs)]
  const [fromY, toY] = [Math.floor(Math.min(...ys) / 10) * 10, 100]
  const atX = (x) => LEFT + ((x - fromX) / (toX - fromX)) * (WIDTH - LEFT - RIGHT)
  const atY = (y) => HEIGHT - BOTTOM - ((y - fromY) / (toY - fromY)) * (HEIGHT - TOP - BOTTOM)
  const labels = spread(lines.map(({ points }) => atY(points.at(-1)[1])))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    text(LEFT, 20, title, { size: 14 }),
    ...ticks(fromY, toY, 10).flatMap((y) => [
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${atY(y)}" y2="${atY(y)}" stroke="${GREY}" stroke-opacity="0.3"/>`,
      text(LEFT - 8, atY(y) + 4, String(y), { anchor: 'end' }),
    ]),
    ...[...new Set(xs)].map((x) =>
      text(atX(x), HEIGHT - BOTTOM + 20, String(x), { anchor: 'middle' }),
    ),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, xName, { anchor: 'middle' }),
    text(LEFT - 45, TOP - 8, yName, {}),
    ...lines.flatMap(({ name, colour, dash, points }, index) => [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash ?? 'none'}" points="${points.map(([x, y]) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(' ')}"/>`,
      text(WIDTH - RIGHT + 8, labels[index] + 4, name, { colour }),
    ]),
    '</svg>',
    '',
  ].join('\n')
}

function text(x, y, content, { size = 12, anchor = 'start', colour = GREY }) {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" text-anchor="${anchor}" fill="${colour}">${safe}</text>`
}

function ticks(from, to, by) {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, k) => from + k * by)
}

/** Moves labels down until none covers another. */
function spread(places) {
  const order = places.map((_, index) => index).toSorted((a, b) => places[a] - places[b])
  const moved = [...places]
  for (let k = 1; k < order.length; k++) {
    moved[order[k]] = Math.max(moved[order[k]], moved[order[k - 1]] + 15)
  }
  return moved
}
