/** An answer about an id tag that waits, a little, for what the backend says of it. */
import { authorise } from '../core/site/authorise.js'
import type { Instant } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { InboundMessage } from '../ocpp/v16/messages.js'
import { authorizeReply, startTransactionReply } from '../ocpp/v16/replies.js'
import type { Reply } from '../ocpp/v16/replies.js'
import type { AuthorisationDesk } from './authorisation-desk.js'

export interface BackendReplyOwner {
  readonly site: Site
  readonly authorisation: AuthorisationDesk
  readonly timeoutMs: number
  readonly now: () => Instant
}

/** A charge point that waits for its transaction id can be given no limit for it. */
const START_WAIT_MS = 1_000
/** A start that is older comes from an offline queue: nobody waits for what is said of it. */
const HISTORY_MS = 600_000

/**
 * Undefined: what was decided here is the answer. `reply` and `durable` as decided here; what comes of
 * a start is on disk before the backend is waited for.
 */
export function backendReply(
  owner: BackendReplyOwner,
  chargePointId: string,
  message: InboundMessage,
  { reply, durable }: { readonly reply: Reply; readonly durable: Promise<void> | undefined },
): Promise<Reply> | undefined {
  const { site, authorisation, timeoutMs, now } = owner
  if (message.type !== 'authorize' && message.type !== 'startTransaction') return undefined
  const presented = { chargePointId, idTag: message.idTag }
  if (!authorisation.isNeeded(presented)) return undefined
  if (message.type === 'authorize') {
    return authorisation
      .ask(presented, timeoutMs)
      .then(() => authorizeReply(authorise(site, presented, now())))
  }
  const { atMs } = message
  if (atMs !== undefined && now().wallMs - atMs > HISTORY_MS) return undefined
  const transactionId = Number(reply['transactionId'])
  const asked = authorisation.ask(presented, Math.min(timeoutMs, START_WAIT_MS))
  return Promise.all([durable, asked]).then(() => {
    const info = authorise(site, presented, now())
    const status = site.transactions.get(transactionId)?.idTagStatus ?? info.status
    return startTransactionReply({ transactionId, idTagInfo: { ...info, status } })
  })
}
