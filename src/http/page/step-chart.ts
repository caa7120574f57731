/** A day of limits as a step line: where each step lies, and what the axes say. Pure. */
import type { PhaseKey, ScheduledSpan } from './wire.js'

export interface Step {
  readonly fromMs: number
  readonly toMs: number
  /** Undefined: no limit. */
  readonly value: number | undefined
}

export interface Frame {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface Tick {
  readonly at: number
  readonly label: string
}

export interface StepChart {
  /** Of an SVG path; nothing is drawn where there is no limit. */
  readonly line: string
  /** The same down to the axis. */
  readonly area: string
  readonly valueTicks: readonly Tick[]
  readonly timeTicks: readonly Tick[]
  x(ms: number): number
  y(value: number): number
}

export type Shown = PhaseKey | 'power'

export function stepsOf(spans: readonly ScheduledSpan[], shown: Shown): readonly Step[] {
  return spans.map((span) => {
    const bound = shown === 'power' ? span.max_power_kw : span.max_current_a[shown]
    return {
      fromMs: Date.parse(span.starts_at),
      toMs: Date.parse(span.ends_at),
      value: bound?.limit,
    }
  })
}

/** True when L1, L2 and L3 are bound alike, so that one line says it all. */
export function arePhasesAlike(spans: readonly ScheduledSpan[]): boolean {
  return spans.every(
    ({ max_current_a: { l1, l2, l3 } }) => l1?.limit === l2?.limit && l2?.limit === l3?.limit,
  )
}

const HOUR_MS = 3_600_000

/** `hourOf`: the local hour at an instant; a day of 23 or 25 hours shows as many. */
export function stepChart(
  steps: readonly Step[],
  frame: Frame,
  hourOf: (ms: number) => string,
  highest = Math.max(1, ...steps.map(({ value }) => value ?? 0)),
): StepChart {
  const startMs = steps[0]?.fromMs ?? 0
  const endMs = Math.max(steps.at(-1)?.toMs ?? 0, startMs + HOUR_MS)
  const step = niceStep(highest)
  const top = Math.max(step, Math.ceil((highest * 1.02) / step) * step)
  const x = (ms: number): number =>
    round(
      frame.left + ((ms - startMs) / (endMs - startMs)) * (frame.width - frame.left - frame.right),
    )
  const bottomY = frame.height - frame.bottom
  const y = (value: number): number => round(bottomY - (value / top) * (bottomY - frame.top))

  let line = ''
  let area = ''
  let lastValue: number | undefined
  for (const { fromMs, toMs, value } of steps) {
    if (value !== undefined) {
      line += lastValue === undefined ? `M${x(fromMs)} ${y(value)}` : `V${y(value)}`
      line += `H${x(toMs)}`
      area += `M${x(fromMs)} ${bottomY}V${y(value)}H${x(toMs)}V${bottomY}Z`
    }
    lastValue = value
  }
  const valueTicks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => ({
    at: y(index * step),
    label: String(round(index * step)),
  }))
  const timeTicks: Tick[] = []
  for (let ms = startMs; ms <= endMs; ms += 3 * HOUR_MS)
    timeTicks.push({ at: x(ms), label: hourOf(ms) })
  return { line, area, valueTicks, timeTicks, x, y }
}

/** Four to six lines, of 1, 2 or 5 with noughts. */
function niceStep(highest: number): number {
  const rough = highest / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const times = [1, 2, 5, 10].find((one) => one * power >= rough) ?? 10
  return times * power
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
