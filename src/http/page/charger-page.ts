/** Everything about one charger, in a dialog above the overview that has an address of its own. */
import { errorText } from './api.js'
import type { App } from './app.js'
import { callPanel } from './call-panel.js'
import { configurationPanel } from './configuration-panel.js'
import { openDialog } from './dialogs.js'
import { button, h, keyedList, setAttr, setText, show } from './dom.js'
import { probePanel } from './probe-panel.js'
import { sessionPanel } from './session-panel.js'
import { outletsOf, sessionsByPlace } from './state.js'
import type { Outlet } from './state.js'
import type { Charger, Session } from './wire.js'
import { amps, clockText, phasesText, stateOf } from './words.js'

export interface ChargerPage {
  open(id: string): void
  close(): void
  update(): void
}

export function chargerPage(app: App): ChargerPage {
  let current: { readonly id: string; close(): void; update(): void } | undefined

  const open = (id: string): void => {
    if (current?.id === id) return
    close()
    const charger = app.state().chargers.get(id)
    if (!charger) {
      app.say('There is no such charger any more.', 'bad')
      app.go('#/')
      return
    }
    const content = chargerContent(app, charger)
    const dialog = openDialog(charger.name, content.parts, { class: 'charger' })
    const mine = { id, close: () => dialog.close(), update: content.update }
    current = mine
    content.update()
    dialog.closed
      .then(() => {
        content.close()
        if (current !== mine) return
        current = undefined
        if (location.hash.startsWith('#/chargers/')) app.go('#/')
      })
      .catch((error: unknown) => app.say(errorText(error), 'bad'))
  }

  const close = (): void => {
    const before = current
    current = undefined
    before?.close()
  }

  return { open, close, update: () => current?.update() }
}

function chargerContent(app: App, first: Charger) {
  const facts = h('dl', { class: 'facts' })
  const outlets = h('tbody')
  const showOutlets = keyedList(outlets, ({ key }: Outlet) => key, outletRow)
  const sessions = h('div')
  const showSessions = keyedList(
    sessions,
    ({ id }: Session) => id,
    (session) => sessionPanel(app, session),
  )
  const gone = h(
    'p',
    { class: 'form-problem', attrs: { hidden: true } },
    'This charger has been deleted.',
  )
  const probe = probePanel(app, first)
  const actions = h(
    'div',
    { class: 'form-buttons' },
    button('Edit', () => app.go(`#/setup/chargers/${encodeURIComponent(first.id)}`), {
      class: 'button small',
    }),
  )
  let factsShown = ''

  const update = (): void => {
    const state = app.state()
    const charger = state.chargers.get(first.id)
    show(gone, !charger)
    if (!charger) return
    const list = factsOf(charger, app)
    const key = JSON.stringify(list)
    if (key !== factsShown) {
      factsShown = key
      facts.replaceChildren(
        ...list.flatMap(([name, text]) => [h('dt', {}, name), h('dd', {}, text)]),
      )
    }
    const own = outletsOf([charger], sessionsByPlace(state))
    showOutlets(own)
    showSessions(own.flatMap(({ session }) => session ?? []))
  }

  return {
    parts: [
      gone,
      facts,
      actions,
      h(
        'div',
        { class: 'scroll' },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ...['Connector', 'State', 'Offer', 'Draws', 'May draw', 'Fallback'].map((name) =>
                h('th', { attrs: { scope: 'col' } }, name),
              ),
            ),
          ),
          outlets,
        ),
      ),
      sessions,
      first.ocpp_charge_point_id === null
        ? h('p', { class: 'hint' }, 'Without a charge point id nothing can be asked of it.')
        : callPanel(app, first),
      ...(first.ocpp_charge_point_id === null
        ? []
        : [configurationPanel(app, first), probe.element]),
    ],
    update,
    close: () => probe.close(),
  }
}

function outletRow({ evse: { id } }: Outlet) {
  const state = h('span', { class: 'state' })
  const why = h('div', { class: 'hint' })
  const cells = Array.from({ length: 4 }, () => h('td'))
  return {
    element: h(
      'tr',
      {},
      h('th', { attrs: { scope: 'row' } }, String(id)),
      h('td', {}, state, why),
      ...cells,
    ),
    update({ charger, evse, session }: Outlet) {
      const { word, tone } = stateOf(charger, evse, session)
      setText(state, word)
      setAttr(state, 'class', `state tone-${tone}`)
      const error =
        evse.error_code === null || evse.error_code === 'NoError' ? '' : `, ${evse.error_code}`
      setText(why, `${evse.reason} (${evse.status}${error})`)
      const texts = [
        `${amps(evse.offer_a)} A`,
        evse.draw_a ? phasesText(evse.draw_a) : 'not known',
        phasesText(evse.exposure_a),
        `${amps(evse.fallback_a)} A`,
      ]
      cells.forEach((cell, index) => setText(cell, texts[index] ?? ''))
    },
  }
}

function factsOf(charger: Charger, app: App): readonly (readonly [string, string])[] {
  const { last_seen: seen } = charger
  const connection = charger.connected
    ? 'connected'
    : seen === null
      ? 'never connected'
      : `not connected, last heard ${clockText(seen, app.nowMs(), app.zone())}`
  const group = app.state().constraints.get(charger.parent_charge_group)?.name
  const model = [charger.vendor, charger.model, charger.firmware_version].filter(
    (one) => one !== null,
  )
  return [
    ['Connection', connection],
    ['Charge point id', charger.ocpp_charge_point_id ?? 'none'],
    ['Charge group', group ?? charger.parent_charge_group],
    ['Power', `${charger.max_power_kw} kW`],
    ...(model.length > 0 ? [['Model', model.join(' ')] as const] : []),
    [
      'Limits expire by themselves',
      charger.expiry_verified ? 'verified' : 'not verified: probe it',
    ],
    ...transferOf('Firmware update', charger.firmware, app),
    ...transferOf('Log', charger.log, app),
    ...(charger.is_active === 'Inactive' ? [['Operator', 'switched off (Inactive)'] as const] : []),
    ...(charger.isolated ? [['Breaker', 'stated as open (isolated)'] as const] : []),
  ]
}

function transferOf(
  name: string,
  transfer: Charger['firmware'],
  app: App,
): readonly (readonly [string, string])[] {
  if (!transfer) return []
  const { state, status, since, file_name: file } = transfer
  const words = [state.replaceAll('_', ' '), status, file].filter((one) => one !== null)
  return [[name, `${words.join(', ')} (${clockText(since, app.nowMs(), app.zone())})`]]
}
