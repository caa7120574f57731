/** One connector as a line: its state, what it is offered and draws, who charges, until when, and why. */
import { h, setAttr, setText, show } from './dom.js'
import type { Row } from './dom.js'
import type { Outlet } from './state.js'
import type { Evse, Session } from './wire.js'
import { amps, clockText, kilo, stateOf } from './words.js'

export interface RowFacts {
  readonly nowMs: () => number
  readonly zone: () => string
  readonly open: (chargerId: string) => void
}

export function chargerRow(first: Outlet, facts: RowFacts): Row<Outlet> {
  const state = h('span', { class: 'state' })
  const name = h('button', {
    class: 'row-name',
    attrs: { type: 'button' },
    on: { click: () => facts.open(first.charger.id) },
  })
  const who = h('span', { class: 'row-who' })
  const draw = h('span', { class: 'offer-draw' })
  const offer = h('span', { class: 'offer-offer' })
  const track = h('span', { class: 'offer-track' }, offer, draw)
  const figure = h('span', { class: 'row-figure' })
  const energy = h('span', { class: 'row-energy' })
  const leaves = h('span', { class: 'row-leaves' })
  const why = h('span', { class: 'row-why' })
  const element = h(
    'li',
    { class: 'row', attrs: { 'data-charger': first.charger.id, 'data-evse': first.evse.id } },
    state,
    h('span', { class: 'row-title' }, name, who),
    h('span', { class: 'row-offer' }, track, figure),
    energy,
    leaves,
    why,
  )
  let last: Outlet | undefined
  return {
    element,
    update(outlet) {
      const isSame =
        last?.charger === outlet.charger &&
        last.evse === outlet.evse &&
        last.session === outlet.session
      if (isSame) return
      last = outlet
      const { charger, evse, session } = outlet
      const { word, tone } = stateOf(charger, evse, session)
      setText(state, word)
      setAttr(state, 'class', `state tone-${tone}`)
      setText(name, charger.evses.length > 1 ? `${charger.name} · ${evse.id}` : charger.name)
      setText(who, whoText(session))
      const scale = evse.max_current_a || 1
      const drawA = highest(evse)
      offer.style.width = `${Math.min(100, (evse.offer_a / scale) * 100)}%`
      draw.style.width = `${Math.min(100, ((drawA ?? 0) / scale) * 100)}%`
      element.classList.toggle('row-idle', session === undefined)
      setText(figure, figureText(evse, session, drawA))
      setAttr(track, 'title', `offered ${amps(evse.offer_a)} A of ${amps(evse.max_current_a)} A`)
      setText(energy, energyText(session))
      setText(leaves, leavesText(session, facts))
      element.classList.toggle('row-risk', session !== undefined && session.warning !== null)
      setText(why, session?.warning ?? evse.reason)
      show(why, true)
    },
  }
}

function highest({ draw_a: draw }: Evse): number | undefined {
  return draw ? Math.max(draw.l1, draw.l2, draw.l3) : undefined
}

function whoText(session: Session | undefined): string {
  if (!session) return ''
  return session.vehicle?.name ?? session.id_tag
}

function figureText(evse: Evse, session: Session | undefined, drawA: number | undefined): string {
  if (!session) return ''
  const draws = drawA === undefined ? '?' : amps(drawA)
  return `${draws} of ${amps(evse.offer_a)} A`
}

function energyText(session: Session | undefined): string {
  if (!session) return ''
  const power = session.power_kw === null ? '' : `${kilo(session.power_kw)} kW · `
  return `${power}${kilo(session.energy_wh / 1000)} kWh`
}

function leavesText(session: Session | undefined, facts: RowFacts): string {
  if (!session || session.departure === null) return ''
  const at = clockText(session.departure, facts.nowMs(), facts.zone())
  const soc = session.forecast?.expected_soc
  const wants = session.target_soc === null ? '' : ` of ${Math.round(session.target_soc)} %`
  const has = soc === null || soc === undefined ? '' : ` · ${Math.round(soc)} %${wants}`
  return `leaves ${at}${has}`
}
