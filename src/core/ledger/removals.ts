/** What stands above what is offered: the admission profile and the limit of the watchdog. */
import type { EvsePlan } from '../plan/plan-types.js'
import type { Connector, Site } from '../site/state.js'
import type { Candidate } from './candidate.js'
import { grantForm } from './evse-ledger.js'
import { ADMISSION_FORM, CUT_OFF_FORM } from './profile-form.js'

/** The admission profile, once the transaction has a limit of its own. */
export function clearCandidate(item: EvsePlan, connector: Connector): Candidate | undefined {
  const { admission, grant } = connector.ledger
  if (!admission || !grant || connector.transactionId === undefined) return undefined
  // In the books it is gone already: what is granted stands above it, and then the fallback counts.
  return {
    item,
    connector,
    purpose: 'clear',
    form: ADMISSION_FORM,
    limitA: 0,
    change: 'refresh',
    rank: 6,
  }
}

/** The watchdog has let go: nothing that is offered takes effect below its limit of 0 A. */
export function liftCandidate(
  site: Site,
  item: EvsePlan,
  connector: Connector,
  nowMs: number,
): Candidate | undefined {
  const { ledger } = connector
  if (nowMs >= ledger.cutOffUntilMs) return undefined
  // There the limit that is offered takes its place.
  if (grantForm(ledger).purpose === CUT_OFF_FORM.purpose) return undefined
  const beside = site.chargePoints.get(item.evse.chargePointId ?? '')?.connectors.values() ?? []
  if ([...beside].some(({ cutOff }) => CUT_OFF_BY_PROFILE.has(cutOff))) return undefined
  return {
    item,
    connector,
    purpose: 'clear',
    form: CUT_OFF_FORM,
    limitA: 0,
    change: 'refresh',
    rank: 6,
  }
}

/** The last profile there is against a charger that draws what it may not: all its EVSEs at 0 A. */
export function cutOffCandidate(
  item: EvsePlan,
  connector: Connector,
  nowMs: number,
): Candidate | undefined {
  if (!CUT_OFF_BY_PROFILE.has(connector.cutOff)) return undefined
  if (nowMs < connector.ledger.cutOffRefreshFromMs) return undefined
  return {
    item,
    connector,
    purpose: 'cutOff',
    form: CUT_OFF_FORM,
    limitA: 0,
    change: 'decrease',
    rank: 0,
  }
}

const CUT_OFF_BY_PROFILE: ReadonlySet<Connector['cutOff']> = new Set([
  'chargePoint',
  'remoteStop',
  'inoperative',
  'relay',
])
