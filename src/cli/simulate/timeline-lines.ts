/** The timeline of a run for people: one line for each thing that happened. */
import { SITE_NODE_ID } from '../../core/site/tree.js'
import type { TimelineEntry } from '../../testing/simulation/result.js'
import type { Scenario } from '../../testing/simulation/scenario.js'
import { faultWords } from '../../testing/scenario-file/fault-yaml.js'
import { localClockText } from '../../testing/scenario-file/wall-time.js'
import type { Paint } from './paint.js'
import type { ReasonWatch } from './reason-watch.js'

export interface TimelineContext {
  readonly startWallMs: number
  readonly zone: string
  /** Whose limits are told. */
  readonly nodes: ReadonlySet<string>
  readonly reasons: ReasonWatch
  readonly paint: Paint
}

export interface TimelineLine {
  readonly atMs: number
  readonly text: string
}

type Offer = Extract<TimelineEntry, { type: 'offer' }>

/** Offers that change within this belong to one round. */
const ROUND_MS = 1000
const NAMED = 6
const VOLTAGE_V = 230

/** What the lines about a run of this scenario need. */
export function contextOf(
  { startWallMs, settings }: Scenario,
  reasons: ReasonWatch,
  paint: Paint,
): TimelineContext {
  const { site, depot } = settings
  const nodes = new Set([SITE_NODE_ID, ...(depot?.constraints.keys() ?? [])])
  return { startWallMs, zone: site.timezone, nodes, reasons, paint }
}

export function timelineLines(
  timeline: readonly TimelineEntry[],
  context: TimelineContext,
): readonly TimelineLine[] {
  const { startWallMs, zone, nodes, paint } = context
  const lines: TimelineLine[] = []
  const offers = new Map<string, number | undefined>()
  let round: Offer[] = []
  const say = (atMs: number, words: string): void => {
    const clock = paint.dim(localClockText(startWallMs, atMs, zone))
    lines.push({ atMs, text: `${clock}  ${words}` })
  }
  const endRound = (): void => {
    const [first] = round
    if (first) for (const words of roundWords(round, offers, context)) say(first.atMs, words)
    round = []
  }
  for (const entry of timeline) {
    const [first] = round
    if (first && (entry.type !== 'offer' || entry.atMs - first.atMs >= ROUND_MS)) endRound()
    // Of a charger it is what is written on it.
    if (entry.type === 'limit' && !nodes.has(entry.nodeId)) continue
    if (entry.type === 'offer') round.push(entry)
    else say(entry.atMs, entryWords(entry, paint))
  }
  endRound()
  return lines
}

function entryWords(entry: Exclude<TimelineEntry, Offer>, paint: Paint): string {
  switch (entry.type) {
    case 'fault':
      return paint.warn(`fault    ${faultWords(entry.fault)}`)
    case 'limit': {
      const { currentA, powerA } = entry
      const limits = [
        ...(currentA === undefined ? [] : [`${ampere(currentA)} per phase`]),
        ...(powerA === undefined ? [] : [`${Math.round(powerA * VOLTAGE_V) / 1000} kW`]),
      ]
      return `limit    ${entry.nodeId}: ${limits.join(', ') || 'none'}`
    }
    case 'transaction': {
      const { charger, connectorId, change, idTag } = entry
      return `charging ${place(charger, connectorId)} ${change === 'started' ? 'starts' : 'stops'} (${idTag})`
    }
    case 'controller': {
      const lost = entry.change === 'lostPower'
      return lost ? paint.warn('gateway  loses power') : 'gateway  starts'
    }
    case 'violation': {
      const { invariant, where, what } = entry.violation
      return paint.bad(`VIOLATION of ${invariant} at ${where}: ${what}`)
    }
  }
}

/** One line for all that changed in the same way for the same reason. */
function roundWords(
  round: readonly Offer[],
  offers: Map<string, number | undefined>,
  { reasons }: TimelineContext,
): readonly string[] {
  const changes = new Map<string, { values: number[]; reason: string | undefined }>()
  for (const { charger, connectorId, limitA, atMs } of round) {
    const name = place(charger, connectorId)
    const before = offers.get(name)
    offers.set(name, limitA)
    // The end of a transaction has a line of its own.
    if (limitA === undefined) continue
    const change = changes.get(name) ?? {
      values: before === undefined ? [] : [before],
      reason: undefined,
    }
    change.values.push(limitA)
    change.reason = reasons.reasonAt(charger, connectorId, atMs)
    changes.set(name, change)
  }
  const groups = new Map<string, string[]>()
  for (const [name, { values, reason }] of changes) {
    const why = reason === undefined ? '' : ` (${reason})`
    const key = `${values.map(ampere).join(' -> ')}${why}`
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  return [...groups].map(([change, places]) => {
    const named = places.slice(0, NAMED).join(', ')
    const more = places.length > NAMED ? ` and ${places.length - NAMED} more` : ''
    return `offer    ${named}${more}: ${change}`
  })
}

function place(charger: string, connectorId: number): string {
  return connectorId === 1 ? charger : `${charger}#${connectorId}`
}

function ampere(value: number): string {
  return `${Math.round(value * 10) / 10} A`
}
