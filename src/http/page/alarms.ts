/** What somebody should look at, the worst first. Pure. */
import type { Outlet, PlacedNode, SiteState } from './state.js'
import { outletsOf, placedNodes, sessionsByPlace, SITE_ID } from './state.js'
import type { PendingCharger, SiteCheck } from './wire.js'
import { amps, clockText, lasting, sentence, stateOf } from './words.js'

export interface Alarm {
  /** The same alarm has the same key as long as it lasts. */
  readonly key: string
  readonly tone: 'bad' | 'warn' | 'calm'
  readonly title: string
  readonly text: string
  readonly act?: AlarmAct
}

export type AlarmAct =
  | { readonly type: 'charger'; readonly id: string; readonly label: string }
  | { readonly type: 'restore'; readonly nodeId: string; readonly label: string }
  | { readonly type: 'go'; readonly hash: string; readonly label: string }

export interface AlarmFacts {
  readonly nowMs: number
  readonly zone: string
  readonly check: SiteCheck | undefined
  /** Charge points that came and have no place yet. */
  readonly pending: readonly PendingCharger[]
}

const RANK = { bad: 0, warn: 1, calm: 2 } as const
/** More of a kind are counted, not listed. */
const NAMED = 4

export function alarmsOf(state: SiteState, facts: AlarmFacts): readonly Alarm[] {
  const { site } = state
  if (!site) return []
  const nodes = placedNodes(state)
  const outlets = outletsOf([...state.chargers.values()], sessionsByPlace(state))
  const alarms = [
    ...nodes.flatMap((placed) => nodeAlarms(placed, facts)),
    ...cutOffs(outlets),
    ...unprotected(outlets),
    ...meterAlarms(state),
    ...checkAlarms(facts),
    ...pendingAlarms(facts),
    ...chargerAlarms(outlets),
    ...departures(state),
    ...setUpAlarms(state),
  ]
  return alarms.toSorted((a, b) => RANK[a.tone] - RANK[b.tone])
}

function nodeAlarms({ node, id }: PlacedNode, { nowMs, zone }: AlarmFacts): Alarm[] {
  const { alarm, name } = node
  if (alarm) {
    const where =
      alarm.dimension === 'power' ? 'over all phases' : `on ${alarm.dimension.toUpperCase()}`
    return [
      {
        key: `over ${id}`,
        tone: 'bad',
        title: `${name} is ${amps(alarm.over_a)} A above its limit ${where}`,
        text:
          `Measured since ${clockText(alarm.since, nowMs, zone)}, at worst ${amps(alarm.worst_a)} A, ` +
          `${Math.round(alarm.over_limit_as)} As in all. The watchdog is cutting chargers off.`,
      },
    ]
  }
  if (node.failsafe) {
    return [
      {
        key: `failsafe ${id}`,
        tone: 'bad',
        title: `${name} is in failsafe`,
        text: 'Its meter is silent: every charger below it is at its fallback.',
      },
    ]
  }
  if (node.within_limit) return []
  return [
    {
      key: `within ${id}`,
      tone: 'warn',
      title: `Chargers below ${name} are being lowered`,
      text: 'Until they have followed, base load and what cars may draw together exceed its limit. Nothing rises meanwhile.',
    },
  ]
}

function cutOffs(outlets: readonly Outlet[]): Alarm[] {
  const cut = outlets.filter(({ evse }) => evse.reason_type === 'cut_off')
  if (cut.length === 0) return []
  const first = cut[0]?.evse.reason ?? ''
  return [
    {
      key: 'cut off',
      tone: 'bad',
      title: `The watchdog has cut off ${names(cut)}`,
      text: `${sentence(first)} Find the cause, then let them serve again.`,
      act: { type: 'restore', nodeId: SITE_ID, label: 'Put back into service' },
    },
  ]
}

function unprotected(outlets: readonly Outlet[]): Alarm[] {
  const bare = outlets.filter(({ evse }) => evse.reason_type === 'unprotected')
  if (bare.length === 0) return []
  return [
    {
      key: 'unprotected',
      tone: 'bad',
      title: `${names(bare)} ${isSingle(bare) ? 'takes' : 'take'} no limit`,
      text: sentence(bare[0]?.evse.reason ?? ''),
      ...toCharger(bare),
    },
  ]
}

function meterAlarms({ site }: SiteState): Alarm[] {
  if (!site) return []
  const meters = site.meters.flatMap((meter): Alarm[] => {
    if (meter.quality === 'good') return []
    const age = meter.age_s === null ? 'It was never read' : `Silent for ${lasting(meter.age_s)}`
    const why = meter.problem === null ? '' : ` (${meter.problem})`
    return [
      {
        key: `meter ${meter.id}`,
        tone: meter.quality === 'lost' ? 'bad' : 'warn',
        title: `Meter ${meter.id} is ${meter.quality === 'lost' ? 'lost' : 'stale'}`,
        text: `${age}${why}. Nothing below it is raised.`,
      },
    ]
  })
  if (!site.upstream_configured || site.upstream_connected) return meters
  return [
    ...meters,
    {
      key: 'upstream',
      tone: 'warn',
      title: 'The backend is not reachable',
      text: 'The MQTT broker is away. The depot goes on; session events wait on disk.',
    },
  ]
}

