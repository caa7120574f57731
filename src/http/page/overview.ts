/** The depot at a glance: alarms, the grid connection, every node below it, every charger. */
import { alarmsOf } from './alarms.js'
import type { Alarm, AlarmAct } from './alarms.js'
import { errorText } from './api.js'
import type { App, View } from './app.js'
import { button, h, keyedList, setAttr, setText, show } from './dom.js'
import type { Row } from './dom.js'
import { nodeCard } from './node-card.js'
import type { NodeItem } from './node-card.js'
import { chargersByGroup, outletsOf, placedNodes, sessionsByPlace, SITE_ID } from './state.js'
import type { Outlet } from './state.js'
import type { PendingCharger, SiteCheck } from './wire.js'
import { eachPhase, kilo, lasting, stateOf } from './words.js'

const CHECK_MS = 60_000
const PENDING_MS = 5_000
const FILTERS = [
  { value: 'all', label: 'All' },
  { value: 'charging', label: 'Charging' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'problem', label: 'Problems' },
] as const

export function overview(app: App): View {
  let check: SiteCheck | undefined
  let pending: readonly PendingCharger[] = []
  let checkedMs = -Infinity
  let pendingMs = -Infinity
  let text = ''
  let wanted = 'all'

  const act = (what: AlarmAct): void => {
    if (what.type === 'go') app.go(what.hash)
    else if (what.type === 'charger') app.go(`#/chargers/${encodeURIComponent(what.id)}`)
    else restore(app, what.nodeId).catch((error: unknown) => app.say(errorText(error), 'bad'))
  }

  const alarmList = h('ul', { class: 'alarms', attrs: { 'aria-label': 'Alarms' } })
  const showAlarms = keyedList(
    alarmList,
    (alarm: Alarm) => alarm.key,
    (alarm) => alarmRow(alarm, act),
  )
  // Read aloud when it changes; the list itself changes too often for that.
  const summary = h('p', { class: 'visually-hidden', attrs: { role: 'status' } })
  const meters = h('p', { class: 'meters' })
  const empty = h(
    'div',
    { class: 'card empty' },
    h('h2', {}, 'Nothing is set up yet'),
    h(
      'p',
      {},
      'Add a charge group with its limit, then the chargers in it. A charger that knows the address of this gateway appears as soon as it is added.',
    ),
    button('Set up', () => app.go('#/setup/constraints'), { class: 'button primary' }),
  )
  const card = (item: NodeItem): Row<NodeItem> =>
    nodeCard(item, {
      nowMs: app.nowMs,
      zone: app.zone,
      go: app.go,
      open: (id) => app.go(`#/chargers/${encodeURIComponent(id)}`),
      endOrder: (nodeId, name) => {
        endOrder(app, nodeId, name).catch((error: unknown) => app.say(errorText(error), 'bad'))
      },
    })
  const idOf = ({ placed }: NodeItem): string => placed.id
  const site = h('div')
  const showSite = keyedList(site, idOf, card)
  const cards = h('div', { class: 'cards' })
  const showCards = keyedList(cards, idOf, card)
  const noneFound = h('p', { class: 'hint' }, 'No charger fits this filter.')
  const search = h('input', {
    id: 'search',
    attrs: { type: 'search', placeholder: 'Name, vehicle, id tag', 'aria-label': 'Find a charger' },
    on: {
      input: () => {
        text = search.value.trim().toLowerCase()
        update()
      },
    },
  })
  const filters = FILTERS.map(({ value, label }) =>
    button(
      label,
      () => {
        wanted = value
        update()
      },
      { class: 'chip', attrs: { 'data-filter': value } },
    ),
  )
  const bar = h(
    'div',
    { class: 'filters', attrs: { role: 'group', 'aria-label': 'Which chargers' } },
    search,
    ...filters,
  )

  const lookForNew = (): void => {
    if (app.nowMs() - pendingMs < PENDING_MS) return
    pendingMs = app.nowMs()
    app.api
      .get<readonly PendingCharger[]>('/pending-chargers')
      .then((found) => {
        pending = found
      })
      .catch(() => undefined)
  }

  const lookForProblems = (): void => {
    if (app.nowMs() - checkedMs < CHECK_MS) return
    checkedMs = app.nowMs()
    app.api
      .get<SiteCheck>('/site/check')
      .then((found) => {
        check = found
      })
      // The link that is lost then says so itself.
      .catch(() => undefined)
  }

  const isShown = ({ charger, evse, session }: Outlet): boolean => {
    const { group } = stateOf(charger, evse, session)
    if (wanted !== 'all' && group !== wanted) return false
    if (text === '') return true
    const words = [
      charger.name,
      charger.ocpp_charge_point_id,
      session?.vehicle?.name,
      session?.id_tag,
    ]
    return words.some((word) => word?.toLowerCase().includes(text))
  }

  const update = (): void => {
    const state = app.state()
    if (!state.site) return
    lookForProblems()
    lookForNew()
    const alarms = alarmsOf(state, { nowMs: app.nowMs(), zone: app.zone(), check, pending })
    showAlarms(alarms)
    setText(
      summary,
      alarms.length === 0 ? 'No alarms' : `${alarms.length} alarms: ${alarms[0]?.title ?? ''}`,
    )
    show(alarmList, alarms.length > 0)
    setText(meters, metersText(state.site.meters))
    show(meters, state.site.meters.length > 0)

    const sessions = sessionsByPlace(state)
    const groups = chargersByGroup(state)
    const isFiltered = text !== '' || wanted !== 'all'
    let found = 0
    const items = placedNodes(state).flatMap((placed): NodeItem[] => {
      const all = outletsOf(groups.get(placed.id) ?? [], sessions)
      const outlets = isFiltered ? all.filter(isShown) : all
      found += outlets.length
      if (isFiltered && placed.id !== SITE_ID && outlets.length === 0) return []
      return [{ placed, outlets, all }]
    })
    showSite(items.slice(0, 1))
    showCards(items.slice(1))
    show(noneFound, isFiltered && found === 0)
    show(empty, state.chargers.size === 0)
    show(bar, state.chargers.size > 0)
    for (const chip of filters) {
      setAttr(chip, 'aria-pressed', chip.dataset['filter'] === wanted ? 'true' : 'false')
    }
  }

  return {
    element: h(
      'div',
      { class: 'view' },
      summary,
      alarmList,
      site,
      empty,
      bar,
      noneFound,
      cards,
      meters,
    ),
    update,
  }
}

