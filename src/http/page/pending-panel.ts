/** Charge points that came and have no place yet: let in, turned away, or forgotten. */
import { errorText } from './api.js'
import type { App } from './app.js'
import { openDialog } from './dialogs.js'
import { button, h } from './dom.js'
import { createForm } from './form.js'
import { groupOptions } from './set-up-fields.js'
import type { SiteState } from './state.js'
import type { PendingCharger } from './wire.js'
import { clockText } from './words.js'

/** Empty where nobody waits. `changed`: somebody was let in or turned away. */
export async function pendingPanel(
  app: App,
  known: SiteState,
  changed: () => void,
): Promise<HTMLElement> {
  const waiting = await app.api.get<readonly PendingCharger[]>('/pending-chargers')
  if (waiting.length === 0) return h('div', { attrs: { hidden: true } })
  const pathOf = (one: PendingCharger): string =>
    `/pending-chargers/${encodeURIComponent(one.ocpp_charge_point_id)}`
  const act = (what: Promise<unknown>): void => {
    what.then(changed).catch((error: unknown) => app.say(errorText(error), 'bad'))
  }

  const accept = (one: PendingCharger): void => {
    const form = createForm({
      fields: [
        { kind: 'text', name: 'name', label: 'Name', hint: 'Empty: its charge point id.' },
        {
          kind: 'choice',
          name: 'parent_charge_group',
          label: 'Charge group',
          required: true,
          options: groupOptions(known),
        },
        { kind: 'number', name: 'max_power_kw', label: 'Power', unit: 'kW', required: true },
      ],
      submit: 'Let it in',
      empties: 'omit',
      async done(values) {
        await app.api.send('POST', `${pathOf(one)}/accept`, values)
        dialog.close()
        app.say('It has a place now, and connects again by itself.')
        changed()
      },
      cancel: () => dialog.close(),
    })
    const dialog = openDialog(`Let in ${one.ocpp_charge_point_id}`, [form.element])
  }

  const row = (one: PendingCharger): HTMLElement => {
    const model = [one.vendor, one.model, one.serial_number].filter((part) => part !== null)
    const words = [
      model.join(' '),
      `from ${one.address}`,
      `last seen ${clockText(one.last_seen, app.nowMs(), app.zone())}`,
      one.state === 'rejected'
        ? 'turned away by you'
        : one.connected
          ? 'connected, held at 0 A'
          : '',
    ]
    return h(
      'li',
      { class: 'alarm tone-calm' },
      h(
        'span',
        { class: 'alarm-words' },
        h('strong', {}, one.ocpp_charge_point_id),
        ` ${words.filter((part) => part !== '').join(', ')}`,
      ),
      button('Let it in', () => accept(one), { class: 'button small' }),
      one.state === 'rejected'
        ? button('Forget', () => act(app.api.send('DELETE', pathOf(one))), {
            class: 'button quiet small',
          })
        : button('Turn away', () => act(app.api.send('PATCH', pathOf(one), { rejected: true })), {
            class: 'button quiet small',
          }),
    )
  }
  return h(
    'section',
    { class: 'card waiting' },
    h('h2', {}, 'These want to join'),
    h('ul', { class: 'alarms' }, ...waiting.map(row)),
  )
}
