/** What applies at a node on a day, and why: as a chart, as a table, and an operator's order for a while. */
import { errorText } from './api.js'
import type { App, Page } from './app.js'
import { button, h, setText, show, svg } from './dom.js'
import { createForm } from './form.js'
import { nodePath } from './overview.js'
import { placedNodes, SITE_ID } from './state.js'
import { arePhasesAlike, stepChart, stepsOf } from './step-chart.js'
import type { Shown } from './step-chart.js'
import type { DaySchedule, Override, ScheduledSpan } from './wire.js'
import { amps, dateText, dayLater, overrideText, PHASES } from './words.js'

const WIDE = { width: 960, height: 230, left: 44, right: 26, top: 12, bottom: 26 }

/** On a phone: the same sizes of text, and less of the rest. */
const SMALL = { ...WIDE, width: 420, height: 200 }

export function schedulePage(app: App): Page {
  let nodeId = SITE_ID
  let date: string | undefined
  let asked = 0
  let listed = ''
  let shownOrder: string | undefined

  const select = h('select', {
    id: 'schedule-node',
    on: { change: () => app.go(address(select.value, date)) },
  })
  const day = h('input', {
    id: 'schedule-date',
    attrs: { type: 'date' },
    on: {
      change: () => {
        if (day.value !== '') app.go(address(nodeId, day.value))
      },
    },
  })
  const shift = (days: number) => () => {
    if (date !== undefined) app.go(address(nodeId, dayLater(date, days)))
  }
  const controls = h(
    'div',
    { class: 'filters' },
    h('label', { attrs: { for: 'schedule-node' } }, 'At'),
    select,
    h('label', { attrs: { for: 'schedule-date' } }, 'on'),
    day,
    button('Day before', shift(-1), { class: 'chip' }),
    button('Today', () => app.go(address(nodeId, undefined)), { class: 'chip' }),
    button('Day after', shift(1), { class: 'chip' }),
  )
  const heading = h('h2')
  const zone = h('p', { class: 'hint' })
  const charts = h('div', { class: 'charts' })
  const table = h('div', {
    class: 'scroll',
    attrs: { tabindex: 0, role: 'region', 'aria-label': 'Limits of the day' },
  })
  const problem = h('p', { class: 'form-problem', attrs: { role: 'alert', hidden: true } })

  const orderText = h('p', { class: 'card-order' })
  const endIt = button(
    'End it now',
    () => {
      act(async () => {
        await app.api.send('DELETE', `${nodePath(nodeId)}/override`)
        app.say('The order has ended.')
        await load()
      })
    },
    { class: 'button danger small spaced' },
  )
  const form = createForm({
    fields: [
      { kind: 'phases', name: 'max_current_a', label: 'At most per phase', unit: 'A' },
      { kind: 'number', name: 'max_power_kw', label: 'At most in all', unit: 'kW' },
      {
        kind: 'check',
        name: 'ignore_schedule',
        label: 'Leave the schedule of this node alone',
        hint: 'Fuse, contract and its own limits hold all the same.',
      },
      {
        kind: 'time',
        name: 'until',
        label: 'Until',
        hint: 'The next such time in the zone of the node. Or state how long:',
      },
      { kind: 'number', name: 'for_s', label: 'For', unit: 'minutes' },
      {
        kind: 'text',
        name: 'reason',
        label: 'Why',
        required: true,
        hint: 'Shown wherever it limits something.',
      },
      { kind: 'text', name: 'by', label: 'Who orders it' },
    ],
    submit: 'Order it',
    empties: 'omit',
    async done(values) {
      const { for_s: minutes, reason, ...rest } = values
      await app.api.send<Override>('PUT', `${nodePath(nodeId)}/override`, {
        ...rest,
        // A refusal then names the field.
        reason: reason ?? '',
        ...(typeof minutes === 'number' && { for_s: minutes * 60 }),
      })
      form.put({})
      app.say('Ordered. It is in force and on disk.')
      await load()
    },
  })

  const act = (what: () => Promise<void>): void => {
    what().catch((error: unknown) => app.say(errorText(error), 'bad'))
  }

  const load = async (): Promise<void> => {
    const mine = (asked += 1)
    const query = date === undefined ? '' : `?date=${date}`
    try {
      const preview = await app.api.get<DaySchedule>(`${nodePath(nodeId)}/schedule${query}`)
      if (mine !== asked) return
      show(problem, false)
      date = preview.date
      day.value = preview.date
      setText(heading, `${preview.name}, ${longDate(preview.date)}`)
      setText(
        zone,
        `Times in ${preview.timezone}. Orders are included, what the grid operator or the backend send is not.`,
      )
      charts.replaceChildren(...chartsOf(preview, app.nowMs()))
      table.replaceChildren(tableOf(preview))
    } catch (error) {
      if (mine !== asked) return
      setText(problem, errorText(error))
      show(problem, true)
      charts.replaceChildren()
      table.replaceChildren()
    }
  }

  const update = (): void => {
    const nodes = placedNodes(app.state())
    const key = nodes.map(({ id, depth, node }) => `${id} ${depth} ${node.name}`).join('\n')
    if (key !== listed) {
      listed = key
      select.replaceChildren(
        ...nodes.map(({ id, depth, node }) =>
          h(
            'option',
            { attrs: { value: id } },
            `${'\u00a0\u00a0'.repeat(depth)}${id === SITE_ID ? 'Grid connection' : node.name}`,
          ),
        ),
      )
      select.value = nodeId
    }
    const order = nodes.find(({ id }) => id === nodeId)?.node.override ?? null
    show(orderText, order !== null)
    show(endIt, order !== null)
    if (order) setText(orderText, `Ordered now: ${overrideText(order, app.nowMs(), app.zone())}`)
    const orderKey = `${nodeId} ${order?.set_at ?? ''}`
    if (orderKey === shownOrder) return
    const isNew = shownOrder !== undefined && shownOrder.startsWith(`${nodeId} `)
    shownOrder = orderKey
    // Ordered or ended by somebody else: the day looks different.
    if (isNew) act(load)
  }

  return {
    element: h(
      'div',
      { class: 'view narrow' },
      controls,
      problem,
      h('section', { class: 'card' }, heading, zone, charts, table),
      h(
        'section',
        { class: 'card' },
        h('h2', {}, 'Order something for a while'),
        h(
          'p',
          { class: 'hint' },
          'Lowers this node until a time, or leaves its schedule alone. There is one order at a node, the last.',
        ),
        orderText,
        endIt,
        form.element,
      ),
    ),
    open([node = SITE_ID, wantedDate]) {
      nodeId = node
      date = /^\d{4}-\d\d-\d\d$/.test(wantedDate ?? '')
        ? wantedDate
        : dateText(app.nowMs(), app.zone())
      select.value = nodeId
      day.value = date ?? ''
      act(load)
    },
    update,
  }
}

