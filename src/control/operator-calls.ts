/** Calls that people ask for. Charging profiles are the ledger's alone. */
import type { LiveEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import type { Sessions } from './sessions.js'

export interface OperatorCallsOwner {
  readonly site: Site
  readonly sessions: Sessions
  readonly timeoutMs: number
  live(event: LiveEvent): void
  wake(): void
}

/** Resolves with how the call ended; never rejects. */
export function sendOperatorCall(
  owner: OperatorCallsOwner,
  chargePointId: string,
  call: OutboundCall,
): Promise<CallEnd> {
  const { site, sessions, timeoutMs } = owner
  const reason = whyNot(site, chargePointId, call)
  if (reason !== undefined) return Promise.resolve({ type: 'notSent', reason })
  const session = sessions.get(chargePointId)
  if (!session) return Promise.resolve({ type: 'disconnected' })
  return new Promise((resolve) => {
    const ended = (end: CallEnd): void => {
      // What it cleared may be what protects us: it counts its hardware until it has it again.
      if (call.action === 'ClearChargingProfile' && end.type !== 'notSent') {
        owner.live({ type: 'rebooted', chargePointId })
        owner.wake()
      }
      resolve(end)
    }
    const again = (): string | undefined => whyNot(site, chargePointId, call)
    const taken = session.enqueue({ call, timeoutMs, ended, whyNot: again })
    if (taken) owner.wake()
    else resolve({ type: 'notSent', reason: 'too many calls wait for this charge point' })
  })
}

function whyNot(site: Site, chargePointId: string, call: OutboundCall): string | undefined {
  if (call.action === 'SetChargingProfile') return 'charging profiles are set by the ledger alone'
  if (call.action !== 'ClearChargingProfile') return undefined
  const connectors = site.chargePoints.get(chargePointId)?.connectors.values() ?? []
  const charging = [...connectors].some(({ transactionId }) => transactionId !== undefined)
  return charging ? 'a car is charging: without its profiles it would take all it can' : undefined
}