function pendingAlarms({ pending }: AlarmFacts): Alarm[] {
  const waiting = pending.filter(({ state }) => state !== 'rejected')
  const [first] = waiting
  if (!first) return []
  const ids = waiting.map(({ ocpp_charge_point_id: id }) => id)
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : ''
  const model = [first.vendor, first.model].filter((one) => one !== null).join(' ')
  return [
    {
      key: 'pending',
      tone: 'calm',
      title: `${ids.slice(0, NAMED).join(', ')}${more} ${ids.length === 1 ? 'wants' : 'want'} to join`,
      text: `${model === '' ? 'A charge point' : model} from ${first.address} that this depot does not have.`,
      act: { type: 'go', hash: '#/setup/chargers', label: 'Look' },
    },
  ]
}

function checkAlarms({ check }: AlarmFacts): Alarm[] {
  const loose = (check?.loose_ends ?? []).map((words): Alarm => ({
    key: `loose ${words}`,
    tone: 'warn',
    title: 'Settings and depot do not fit together',
    text: sentence(words),
  }))
  const unsafe = (check?.problems ?? []).map(({ node_id: nodeId, message }, index): Alarm => ({
    key: `check ${index} ${nodeId}`,
    tone: 'bad',
    title: 'Without the controller this site would not be safe',
    text: sentence(message),
    act: { type: 'go', hash: '#/setup/check', label: 'Check site' },
  }))
  return [...unsafe, ...loose]
}

function chargerAlarms(outlets: readonly Outlet[]): Alarm[] {
  const kinds = new Map<string, Outlet[]>()
  for (const outlet of outlets) {
    const { word } = stateOf(outlet.charger, outlet.evse, outlet.session)
    kinds.set(word, [...(kinds.get(word) ?? []), outlet])
  }
  const of = (word: string): readonly Outlet[] => kinds.get(word) ?? []
  const alarm = (
    word: string,
    tone: Alarm['tone'],
    title: (who: string, isOne: boolean) => string,
    text: string,
  ): Alarm[] => {
    const who = of(word)
    if (who.length === 0) return []
    return [{ key: word, tone, title: title(names(who), isSingle(who)), text, ...toCharger(who) }]
  }
  const faults = of('Fault').map(({ evse }) => evse.error_code ?? 'no code')
  return [
    ...alarm(
      'Disobeys',
      'bad',
      (who, isOne) => `${who} ${isOne ? 'does' : 'do'} not follow ${isOne ? 'its' : 'their'} limit`,
      'Counted at what may really flow; others give way.',
    ),
    ...alarm(
      'Fault',
      'bad',
      (who, isOne) => `${who} ${isOne ? 'reports' : 'report'} a fault`,
      [...new Set(faults)].join(', '),
    ),
    ...alarm(
      'Offline',
      'warn',
      (who, isOne) => `${who} ${isOne ? 'is' : 'are'} offline`,
      'Counted at the limit each may still hold, until that has expired.',
    ),
    ...alarm(
      'Not set up',
      'warn',
      (who, isOne) => `${who}: ${isOne ? 'a connector' : 'connectors'} nobody has set up`,
      'Offered nothing until you add it to the EVSEs of the charger.',
    ),
    ...alarm(
      'Never connected',
      'calm',
      (who, isOne) => `${who} ${isOne ? 'has' : 'have'} never connected`,
      'Check the address and the charge point id in the charger.',
    ),
  ]
}

function departures({ sessions }: SiteState): Alarm[] {
  return [...sessions.values()].flatMap((session): Alarm[] => {
    const { warning, charger_id: id } = session
    if (warning === null) return []
    return [
      {
        key: `departure ${session.id}`,
        tone: session.forecast?.state === 'fine' ? 'calm' : 'warn',
        title: session.vehicle?.name ?? `Id tag ${session.id_tag}`,
        text: sentence(warning),
        ...(id !== null && { act: { type: 'charger', id, label: 'Open' } }),
      },
    ]
  })
}

function setUpAlarms({ site, chargers }: SiteState): Alarm[] {
  if (!site || chargers.size === 0) return []
  if (site.limit_a !== null || site.limit_power_kw !== null) return []
  return [
    {
      key: 'no limit',
      tone: 'warn',
      title: 'Nothing limits the grid connection',
      text: 'Write fuse_a or contract_kw into the configuration file of the gateway.',
    },
  ]
}

/** A charger with two connectors is one charger. */
function isSingle(outlets: readonly Outlet[]): boolean {
  return new Set(outlets.map(({ charger }) => charger.id)).size === 1
}

function names(outlets: readonly Outlet[]): string {
  const all = [...new Set(outlets.map(({ charger }) => charger.name))]
  const shown = all.slice(0, NAMED).join(', ')
  return all.length > NAMED ? `${shown} and ${all.length - NAMED} more` : shown
}

function toCharger([first]: readonly Outlet[]): { readonly act?: AlarmAct } {
  return first ? { act: { type: 'charger', id: first.charger.id, label: 'Open' } } : {}
}