function address(nodeId: string, date: string | undefined): string {
  const node = encodeURIComponent(nodeId)
  return date === undefined ? `#/schedule/${node}` : `#/schedule/${node}/${date}`
}

function longDate(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' }).format(
    Date.parse(`${date}T12:00:00Z`),
  )
}

function chartsOf(preview: DaySchedule, nowMs: number): readonly Node[] {
  const { windows, timezone } = preview
  const currents: readonly Shown[] = arePhasesAlike(windows) ? ['l1'] : PHASES
  const hasCurrent = windows.some(({ max_current_a: { l1, l2, l3 } }) => l1 ?? l2 ?? l3)
  const hasPower = windows.some(({ max_power_kw: power }) => power !== null)
  return [
    ...(hasCurrent ? [chartOf('A per phase', windows, currents, timezone, nowMs)] : []),
    ...(hasPower ? [chartOf('kW in all', windows, ['power'], timezone, nowMs)] : []),
    ...(hasCurrent || hasPower ? [] : [h('p', {}, 'No limit applies on this day.')]),
  ]
}

function chartOf(
  title: string,
  windows: readonly ScheduledSpan[],
  shown: readonly Shown[],
  zone: string,
  nowMs: number,
): HTMLElement {
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  })
  const frame = innerWidth < 700 ? SMALL : WIDE
  const series = shown.map((one) => stepsOf(windows, one))
  const highest = Math.max(1, ...series.flat().map(({ value }) => value ?? 0))
  const lines = series.map((steps) => stepChart(steps, frame, (ms) => clock.format(ms), highest))
  const [first] = lines
  const { width, height, left, right, top, bottom } = frame
  const startMs = series[0]?.[0]?.fromMs ?? 0
  const endMs = series[0]?.at(-1)?.toMs ?? 0
  const picture = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      class: 'chart',
      role: 'img',
      'aria-label': `${title}; the same is in the table below`,
    },
    ...(first?.valueTicks ?? []).flatMap(({ at, label }) => [
      svg('line', { x1: left, x2: width - right, y1: at, y2: at, class: 'chart-grid' }),
      svg('text', { x: left - 8, y: at + 5, class: 'chart-text chart-value' }, label),
    ]),
    ...(first?.timeTicks ?? []).flatMap(({ at, label }) => [
      svg('line', {
        x1: at,
        x2: at,
        y1: height - bottom,
        y2: height - bottom + 5,
        class: 'chart-tick',
      }),
      svg('text', { x: at, y: height - 6, class: 'chart-text chart-time' }, label),
    ]),
    ...lines.map(({ area }, index) =>
      svg('path', { d: area, class: `chart-area chart-area-${index}` }),
    ),
    ...lines.map(({ line }, index) =>
      svg('path', { d: line, class: `chart-line chart-line-${index}` }),
    ),
  )
  if (first && nowMs >= startMs && nowMs < endMs) {
    const at = first.x(nowMs)
    const isLate = at > width - right - 40
    picture.append(
      svg('line', { x1: at, x2: at, y1: top, y2: height - bottom, class: 'chart-now' }),
      svg(
        'text',
        {
          x: isLate ? at - 6 : at + 6,
          y: top + 12,
          class: `chart-text ${isLate ? 'chart-value' : ''}`,
        },
        'now',
      ),
    )
  }
  const legend = shown.length > 1 ? ': L1 solid, L2 dashed, L3 dotted' : ''
  return h('figure', {}, h('figcaption', {}, `${title}${legend}`), picture)
}