function alarmRow(first: Alarm, act: (what: AlarmAct) => void): Row<Alarm> {
  const title = h('strong')
  const text = h('span', { class: 'alarm-text' })
  let current = first
  const press = button('', () => current.act && act(current.act), { class: 'button small' })
  const element = h('li', {}, h('span', { class: 'alarm-words' }, title, ' ', text), press)
  return {
    element,
    update(alarm) {
      current = alarm
      setAttr(element, 'class', `alarm tone-${alarm.tone}`)
      setText(title, alarm.title)
      setText(text, alarm.text)
      setText(press, alarm.act?.label ?? '')
      show(press, alarm.act !== undefined)
    },
  }
}

function metersText(meters: readonly Meter[]): string {
  return meters
    .map((meter) => {
      const current = meter.current_a ? eachPhase(meter.current_a) : 'no reading'
      const power = meter.power_kw === null ? '' : `, ${kilo(meter.power_kw)} kW`
      const age =
        meter.age_s === null ? '' : `, ${meter.age_s < 3 ? 'now' : `${lasting(meter.age_s)} ago`}`
      return `Meter ${meter.id}: ${current}${power}${age}`
    })
    .join(' · ')
}

type Meter = NonNullable<ReturnType<App['state']>['site']>['meters'][number]

async function restore(app: App, nodeId: string): Promise<void> {
  const isSure = await app.ask({
    title: 'Put back into service?',
    text: 'Do this when the cause is removed: relays close, and chargers that the watchdog took out of service serve again.',
    yes: 'Put back into service',
  })
  if (!isSure) return
  const path = nodeId === SITE_ID ? '/site' : `/constraints/${encodeURIComponent(nodeId)}`
  await app.api.send('DELETE', `${path}/cut-off`)
  app.say('Told. The chargers come back one after the other.')
}

async function endOrder(app: App, nodeId: string, name: string): Promise<void> {
  const isSure = await app.ask({
    title: 'End the order?',
    text: `${name} goes back to its schedule and its own limits at once.`,
    yes: 'End it',
  })
  if (!isSure) return
  await app.api.send('DELETE', `${nodePath(nodeId)}/override`)
  app.say('The order has ended.')
}

export function nodePath(nodeId: string): string {
  return nodeId === SITE_ID ? '/site' : `/constraints/${encodeURIComponent(nodeId)}`
}
