/** A node of the tree as a card: its limit and why, the bars, what is ordered, and its chargers. */
import { limitBars, headroomOf } from './bars.js'
import { chargerRow } from './charger-row.js'
import type { RowFacts } from './charger-row.js'
import { button, h, keyedList, setAttr, setText, show } from './dom.js'
import type { Row } from './dom.js'
import type { Outlet, PlacedNode } from './state.js'
import { SITE_ID } from './state.js'
import type { NodeLive } from './wire.js'
import { amps, kilo, overrideText, phasesText, stateOf } from './words.js'

export interface NodeItem {
  readonly placed: PlacedNode
  /** Those directly in this group that the filter lets through. */
  readonly outlets: readonly Outlet[]
  /** All of them, for the figures. */
  readonly all: readonly Outlet[]
}

export interface CardFacts extends RowFacts {
  readonly go: (hash: string) => void
  readonly endOrder: (nodeId: string, name: string) => void
}

export function nodeCard({ placed }: NodeItem, facts: CardFacts): Row<NodeItem> {
  const { id } = placed
  const isSite = id === SITE_ID
  const above = h('span', { class: 'card-above' })
  const name = h('span', { class: 'card-name' })
  const free = h('span', { class: 'card-free' })
  const limit = h('p', { class: 'card-limit' })
  const counts = h('p', { class: 'card-counts' })
  const bars = limitBars()
  const order = h('span')
  const orderLine = h(
    'p',
    { class: 'card-order' },
    h('strong', {}, 'Ordered: '),
    order,
    button('End it', () => facts.endOrder(id, name.textContent), { class: 'button quiet small' }),
  )
  const rows = h('ul', { class: 'rows' })
  const showRows = keyedList(
    rows,
    (outlet: Outlet) => outlet.key,
    (outlet) => chargerRow(outlet, facts),
  )
  const node = encodeURIComponent(id)
  const element = h(
    'section',
    { class: isSite ? 'card card-site' : 'card', attrs: { 'data-node': id } },
    h(
      'header',
      { class: 'card-head' },
      h('h2', {}, above, name),
      free,
      button('Schedule', () => facts.go(`#/schedule/${node}`), { class: 'button quiet small' }),
    ),
    limit,
    bars.element,
    isSite && legend(),
    orderLine,
    counts,
    rows,
  )
  return {
    element,
    update({ placed: now, outlets, all }) {
      const live = now.node
      setText(above, now.above.length === 0 ? '' : `${now.above.join(' › ')} › `)
      setText(name, isSite ? 'Grid connection' : live.name)
      setText(limit, limitText(live))
      const left = headroomOf(live)
      setText(
        free,
        left === undefined
          ? ''
          : left >= -0.05
            ? `${amps(Math.max(0, left))} A free`
            : `${amps(-left)} A over`,
      )
      setAttr(free, 'class', `card-free ${left !== undefined && left < -0.05 ? 'tone-bad' : ''}`)
      bars.update(live)
      show(orderLine, live.override !== null)
      if (live.override) setText(order, overrideText(live.override, facts.nowMs(), facts.zone()))
      setText(counts, countsText(all))
      show(counts, all.length > 0)
      showRows(outlets)
      show(rows, outlets.length > 0)
    },
  }
}

/** The colours of the bars, once for all cards. */
function legend(): HTMLElement {
  return h(
    'p',
    { class: 'legend' },
    h('span', { class: 'is-base' }, 'base load'),
    h('span', { class: 'is-draw' }, 'cars draw'),
    h('span', { class: 'is-permitted' }, 'cars may draw'),
    h('span', {}, 'free'),
  )
}

function limitText(node: NodeLive): string {
  const parts = [
    ...(node.limit_a ? [`${phasesText(node.limit_a)} per phase: ${node.limit_source ?? ''}`] : []),
    ...(node.limit_power_kw === null
      ? []
      : [`${amps(node.limit_power_kw)} kW: ${node.limit_power_source ?? ''}`]),
  ]
  return parts.length === 0 ? 'no limit of its own' : parts.join(' · ')
}

function countsText(outlets: readonly Outlet[]): string {
  const groups = outlets.map(({ charger, evse, session }) => stateOf(charger, evse, session).group)
  const of = (group: string): number => groups.filter((one) => one === group).length
  const powerKw = outlets.reduce((sum, { session }) => sum + (session?.power_kw ?? 0), 0)
  const parts = [
    `${of('charging')} charging`,
    ...(of('waiting') > 0 ? [`${of('waiting')} waiting`] : []),
    ...(of('problem') > 0 ? [`${of('problem')} with a problem`] : []),
    `${outlets.length} in all`,
    `${kilo(powerKw)} kW`,
  ]
  return parts.join(' · ')
}