function tableOf({ windows }: DaySchedule): HTMLElement {
  return h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...['From', 'To', 'Per phase', 'In all', 'Why'].map((name) =>
          h('th', { attrs: { scope: 'col' } }, name),
        ),
      ),
    ),
    h('tbody', {}, ...windows.map(rowOf)),
  )
}

function rowOf(span: ScheduledSpan): HTMLElement {
  const { l1, l2, l3 } = span.max_current_a
  const limits = [l1, l2, l3].map((bound) => (bound ? amps(bound.limit) : '–'))
  const isAlike = limits.every((one) => one === limits[0])
  const current = isAlike ? (l1 ? `${limits[0]} A` : '–') : `${limits.join(' / ')} A`
  const sources = new Set(
    [l1, l2, l3, span.max_power_kw].flatMap((bound) =>
      bound ? [`${bound.node}: ${bound.source}`] : [],
    ),
  )
  if (span.schedule_ignored) sources.add('the schedule of this node is left alone by order')
  return h(
    'tr',
    {},
    h('td', {}, span.from),
    h('td', {}, span.to),
    h('td', {}, current),
    h('td', {}, span.max_power_kw ? `${amps(span.max_power_kw.limit)} kW` : '–'),
    h('td', {}, ...[...sources].map((source) => h('div', {}, source))),
  )
}
