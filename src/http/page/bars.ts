/** A limit as a bar: base load, what cars draw, what they may draw beyond that, and what is free. */
import { h, setAttr, setText, show } from './dom.js'
import type { NodeLive, PhaseKey } from './wire.js'
import { amps, PHASES } from './words.js'

export interface Load {
  readonly limit: number | null
  readonly base: number
  readonly draw: number
  /** What may be drawn at most; never less than what is. */
  readonly permitted: number
}

export interface LimitBars {
  readonly element: HTMLElement
  update(node: NodeLive): void
}

const VOLTS = 230

export function limitBars(): LimitBars {
  const rows = PHASES.map((phase) => ({ phase, row: bar(phase.toUpperCase(), 'A', amps) }))
  const power = bar('kW', 'kW', amps)
  return {
    element: h('div', { class: 'bars' }, ...rows.map(({ row }) => row.element), power.element),
    update(node) {
      for (const { phase, row } of rows) row.update(loadOn(node, phase))
      show(power.element, node.limit_power_kw !== null)
      if (node.limit_power_kw !== null) power.update(powerOf(node, node.limit_power_kw))
    },
  }
}

function loadOn(node: NodeLive, phase: PhaseKey): Load {
  return {
    limit: node.limit_a?.[phase] ?? null,
    base: node.base_load_estimate_a[phase],
    draw: node.draw_a[phase],
    permitted: Math.max(node.exposure_a[phase], node.draw_a[phase]),
  }
}

function powerOf(node: NodeLive, limit: number): Load {
  const sum = (values: Readonly<Record<PhaseKey, number>>): number =>
    (PHASES.reduce((total, phase) => total + values[phase], 0) * VOLTS) / 1000
  const draw = sum(node.draw_a)
  const base = sum(node.base_load_estimate_a)
  return { limit, base, draw, permitted: Math.max(sum(node.exposure_a), draw) }
}

/** What is left on the phase with the least; undefined without a limit. */
export function headroomOf(node: NodeLive): number | undefined {
  const left = PHASES.flatMap((phase) => {
    const { limit, base, permitted } = loadOn(node, phase)
    return limit === null ? [] : [limit - base - permitted]
  })
  return left.length === 0 ? undefined : Math.min(...left)
}

function bar(label: string, unit: string, write: (value: number) => string) {
  const base = h('span', { class: 'bar-base' })
  const draw = h('span', { class: 'bar-draw' })
  const permitted = h('span', { class: 'bar-permitted' })
  const mark = h('span', { class: 'bar-limit' })
  const track = h(
    'div',
    { class: 'bar-track', attrs: { role: 'img' } },
    base,
    draw,
    permitted,
    mark,
  )
  const figure = h('span', { class: 'bar-figure' })
  const element = h(
    'div',
    { class: 'bar' },
    h('span', { class: 'bar-label' }, label),
    track,
    figure,
  )
  let shown = ''
  return {
    element,
    update(load: Load) {
      const key = `${load.limit} ${load.base} ${load.draw} ${load.permitted}`
      if (key === shown) return
      shown = key
      const used = load.base + load.permitted
      const whole = Math.max(load.limit ?? 0, used) || 1
      const width = (part: HTMLElement, value: number): void => {
        part.style.width = `${(Math.max(0, value) / whole) * 100}%`
      }
      width(base, load.base)
      width(draw, load.draw)
      width(permitted, load.permitted - load.draw)
      show(mark, load.limit !== null)
      if (load.limit !== null) mark.style.left = `${(load.limit / whole) * 100}%`
      const isOver = load.limit !== null && used > load.limit + 0.05
      element.classList.toggle('bar-over', isOver)
      const of = load.limit === null ? '' : ` of ${write(load.limit)}`
      setText(figure, `${write(used)}${of} ${unit}`)
      setAttr(track, 'aria-label', inWords(label, load, unit, write))
      setAttr(track, 'title', inWords(label, load, unit, write))
    },
  }
}

function inWords(
  label: string,
  { limit, base, draw, permitted }: Load,
  unit: string,
  write: (value: number) => string,
): string {
  const left =
    limit === null
      ? 'no limit'
      : `${write(limit - base - permitted)} ${unit} free of ${write(limit)} ${unit}`
  return (
    `${label}: base load ${write(base)} ${unit}, cars draw ${write(draw)} ${unit} ` +
    `and may draw ${write(permitted)} ${unit}, ${left}`
  )
}
