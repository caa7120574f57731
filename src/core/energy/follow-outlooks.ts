/** Looks at every session that somebody expects something of: what it will have when it must leave. */
import { phaseCount } from '../phases.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import type { Instant } from '../site/events.js'
import type { Site, Transaction } from '../site/state.js'
import { forecast, judge } from './forecast.js'
import type { OutlookState } from './forecast.js'
import { limitsAhead } from './limits-ahead.js'
import { needOf, socAfter } from './need.js'
import type { Need } from './need.js'
import type { Amounts, Outlook, Warning } from './outlook.js'
import { gottenA, paceAfter, takenA } from './pace.js'
import { prioritiesOf } from './priority.js'
import { bestNowA, carsByNode, stretchesAhead } from './share-ahead.js'
import type { Share, View } from './share-ahead.js'

export interface OutlookChange {
  readonly transaction: Transaction
  readonly state: OutlookState
  readonly outlook: Outlook
}

/**
 * Returns what has to be said anew. Changes nothing but `site.outlooks`. `plannedId`: of this session
 * something else is wanted now, so that what it looks like is at once so.
 */
export function followOutlooks(
  site: Site,
  plan: Plan,
  at: Instant,
  plannedId?: number,
): readonly OutlookChange[] {
  const { byTransaction, paces, judgements } = site.outlooks
  forget(site)
  const isAsked = site.depot.vehicles.size > 0
  let view: View | undefined
  const changes: OutlookChange[] = []
  for (const transaction of site.transactions.values()) {
    if (!isAsked && !transaction.plan && !transaction.soc) {
      byTransaction.delete(transaction.id)
      continue
    }
    const need = needOf(site, transaction, at.wallMs)
    const item = itemOf(site, plan, transaction)
    if (!item || need.wantedWh === undefined || !need.departure) {
      const unknown = unknownOf(need)
      byTransaction.set(transaction.id, { need, forecast: undefined, warning: undefined, unknown })
      judgements.delete(transaction.id)
      continue
    }
    view ??= {
      plan,
      ahead: limitsAhead(site, at),
      cars: carsByNode(plan),
      priorities: prioritiesOf(site, plan.evses, at.wallMs),
    }
    const before = transaction.judged?.state ?? 'fine'
    const isSure = transaction.id === plannedId
    const outlook = look(site, { transaction, need, item, isSure }, view, at)
    byTransaction.set(transaction.id, outlook)
    const state = outlook.forecast?.state ?? 'fine'
    if (state !== before) changes.push({ transaction, state, outlook })
  }
  for (const id of paces.keys()) if (!byTransaction.has(id)) paces.delete(id)
  return changes
}

/** Sessions that have ended. */
function forget({ outlooks, transactions }: Site): void {
  const { byTransaction, judgements } = outlooks
  for (const id of byTransaction.keys()) if (!transactions.has(id)) byTransaction.delete(id)
  for (const id of judgements.keys()) if (!transactions.has(id)) judgements.delete(id)
}

function itemOf(
  { tree }: Site,
  { evses }: Plan,
  { id, chargePointId, connectorId }: Transaction,
): EvsePlan | undefined {
  const evse = tree.byChargePoint.get(chargePointId)?.get(connectorId)
  const item = evse && evses[evse.index]
  return item?.connector?.transactionId === id ? item : undefined
}

interface Looked {
  readonly transaction: Transaction
  readonly need: Need
  readonly item: EvsePlan
  readonly isSure: boolean
}

function look(
  site: Site,
  { transaction, need, item, isSure }: Looked,
  view: View,
  at: Instant,
): Outlook {
  const { id, energyWh } = transaction
  const { paces, judgements } = site.outlooks
  const departureMs = need.departure?.atMs ?? at.wallMs
  const wantedWh = need.wantedWh ?? 0
  const currentA = gottenA(site, view, item, at.nowMs)
  const pace = paceAfter(paces.get(id), currentA, at.nowMs)
  paces.set(id, pace)
  const share = shareOf(site, item, need, pace.currentA, at.nowMs)
  const told = forecast(wantedWh, stretchesAhead(share, view, at.wallMs, departureMs))
  const before = judgements.get(id) ?? {
    state: transaction.judged?.state ?? 'fine',
    change: undefined,
  }
  const seems = judge(before, wantedWh, told, at.nowMs)
  const state = (isSure ? seems.change?.state : undefined) ?? seems.state
  judgements.set(id, { state, change: isSure ? undefined : seems.change })
  const { soc, vehicle } = need
  const battery = vehicle?.batteryKwh
  const socWith = (wh: number): number | undefined =>
    soc === undefined || battery === undefined ? undefined : socAfter(soc, wh, battery)
  const figures = {
    requiredA: told.requiredW / share.wattsPerA,
    givenA: share.paceA,
    bestA: bestNowA(share, view),
  }
  const warning = (): Warning | undefined => {
    if (state === 'fine') return undefined
    return {
      state,
      who: vehicle?.name ?? item.evse.charger.name,
      departureMs,
      amounts: amountsOf(need, energyWh, told.expectedWh, socWith(told.expectedWh)),
      reason: item.reason,
      ...figures,
      priorityHelps: state === 'risk' && isShared(item),
      lateMs: told.lateMs,
    }
  }
  return {
    need,
    forecast: {
      ...told,
      ...figures,
      state,
      expectedSoc: socWith(told.expectedWh),
      possibleSoc: socWith(told.possibleWh),
    },
    warning: warning(),
    unknown: undefined,
  }
}

function unknownOf({ target, departure, wantedWh, vehicle }: Need): Outlook['unknown'] {
  if (!target || !departure || wantedWh !== undefined) return undefined
  return vehicle?.batteryKwh === undefined ? 'battery' : 'soc'
}

function isShared({ reason: { type } }: EvsePlan): boolean {
  return type === 'limit' || type === 'waiting' || type === 'pending'
}

function shareOf(site: Site, item: EvsePlan, need: Need, paceA: number, nowMs: number): Share {
  const { evse, connector } = item
  const { vehicle } = need
  const learned = connector?.phases.learned
  const phases = learned ? phaseCount(learned) : phaseCount(evse.mask)
  const usedPhases = learned ? phases : Math.min(phases, vehicle?.phases ?? 3)
  // A car that was seen to take less than it could is not expected to take more.
  const seenA = takenA(item, site.rules, nowMs)
  const mostA = Math.min(evse.capA, vehicle?.maxCurrentA ?? Infinity, seenA ?? Infinity)
  return {
    item,
    paceA: Math.min(paceA, vehicle?.maxCurrentA ?? Infinity),
    mostA,
    minA: Math.min(evse.evse.minCurrentA, mostA),
    wattsPerA: Math.max(1, usedPhases) * site.rules.nominalVoltageV,
  }
}

function amountsOf(
  { target }: Need,
  energyWh: number,
  expectedWh: number,
  expectedSoc: number | undefined,
): Amounts {
  if (target?.type === 'soc') {
    return { unit: 'soc', wanted: target.soc, expected: expectedSoc ?? 0 }
  }
  const wanted = target?.energyWh ?? energyWh
  return { unit: 'energy', wanted, expected: energyWh + expectedWh }
}
