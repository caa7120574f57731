/** A warning in the words of an operator: what will be missing, why, and what would help. */
import { reasonText } from '../reason-text.js'
import type { Reason } from '../reason.js'
import { localTime } from '../schedule/local-time.js'
import { localDay } from '../schedule/local-instant.js'
import type { Warning } from './outlook.js'

const STEP_MIN = 5

/** `nowMs`: wall time; `zone`: of the site. */
export function warningText(warning: Warning, nowMs: number, zone: string): string {
  const { who, state, departureMs } = warning
  const at = clockText(departureMs, nowMs, zone)
  const { expected, wanted } = amountTexts(warning.amounts)
  if (state === 'missed')
    return `${who} has ${expected} and should have left at ${at} with ${wanted}`
  const remedy = helpText(warning)
  const why = whyText(warning)
  return `${who} will have ${expected} at ${at}, wanted ${wanted}: ${why}${remedy}`
}

/** What is missing to tell whether a session will have what it wants. */
export function unknownText(unknown: 'soc' | 'battery', who: string): string {
  return unknown === 'soc'
    ? `whether ${who} will have enough cannot be told: its state of charge is not known; state it ` +
        '(soc), or a target in kWh'
    : `whether ${who} will have enough cannot be told: its battery is not known; give the vehicle ` +
        'its id tag and battery_kwh, or state a target in kWh'
}

/** `05:30`, with the weekday if that is not today or tomorrow morning. */
export function clockText(atMs: number, nowMs: number, zone: string): string {
  const { weekday, minuteOfDay } = localTime(atMs, zone)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`
  const isNear = atMs - nowMs < 86_400_000 && localDay(atMs, zone) <= localDay(nowMs, zone) + 1
  return isNear ? clock : `${weekday[0]?.toUpperCase() ?? ''}${weekday.slice(1)} ${clock}`
}

function amountTexts({ unit, wanted, expected }: Warning['amounts']): {
  readonly wanted: string
  readonly expected: string
} {
  if (unit === 'soc') {
    return { wanted: `${Math.round(wanted)} %`, expected: `${Math.floor(expected)} %` }
  }
  return { wanted: kwhText(wanted), expected: kwhText(expected) }
}

function kwhText(wh: number): string {
  const kwh = wh / 1000
  return `${kwh < 10 ? Math.round(kwh * 10) / 10 : Math.round(kwh)} kWh`
}

function whyText({ reason, givenA, requiredA }: Warning): string {
  const needs = `needs ${ampere(requiredA)}`
  switch (reason.type) {
    case 'limit':
      return `${reason.nodeName} gives it ${ampere(givenA)}, ${needs}`
    case 'waiting':
      return `it waits its turn at ${reason.nodeName} and gets ${ampere(givenA)} on average, ${needs}`
    case 'pending':
      return `it gets ${ampere(givenA)}, ${needs}`
    case 'vehicle':
      return `it takes no more than ${ampere(givenA)}, ${needs}`
    case 'hardware':
      return `its charger gives at most ${ampere(reason.maxA)}, ${needs}`
    case 'idle':
    case 'offline':
    case 'inactive':
    case 'discovered':
    case 'probe':
    case 'unresponsive':
    case 'cutOff':
    case 'unprotected':
      return reasonText(reason)
  }
}

function helpText(warning: Warning): string {
  const { state, lateMs, priorityHelps, bestA, reason } = warning
  const later = lateMs === undefined ? undefined : `depart ${durationText(lateMs)} later`
  const ways = [
    ...(priorityHelps ? ['raise its priority'] : []),
    ...(later === undefined ? [] : [later]),
  ]
  const hopeless =
    state === 'impossible' && isShared(reason) ? ` and would get ${ampere(bestA)} at most` : ''
  const words = ways.join(' or ')
  return words === '' ? hopeless : `${hopeless}; ${words}`
}

function isShared({ type }: Reason): boolean {
  return type === 'limit' || type === 'waiting' || type === 'pending'
}

/** Rounded up: who leaves then has it. */
function durationText(ms: number): string {
  const minutes = Math.ceil(ms / 60_000 / STEP_MIN) * STEP_MIN
  if (minutes < 120) return `${minutes} min`
  const hours = Math.ceil(minutes / 30) / 2
  return `${hours} h`
}

function ampere(currentA: number): string {
  return `${currentA < 10 ? Math.round(currentA * 10) / 10 : Math.round(currentA)} A`
}
