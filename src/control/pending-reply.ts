/** What a charge point in quarantine is answered: all that it asks, and never that it may charge. */
import type { InboundMessage } from '../ocpp/v16/messages.js'
import {
  authorizeReply,
  bootReply,
  dataTransferReply,
  emptyReply,
  heartbeatReply,
  signCertificateReply,
  startTransactionReply,
  stopTransactionReply,
} from '../ocpp/v16/replies.js'
import type { Reply } from '../ocpp/v16/replies.js'

/** Until it boots again to ask. */
const INTERVAL_S = 60

export function pendingReply(
  message: InboundMessage,
  {
    wallMs,
    newTransactionId,
  }: { readonly wallMs: number; readonly newTransactionId: () => number },
): Reply {
  switch (message.type) {
    case 'bootNotification':
      return bootReply({ status: 'Pending', atMs: wallMs, intervalS: INTERVAL_S })
    case 'heartbeat':
      return heartbeatReply(wallMs)
    case 'authorize':
      return authorizeReply({ status: 'Invalid' })
    case 'startTransaction':
      return startTransactionReply({
        transactionId: newTransactionId(),
        idTagInfo: { status: 'Invalid' },
      })
    case 'stopTransaction':
      return stopTransactionReply(message.idTag === undefined ? undefined : { status: 'Invalid' })
    case 'dataTransfer':
      return dataTransferReply('UnknownVendorId')
    case 'signCertificate':
      return signCertificateReply('Rejected')
    case 'statusNotification':
    case 'meterValues':
    case 'firmwareStatusNotification':
    case 'diagnosticsStatusNotification':
    case 'logStatusNotification':
    case 'signedFirmwareStatusNotification':
    case 'securityEventNotification':
      return emptyReply()
  }
}
