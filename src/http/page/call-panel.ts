/** Asks something of a charger and shows what it answered. */
import type { App } from './app.js'
import { CALLS } from './calls.js'
import { h, show } from './dom.js'
import { createForm } from './form.js'
import type { CallResult, Charger } from './wire.js'

export function callPanel(app: App, charger: Charger): HTMLElement {
  const result = h('div', { class: 'result', attrs: { role: 'status', hidden: true } })
  const place = h('div')
  const select = h(
    'select',
    { id: 'call', on: { change: () => choose() } },
    ...CALLS.map(({ action, label }) => h('option', { attrs: { value: action } }, label)),
  )
  const choose = (): void => {
    const spec = CALLS.find(({ action }) => action === select.value)
    if (!spec) return
    show(result, false)
    const form = createForm({
      fields: spec.fields(charger),
      submit: spec.label,
      danger: spec.danger !== undefined,
      empties: 'omit',
      async done(values) {
        show(result, false)
        const { danger } = spec
        const question = {
          title: `${spec.label}: ${charger.name}?`,
          text: danger ?? '',
          yes: spec.label,
        }
        if (danger !== undefined && !(await app.ask(question))) return
        const answer = await app.api.send<CallResult>('POST', callsPath(charger.id), {
          action: spec.action,
          ...values,
        })
        result.replaceChildren(...answered(answer))
        show(result, true)
      },
    })
    place.replaceChildren(form.element)
  }
  choose()
  return h(
    'section',
    { class: 'part' },
    h('h3', {}, 'Ask the charger'),
    h('div', { class: 'field' }, h('label', { attrs: { for: 'call' } }, 'What'), select),
    place,
    result,
  )
}

export function callsPath(chargerId: string): string {
  return `/chargers/${encodeURIComponent(chargerId)}/calls`
}

/** Its status in words, and whatever else it told. */
function answered({ action, status, ...rest }: CallResult): readonly Node[] {
  const words = status === null ? 'It has answered.' : `The charger answered: ${status}`
  const isNo = status !== null && /reject|fail|not|unknown|occupied/i.test(status)
  const more = Object.keys(rest).length === 0 ? [] : [h('pre', {}, JSON.stringify(rest, null, 1))]
  return [
    h(
      'p',
      { class: `state tone-${isNo ? 'bad' : 'good'}`, attrs: { 'data-action': action } },
      words,
    ),
    ...more,
  ]
}
