/** Results as Markdown tables: printed, and put into the document. */
import { PUBLISHED } from './suite-a.js'

const SHOWN_KW = [10, 15, 20, 25, 30, 40, 60]

export function linesOfA({ sessions, capacities, results }) {
  const shown = SHOWN_KW.filter((kw) => capacities.includes(kw))
  const columns = ['demand met, %', ...shown.map((kw) => `${kw} kW`), 'mean', 'published mean']
  const rows = results.map(({ name, met, mean }) => [
    name === 'yardmaster' ? '**Yardmaster**' : `${name}, written anew`,
    ...shown.map((kw) => met[capacities.indexOf(kw)].toFixed(2)),
    mean.toFixed(2),
    PUBLISHED[name]?.mean.toFixed(2) ?? '',
  ])
  const quoted = ['MPC', 'offline'].map((name) => {
    const { at10Kw, mean } = PUBLISHED[name]
    return [`${name}, published`, at10Kw.toFixed(2)].concat(
      shown.map(() => ''),
      mean.toFixed(2),
    )
  })
  return [
    `Suite A: ${sessions} sessions, mean over ${capacities.length} capacities`,
    '',
    ...table(columns, [...rows, ...quoted]),
  ]
}

export function linesOfB(sets) {
  return sets.flatMap((set) => [...linesOfSet(set), ''])
}

export function linesOfSet({ name, sessions, evses, kwh, limits, bounds, results }) {
  const columns = [
    'demand met, %',
    ...limits.map((limitA) => `${limitA} A`),
    '% of bound',
    'Jain',
    'starved',
    'worst 5 %',
    'full',
    'on/off',
    'setpoints',
    'over limit',
  ]
  const bound = ['bound', ...limits.map((limitA) => bounds[limitA].toFixed(1)), '100']
  const rows = results.map((result) => [
    result.name.startsWith('Yardmaster') ? `**${result.name}**` : result.name,
    ...result.met.map((met) => met.toFixed(1)),
    result.overA > 0 && result.ofBound > 100 ? '-' : result.ofBound.toFixed(1),
    result.jain.toFixed(3),
    `${result.starved.toFixed(2)} %`,
    `${result.p5.toFixed(1)} %`,
    `${result.full.toFixed(0)} %`,
    result.switches.toFixed(1),
    result.setpoints.toFixed(1),
    result.overA > 0 ? `${result.overA.toFixed(0)} A, ${result.overMinutes.toFixed(0)} min` : '0',
  ])
  const title = `${name}: ${sessions} sessions, ${(kwh / 1000).toFixed(1)} MWh, ${evses} EVSEs`
  return [title, '', ...table(columns, [bound, ...rows])]
}

const INFOS = { nothing: 'nothing stated', stated: 'as stated', true: 'true' }

export function linesOfBh({ dates, sessions, evses, groups, goalPoints, results }) {
  const columns = [
    'Yardmaster, told',
    'limit',
    'demand met, %',
    'bound',
    '% of bound',
    'allocation alone',
    'points lost',
    'Jain',
    'starved',
    'worst 5 %',
    'on/off',
    'alone',
    'setpoints',
    'profiles a session',
    'an hour plugged in',
    'A·s over, ours',
    "A·s over, the building's",
    'worst reaction',
    'broken',
  ]
  const rows = results.map((result) => {
    const { figures, alone, ofBound, aloneOfBound } = result
    return [
      INFOS[result.info],
      `${result.limitA} A`,
      figures.met.toFixed(1),
      result.bound.toFixed(1),
      ofBound.toFixed(1),
      aloneOfBound.toFixed(1),
      (aloneOfBound - ofBound).toFixed(1),
      figures.jain.toFixed(3),
      `${figures.starved.toFixed(1)} %`,
      `${figures.p5.toFixed(1)} %`,
      figures.switches.toFixed(1),
      alone.switches.toFixed(1),
      figures.setpoints.toFixed(0),
      result.profilesPerSession.toFixed(0),
      result.profilesPerHour.toFixed(0),
      result.controlledAs.toFixed(1),
      `${result.outsideAs.toFixed(0)} in ${result.outsideS.toFixed(0)} s, ${result.worstA.toFixed(0)} A`,
      `${(result.worstReactionMs / 1000).toFixed(1)} s of ${result.reactions}`,
      result.broken.join(', ') || 'none',
    ]
  })
  return [
    `${dates.length} working days (${dates.join(', ')}), ${sessions} sessions, ${evses} EVSEs in ${groups} groups`,
    `Goals: 0 A·s over by what the controller did; at most ${goalPoints} points lost`,
    '',
    ...table(columns, rows),
  ]
}

export function linesOfTime(results) {
  const columns = ['one pass of the allocation', 'EVSEs', 'p50, CPU ms', 'p99, CPU ms', 'goal p99']
  const rows = results.flatMap(({ name, sizes, exponent }) => [
    ...sizes.map(({ evses, p50Ms, p99Ms, goalMs }) => [
      name,
      String(evses),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      String(goalMs),
    ]),
    [`${name}: grows as n to the`, '', exponent.toFixed(2), '', '1.2'],
  ])
  return table(columns, rows)
}

function table(columns, rows) {
  const all = [columns, ...rows.map((row) => columns.map((_, k) => row[k] ?? ''))]
  const widths = columns.map((_, k) => Math.max(3, ...all.map((row) => row[k].length)))
  const line = (row) => `| ${row.map((cell, k) => cell.padEnd(widths[k])).join(' | ')} |`
  const [head, ...body] = all.map(line)
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body]
}
