/** One session: what it has had, and what is wanted of it. */
import type { App } from './app.js'
import { h, setText, show } from './dom.js'
import { createForm } from './form.js'
import type { Session } from './wire.js'
import { amps, clockText, kilo, sentence } from './words.js'

export interface SessionPanel {
  readonly element: HTMLElement
  update(session: Session): void
}

export function sessionPanel(app: App, first: Session): SessionPanel {
  const line = h('p')
  const forecast = h('p', { class: 'hint' })
  const warning = h('p', { class: 'alarm tone-warn' })
  const form = createForm({
    fields: [
      {
        kind: 'datetime',
        name: 'departure',
        label: 'Leaves at',
        hint: 'By the clock of this device. Empty: what its vehicle says.',
      },
      { kind: 'number', name: 'target_soc', label: 'Wanted state of charge', unit: '%' },
      { kind: 'number', name: 'energy_kwh', label: 'or energy of the whole session', unit: 'kWh' },
      {
        kind: 'number',
        name: 'soc',
        label: 'State of charge now',
        unit: '%',
        hint: 'Where the charger does not tell it.',
      },
      {
        kind: 'number',
        name: 'priority',
        label: 'Priority',
        whole: true,
        hint: 'Higher goes first. Empty: that of its vehicle, id tag, charger or group.',
      },
    ],
    submit: 'Save what is wanted',
    empties: 'null',
    async done(values) {
      const wanted = changes(values, shownValues(first))
      await app.api.send('PATCH', `/sessions/live/${encodeURIComponent(first.id)}`, wanted)
      app.say('Saved. The forecast follows within seconds.')
    },
  })
  form.put(shownValues(first))
  return {
    element: h(
      'section',
      { class: 'part' },
      h('h3', {}, `Session on connector ${first.evse_id}`),
      line,
      warning,
      forecast,
      h('details', {}, h('summary', {}, 'What it wants'), form.element),
    ),
    update(session) {
      const who = session.vehicle
        ? `${session.vehicle.name} (${session.id_tag})`
        : `Id tag ${session.id_tag}`
      const power = session.power_kw === null ? '' : `, ${kilo(session.power_kw)} kW now`
      const since = clockText(session.started_at, app.nowMs(), app.zone())
      const soc = session.soc === null ? '' : `, ${Math.round(session.soc)} %`
      setText(
        line,
        `${who} since ${since}: ${kilo(session.energy_wh / 1000)} kWh${soc}${power}, offered ${amps(session.offer_a)} A. ${sentence(session.reason)}`,
      )
      setText(warning, session.warning ?? '')
      show(warning, session.warning !== null)
      const text = forecastText(session, app)
      setText(forecast, text)
      show(forecast, text !== '')
    },
  }
}

/** Only what was stated for the session itself is for the form. */
function shownValues(session: Session): Record<string, unknown> {
  const own = session.target_source === 'session'
  return {
    departure: session.departure_source === 'session' ? session.departure : null,
    target_soc: own ? session.target_soc : null,
    energy_kwh: own ? session.energy_kwh : null,
    priority: session.priority_source === 'session' ? session.priority : null,
    soc: null,
  }
}

/** What stayed as it was is not stated anew; an emptied field clears. */
function changes(
  values: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
): object {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== null || before[name] !== null),
  )
}

function forecastText(
  { departure, forecast, energy_wanted_kwh: wants }: Session,
  app: App,
): string {
  if (departure === null) return ''
  const at = `Leaves ${clockText(departure, app.nowMs(), app.zone())}.`
  if (!forecast) return at
  const needs =
    forecast.required_a === null ? '' : `, needs ${amps(forecast.required_a)} A on average`
  const wanted = wants === null ? '' : ` of ${kilo(wants)} kWh`
  return `${at} By then ${kilo(forecast.expected_kwh)}${wanted} more as it is going${needs}, gets ${amps(forecast.given_a)} A.`
}
