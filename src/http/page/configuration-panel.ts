/** The settings of a charger as it has them, what each is for, and a change of one. */
import { errorText } from './api.js'
import type { App } from './app.js'
import { callsPath } from './call-panel.js'
import { button, h, setText, show } from './dom.js'
import type { CallResult, Charger, Configuration } from './wire.js'

type Setting = Configuration['settings'][number]

export function configurationPanel(app: App, charger: Charger): HTMLElement {
  const problem = h('p', { class: 'form-problem', attrs: { role: 'alert', hidden: true } })
  const reboot = h('p', { class: 'alarm tone-warn', attrs: { hidden: true } })
  const rows = h('tbody')
  const find = h('input', {
    attrs: { type: 'search', placeholder: 'Find a key', 'aria-label': 'Find a key' },
    on: {
      input: () => {
        const text = find.value.trim().toLowerCase()
        for (const row of rows.children) {
          if (row instanceof HTMLElement) show(row, (row.dataset['key'] ?? '').includes(text))
        }
      },
    },
  })
  const table = h(
    'div',
    { class: 'scroll', attrs: { hidden: true } },
    find,
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...['Key', 'Value', ''].map((name) => h('th', {}, name)))),
      rows,
    ),
  )

  const guarded = (what: () => Promise<void>): void => {
    show(problem, false)
    what().catch((error: unknown) => {
      setText(problem, errorText(error))
      show(problem, true)
    })
  }

  const load = async (): Promise<void> => {
    const path = `/chargers/${encodeURIComponent(charger.id)}/configuration?fresh=true`
    const { settings, reboot_required: waiting } = await app.api.get<Configuration>(path)
    const sorted = settings.toSorted((a, b) => a.key.localeCompare(b.key))
    rows.replaceChildren(...sorted.map(rowOf))
    setText(reboot, `Count from its next restart on: ${waiting.join(', ')}`)
    show(reboot, waiting.length > 0)
    show(table, true)
  }

  const rowOf = (one: Setting): HTMLElement => {
    const value = h('input', {
      attrs: { type: 'text', value: one.value ?? '', 'aria-label': one.key },
    })
    const save = button(
      'Change',
      () =>
        guarded(async () => {
          const isSure = await app.ask({
            title: `Change ${one.key}?`,
            text: `${charger.name}: from "${one.value ?? ''}" to "${value.value}". A wrong value may make the charger useless.`,
            yes: 'Change it',
          })
          if (!isSure) return
          const { status } = await app.api.send<CallResult>('POST', callsPath(charger.id), {
            action: 'ChangeConfiguration',
            key: one.key,
            value: value.value,
          })
          app.say(`${one.key}: ${status ?? 'answered'}`, status === 'Accepted' ? 'good' : 'bad')
          await load()
        }),
      { class: 'button quiet small' },
    )
    return h(
      'tr',
      { attrs: { 'data-key': one.key.toLowerCase() } },
      h(
        'th',
        { attrs: { scope: 'row' } },
        one.key,
        one.help !== null && h('div', { class: 'hint' }, one.help),
      ),
      h('td', {}, one.readonly ? (one.value ?? '') : value),
      h('td', {}, one.readonly ? h('span', { class: 'hint' }, 'read only') : save),
    )
  }

  return h(
    'section',
    { class: 'part' },
    h('h3', {}, 'Configuration'),
    button('Read it from the charger', () => guarded(load), { class: 'button small' }),
    problem,
    reboot,
    table,
  )
}
