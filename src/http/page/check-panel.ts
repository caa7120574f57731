/** Would the site be safe without the controller? Node by node, with the figures. */
import type { App } from './app.js'
import { button, h } from './dom.js'
import type { PhaseKey, SiteCheck } from './wire.js'
import { amps, phasesText } from './words.js'

export interface CheckPanel {
  readonly element: HTMLElement
  look(): Promise<void>
}

type NodeCheck = SiteCheck['nodes'][number]

export function checkPanel(app: App): CheckPanel {
  const result = h('div', { attrs: { role: 'status' } })
  const look = async (): Promise<void> => {
    const check = await app.api.get<SiteCheck>('/site/check')
    result.replaceChildren(verdict(check), tableOf(check), h('p', { class: 'hint' }, aside(check)))
  }
  return {
    look,
    element: h(
      'section',
      { class: 'card' },
      h(
        'header',
        { class: 'card-head' },
        h('h2', {}, 'Check site'),
        button(
          'Check again',
          () => void look().catch((error: unknown) => app.say(String(error), 'bad')),
          {
            class: 'button small',
          },
        ),
      ),
      h(
        'p',
        { class: 'hint' },
        'When the controller is gone, every charger falls back to a small current. The worst base load and all fallbacks together must fit the lowest limit of each node, at any time of the schedule.',
      ),
      result,
    ),
  }
}

function verdict({ fits, problems }: SiteCheck): HTMLElement {
  if (fits) {
    return h(
      'p',
      { class: 'alarm tone-good' },
      h('strong', {}, 'This site is safe without the controller.'),
    )
  }
  return h(
    'ul',
    { class: 'alarms' },
    ...problems.map(({ message }) => h('li', { class: 'alarm tone-bad' }, message)),
  )
}

function tableOf({ nodes }: SiteCheck): HTMLElement {
  const columns = [
    'Node',
    'Lowest limit',
    '− worst base load',
    '− fallbacks',
    '= left',
    'Go on charging',
  ]
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h('tr', {}, ...columns.map((name) => h('th', { attrs: { scope: 'col' } }, name))),
      ),
      h('tbody', {}, ...nodes.map(rowOf)),
    ),
  )
}

function rowOf(node: NodeCheck): HTMLElement {
  return h(
    'tr',
    {},
    h('th', { attrs: { scope: 'row' } }, node.node_id === 'site' ? 'Grid connection' : node.name),
    ...[
      both(node.lowest_limit_a, node.lowest_limit_kw),
      both(node.worst_base_load_a, node.lowest_limit_kw === null ? null : node.worst_base_load_kw),
      both(node.fallbacks_a, node.lowest_limit_kw === null ? null : node.fallbacks_kw),
      both(node.left_a, node.left_kw),
    ].map((text) => h('td', {}, text)),
    h(
      'td',
      {},
      h(
        'span',
        { class: `state tone-${node.fits ? 'good' : 'bad'}` },
        node.fits ? 'fits' : 'does not fit',
      ),
      ` ${node.evses_with_fallback} of ${node.evses}`,
    ),
  )
}

function both(current: Readonly<Record<PhaseKey, number | null>>, kw: number | null): string {
  const hasCurrent = current.l1 !== null || current.l2 !== null || current.l3 !== null
  const parts = [
    ...(hasCurrent ? [phasesText(current)] : []),
    ...(kw === null ? [] : [`${amps(kw)} kW`]),
  ]
  return parts.length === 0 ? 'no limit' : parts.join(', ')
}

function aside({ nodes }: SiteCheck): string {
  const site = nodes.find(({ node_id: id }) => id === 'site')
  if (!site) return ''
  const paused = site.evses - site.evses_with_fallback
  return paused > 0
    ? `Left alone, ${site.evses_with_fallback} of ${site.evses} connectors go on with their least current, those with the highest priority; ${paused} pause.`
    : 'Left alone, every connector goes on with its least current.'
}
