/** Figures, times and states in words. Pure: no document, no clock. */
import type { Charger, Evse, Override, PhaseKey, Session } from './wire.js'

export const PHASES: readonly PhaseKey[] = ['l1', 'l2', 'l3']

/** `12`, `12.5`; no digits that tell nobody anything. */
export function amps(value: number): string {
  return `${value >= 100 ? Math.round(value) : Math.round(value * 10) / 10}`
}

/** For what is counted as it goes: as many digits from one second to the next. */
export function kilo(value: number): string {
  return value.toFixed(value >= 100 ? 0 : 1)
}

/** `12 s`, `5 min`, `3 h 20 min`, `2 days`. */
export function lasting(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 100) return `${s} s`
  const minutes = Math.round(s / 60)
  if (minutes < 100) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.round(hours / 24)} days`
}

/** `14:35` today, `Tue 14:35` within a week, else with the date; in the zone of the site. */
export function clockText(iso: string, nowMs: number, zone: string): string {
  const atMs = Date.parse(iso)
  const time = formatter(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    atMs,
  )
  if (dateText(atMs, zone) === dateText(nowMs, zone)) return time
  const isNear = Math.abs(atMs - nowMs) < 6 * 86_400_000
  const day = isNear
    ? formatter(zone, { weekday: 'short' }).format(atMs)
    : formatter(zone, { day: 'numeric', month: 'short' }).format(atMs)
  return `${day} ${time}`
}

/** `2026-06-14` in this zone. */
export function dateText(atMs: number, zone: string): string {
  const parts = formatter(zone, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(atMs)
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** The day so many days later, by the calendar. */
export function dayLater(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

const formatters = new Map<string, Intl.DateTimeFormat>()

/** Making one costs a thousand times as much as using it. */
function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone })
  formatters.set(key, made)
  return made
}

export type Tone = 'good' | 'calm' | 'warn' | 'bad' | 'off'

export interface State {
  readonly word: string
  readonly tone: Tone
  /** Of a filter: what people look for. */
  readonly group: 'charging' | 'waiting' | 'problem' | 'other'
}

/** What a connector does, in a word. */
export function stateOf(charger: Charger, evse: Evse, session: Session | undefined): State {
  if (evse.reason_type === 'cut_off') return { word: 'Cut off', tone: 'bad', group: 'problem' }
  if (evse.reason_type === 'unprotected') {
    return { word: 'Out of service', tone: 'bad', group: 'problem' }
  }
  if (evse.reason_type === 'discovered') {
    return { word: 'Not set up', tone: 'warn', group: 'problem' }
  }
  if (!charger.connected) {
    const word = charger.last_seen === null ? 'Never connected' : 'Offline'
    return { word, tone: 'bad', group: 'problem' }
  }
  if (evse.status === 'Faulted') return { word: 'Fault', tone: 'bad', group: 'problem' }
  if (evse.reason_type === 'unresponsive') {
    return { word: 'Disobeys', tone: 'bad', group: 'problem' }
  }
  if (charger.is_active === 'Inactive') return { word: 'Switched off', tone: 'off', group: 'other' }
  if (evse.reason_type === 'probe') return { word: 'Probed', tone: 'calm', group: 'other' }
  if (session) return charging(evse)
  if (evse.status === 'Unavailable') return { word: 'Out of service', tone: 'off', group: 'other' }
  if (evse.status === 'Preparing') return { word: 'Plugged in', tone: 'calm', group: 'other' }
  if (evse.status === 'Finishing') return { word: 'Done', tone: 'calm', group: 'other' }
  if (evse.status === 'Reserved') return { word: 'Reserved', tone: 'calm', group: 'other' }
  return { word: 'Free', tone: 'off', group: 'other' }
}

function charging(evse: Evse): State {
  const drawsA = evse.draw_a ? Math.max(evse.draw_a.l1, evse.draw_a.l2, evse.draw_a.l3) : undefined
  if (evse.offer_a <= 0 && drawsA !== undefined && drawsA > 1) {
    return { word: 'Pausing', tone: 'warn', group: 'waiting' }
  }
  if (evse.reason_type === 'waiting') return { word: 'Waiting', tone: 'warn', group: 'waiting' }
  if (evse.offer_a <= 0) return { word: 'Paused', tone: 'warn', group: 'waiting' }
  if (drawsA !== undefined && drawsA < 0.5) return { word: 'No draw', tone: 'calm', group: 'other' }
  return { word: 'Charging', tone: 'good', group: 'charging' }
}

/** What an operator ordered, in a line. */
export function overrideText(order: Override, nowMs: number, zone: string): string {
  const { max_current_a: limit, max_power_kw: kw } = order
  const parts = [
    ...(limit ? [phasesText(limit)] : []),
    ...(kw === null ? [] : [`${amps(kw)} kW`]),
    ...(order.ignore_schedule ? ['schedule left alone'] : []),
  ]
  const by = order.by === '' ? '' : `, by ${order.by}`
  return `${parts.join(', ')} until ${clockText(order.until, nowMs, zone)}: ${order.reason}${by}`
}

/** `40 A`, or `40 / 32 / 40 A` where phases differ. */
export function phasesText(values: Readonly<Record<PhaseKey, number | null>>): string {
  const [l1, l2, l3] = PHASES.map((phase) => limitText(values[phase]))
  return l1 === l2 && l2 === l3 ? `${l1} A` : `${l1} / ${l2} / ${l3} A`
}

function limitText(value: number | null): string {
  return value === null ? '–' : amps(value)
}

/** `L1 12 A, L2 0 A, L3 3 A` */
export function eachPhase(values: Readonly<Record<PhaseKey, number>>): string {
  return PHASES.map((phase) => `${phase.toUpperCase()} ${amps(values[phase])} A`).join(', ')
}

export function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(start) || start === '' ? start : `${start}.`
}

/** Numbers inside names count as numbers: CP-9 before CP-10. */
export function byName<Item extends { readonly name: string; readonly id: string | number }>(
  a: Item,
  b: Item,
): number {
  return collator.compare(a.name, b.name) || collator.compare(String(a.id), String(b.id))
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
