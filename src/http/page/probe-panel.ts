/** The commissioning probe: consent, progress, result. */
import { errorText } from './api.js'
import type { App } from './app.js'
import { button, h, setText, show } from './dom.js'
import { createForm } from './form.js'
import type { Charger, Probe } from './wire.js'

const STEPS = [
  ['units', 'its configuration: A or W'],
  ['effect', 'how fast a limit acts'],
  ['phases', 'which phases the car uses'],
  ['expiry', 'whether limits expire by themselves'],
  ['reconnect', 'whether it keeps its limit when the link breaks'],
  ['zero', 'whether a car goes on after a pause'],
  ['reboot', 'whether it keeps its limit over a restart'],
] as const
const LOOK_MS = 1_500

export interface ProbePanel {
  readonly element: HTMLElement
  close(): void
}

export function probePanel(app: App, charger: Charger): ProbePanel {
  const path = `/chargers/${encodeURIComponent(charger.id)}/probe`
  let timer: number | undefined
  let isOpen = true
  const words = h('p', { attrs: { role: 'status' } })
  const outcomes = h('ul', { class: 'plain' })
  const found = h('dl', { class: 'facts' })
  const abort = button('Abort the probe', () => guarded(app.api.send<Probe>('DELETE', path)), {
    class: 'button danger small',
  })

  const shown = (probe: Probe): void => {
    const isRunning = probe.state === 'running'
    setText(words, `Probe: ${probe.words}`)
    show(abort, isRunning)
    show(start, !isRunning)
    outcomes.replaceChildren(
      ...probe.outcomes.map(({ step, clear, notes }) =>
        h(
          'li',
          {},
          h(
            'span',
            { class: `state tone-${clear ? 'good' : 'warn'}` },
            clear ? 'clear' : 'unclear',
          ),
          ` ${step}${notes.length > 0 ? `: ${notes.join('; ')}` : ''}`,
        ),
      ),
    )
    found.replaceChildren(
      ...Object.entries(probe.result ?? {})
        .filter(([, value]) => value !== null && typeof value !== 'object')
        .flatMap(([name, value]) => [
          h('dt', {}, name.replaceAll('_', ' ')),
          h('dd', {}, String(value)),
        ]),
    )
    clearTimeout(timer)
    if (isRunning && isOpen) timer = setTimeout(look, LOOK_MS)
  }

  const guarded = (asked: Promise<Probe>): void => {
    asked.then(shown).catch((error: unknown) => {
      setText(words, errorText(error))
      if (isOpen) timer = setTimeout(look, LOOK_MS * 4)
    })
  }
  const look = (): void => guarded(app.api.get<Probe>(path))

  const form = createForm({
    fields: [
      ...STEPS.map(
        ([name, label]) => ({ kind: 'check', name, label: `${name}: ${label}` }) as const,
      ),
      {
        kind: 'check',
        name: 'consent',
        label:
          'I agree that charging is interrupted here and the charger is disconnected and restarted',
      },
    ],
    submit: 'Start the probe',
    danger: true,
    empties: 'omit',
    async done({ consent, ...chosen }) {
      const steps = STEPS.map(([name]) => name).filter((name) => chosen[name] === true)
      shown(
        await app.api.send<Probe>('POST', path, {
          consent,
          ...(steps.length > 0 && steps.length < STEPS.length && { steps }),
        }),
      )
    },
  })
  const start = h(
    'details',
    {},
    h('summary', {}, 'Start a probe'),
    h(
      'p',
      { class: 'hint' },
      'It takes 8 to 15 minutes and needs a car that charges. Without a choice all steps are run.',
    ),
    form.element,
  )
  look()
  return {
    element: h(
      'section',
      { class: 'part' },
      h('h3', {}, 'What this charger really does'),
      words,
      abort,
      outcomes,
      found,
      start,
    ),
    close() {
      isOpen = false
      clearTimeout(timer)
    },
  }
}
