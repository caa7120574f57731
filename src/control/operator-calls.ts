/** Calls that people ask for. Charging profiles are the ledger's alone. */
import { whyNotConfigured } from '../core/security/configuration-guard.js'
import type { LiveEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundAction, OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'
import type { Sessions } from './sessions.js'

export interface OperatorCallsOwner {
  readonly site: Site
  readonly sessions: Sessions
  readonly timeoutMs: number
  live(event: LiveEvent): void
  wake(): void
  /** The answer came after all, when nobody waited for it any more. */
  late(end: CallEnd): void
}

/** Resolves with how the call ended; never rejects. */
export function sendOperatorCall(
  owner: OperatorCallsOwner,
  chargePointId: string,
  call: OutboundCall | RawCall,
): Promise<CallEnd> {
  const { site, sessions, timeoutMs } = owner
  const reason = whyNot(site, chargePointId, call)
  if (reason !== undefined) return Promise.resolve({ type: 'notSent', reason })
  const session = sessions.get(chargePointId)
  if (!session) return Promise.resolve({ type: 'disconnected' })
  return new Promise((resolve) => {
    const ended = (end: CallEnd): void => {
      // What it cleared may be what protects us: it counts its hardware until it has it again.
      if (isNamed(call, 'ClearChargingProfile') && end.type !== 'notSent') {
        owner.live({ type: 'rebooted', chargePointId })
        owner.wake()
      }
      // OCPP-J 4.1: what is answered late may have been done.
      if (end.type === 'answered' && end.late) owner.late(end)
      resolve(end)
    }
    const again = (): string | undefined => whyNot(site, chargePointId, call)
    const taken = session.enqueue({ call, timeoutMs, ended, whyNot: again })
    if (taken) owner.wake()
    else resolve({ type: 'notSent', reason: 'too many calls wait for this charge point' })
  })
}

function whyNot(
  site: Site,
  chargePointId: string,
  call: OutboundCall | RawCall,
): string | undefined {
  if (isNamed(call, 'SetChargingProfile')) return 'charging profiles are set by the ledger alone'
  if (isNamed(call, 'RemoteStartTransaction') && namesProfile(call)) {
    return 'a charging profile with the start would be past the ledger: start without one'
  }
  if (isNamed(call, 'ChangeConfiguration')) {
    return whyNotConfigured(site, chargePointId, call.payload)
  }
  if (!isNamed(call, 'ClearChargingProfile')) return undefined
  const connectors = site.chargePoints.get(chargePointId)?.connectors.values() ?? []
  const charging = [...connectors].some(({ transactionId }) => transactionId !== undefined)
  return charging ? 'a car is charging: without its profiles it would take all it can' : undefined
}

/** Who takes a call whatever the case of its name is asked the same by it. */
function isNamed({ action }: OutboundCall | RawCall, name: OutboundAction): boolean {
  return action.toLowerCase() === name.toLowerCase()
}

function namesProfile({ payload }: OutboundCall | RawCall): boolean {
  return Object.keys(payload).some((key) => /charging_?profile/i.test(key))
}
