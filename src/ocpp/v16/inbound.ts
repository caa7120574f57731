/** CALLs of a charge point, from payload to message: lenient in what can be understood safely. */
import type { ErrorCode } from '../frame.js'
import {
  connectorId,
  integer,
  isRecord,
  note,
  optionalInteger,
  optionalNumber,
  optionalText,
  text,
  time,
  word,
  wordIn,
  type Fields,
} from './fields.js'
import { requests, type Validator } from './generated/validators.js'
import type { ChargePointStatus, InboundMessage, StopReason, StopTransaction } from './messages.js'
import { interpretMeterValues } from './meter-values.js'

export type DecodedCall =
  | {
      readonly ok: true
      readonly message: InboundMessage
      /** How the payload departs from the schema, in words without the peer's own; mostly empty. */
      readonly lenient: readonly string[]
      /** Of a message about a transaction: what it cannot do without and yet lacks. */
      readonly fault: string | undefined
    }
  /** To be answered with a CALLERROR. */
  | { readonly ok: false; readonly code: ErrorCode; readonly description: string }

/**
 * Reads the payload of a CALL. Of a transaction everything is taken, with stand-ins for what cannot be
 * read: connector 0, an id tag that nobody has, transaction 0. Anything else against the schema is
 * still read as long as what the action cannot do without is there: an error would make the charge
 * point repeat the message for ever, with everything behind it waiting. Never throws.
 */
export function decodeCall(action: string, payload: unknown): DecodedCall {
  const decoder = DECODERS.get(action)
  if (!decoder) return undecodable(action)
  // OCPP-J 1.6 §4.2.1: null stands for an empty payload.
  const content = payload ?? {}
  if (!isRecord(content)) {
    return { ok: false, code: 'FormationViolation', description: 'payload is not an object' }
  }
  const fields: Fields = { payload: content, notes: undefined, fault: undefined }
  if (!decoder.validate(content)) note(fields, departure(decoder.validate))
  const message = decoder.decode(fields)
  const { fault } = fields
  if (fault && !decoder.isAlwaysTaken) return { ok: false, ...fault }
  if (fault) note(fields, fault.description)
  return { ok: true, message, lenient: fields.notes ?? NONE, fault: fault?.description }
}

const NONE: readonly string[] = []

interface Decoder {
  readonly validate: Validator
  /** 3.7.1: what is refused is sent again, and all behind it waits. So none of these ever is. */
  readonly isAlwaysTaken?: boolean
  readonly decode: (fields: Fields) => InboundMessage
}

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['MeterValues', { validate: requests.MeterValues, isAlwaysTaken: true, decode: meterValues }],
  ['Heartbeat', { validate: requests.Heartbeat, decode: () => HEARTBEAT }],
  ['StatusNotification', { validate: requests.StatusNotification, decode: statusNotification }],
  ['Authorize', { validate: requests.Authorize, decode: authorize }],
  [
    'StartTransaction',
    { validate: requests.StartTransaction, isAlwaysTaken: true, decode: startTransaction },
  ],
  [
    'StopTransaction',
    { validate: requests.StopTransaction, isAlwaysTaken: true, decode: stopTransaction },
  ],
  ['BootNotification', { validate: requests.BootNotification, decode: bootNotification }],
  ['DataTransfer', { validate: requests.DataTransfer, decode: dataTransfer }],
  [
    'FirmwareStatusNotification',
    {
      validate: requests.FirmwareStatusNotification,
      decode: (fields) => ({ type: 'firmwareStatusNotification', status: text(fields, 'status') }),
    },
  ],
  [
    'DiagnosticsStatusNotification',
    {
      validate: requests.DiagnosticsStatusNotification,
      decode: (fields) => ({
        type: 'diagnosticsStatusNotification',
        status: text(fields, 'status'),
      }),
    },
  ],
  [
    'SecurityEventNotification',
    { validate: requests.SecurityEventNotification, decode: securityEventNotification },
  ],
  [
    'LogStatusNotification',
    {
      validate: requests.LogStatusNotification,
      decode: (fields) => ({ type: 'logStatusNotification', ...requestStatus(fields) }),
    },
  ],
  [
    'SignCertificate',
    {
      validate: requests.SignCertificate,
      // Security whitepaper 4.2.10: at most 5500 characters.
      decode: (fields) => ({ type: 'signCertificate', csr: text(fields, 'csr', 5500) }),
    },
  ],
  [
    'SignedFirmwareStatusNotification',
    {
      validate: requests.SignedFirmwareStatusNotification,
      decode: (fields) => ({ type: 'signedFirmwareStatusNotification', ...requestStatus(fields) }),
    },
  ],
])

const HEARTBEAT: InboundMessage = { type: 'heartbeat' }

const STATUSES: readonly ChargePointStatus[] = [
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEV',
  'SuspendedEVSE',
  'Finishing',
  'Reserved',
  'Unavailable',
  'Faulted',
]

const STOP_REASONS: readonly StopReason[] = [
  'DeAuthorized',
  'EmergencyStop',
  'EVDisconnected',
  'HardReset',
  'Local',
  'Other',
  'PowerLoss',
  'Reboot',
  'Remote',
  'SoftReset',
  'UnlockCommand',
]

function undecodable(action: string): DecodedCall {
  // The action is the peer's text: an own property only, and not repeated to it.
  return Object.hasOwn(requests, action)
    ? { ok: false, code: 'NotSupported', description: 'this action is not supported here' }
    : { ok: false, code: 'NotImplemented', description: 'OCPP 1.6 has no such action' }
}

function departure(validate: Validator): string {
  const error = validate.errors?.[0]
  if (!error) return 'payload is not as its schema says'
  const place = error.instancePath === '' ? 'payload' : error.instancePath
  return error.missing === undefined
    ? `${place}: ${error.keyword}`
    : `${place}: ${error.missing} is missing`
}

function meterValues(fields: Fields): InboundMessage {
  return {
    type: 'meterValues',
    connectorId: connectorId(fields),
    transactionId: optionalInteger(fields, 'transactionId'),
    sample: interpretMeterValues(fields.payload['meterValue']),
  }
}

function statusNotification(fields: Fields): InboundMessage {
  return {
    type: 'statusNotification',
    connectorId: connectorId(fields),
    // The stand-in is never seen: the fault is.
    status: word(fields, 'status', STATUSES) ?? 'Faulted',
    errorCode: optionalText(fields, 'errorCode') ?? 'NoError',
    info: optionalText(fields, 'info'),
    vendorId: optionalText(fields, 'vendorId'),
    vendorErrorCode: optionalText(fields, 'vendorErrorCode'),
    atMs: time(fields, 'timestamp'),
  }
}

function authorize(fields: Fields): InboundMessage {
  return { type: 'authorize', idTag: text(fields, 'idTag', 20) }
}

function startTransaction(fields: Fields): InboundMessage {
  return {
    type: 'startTransaction',
    connectorId: connectorId(fields),
    idTag: text(fields, 'idTag'),
    meterStartWh: optionalNumber(fields, 'meterStart'),
    atMs: time(fields, 'timestamp'),
    reservationId: optionalInteger(fields, 'reservationId'),
  }
}

function stopTransaction(fields: Fields): StopTransaction {
  const data = fields.payload['transactionData']
  const transactionData: readonly unknown[] = Array.isArray(data) ? data : []
  return {
    type: 'stopTransaction',
    transactionId: integer(fields, 'transactionId'),
    idTag: optionalText(fields, 'idTag') || undefined,
    meterStopWh: optionalNumber(fields, 'meterStop'),
    atMs: time(fields, 'timestamp'),
    reason: stopReason(optionalText(fields, 'reason')),
    sample: transactionData.length > 0 ? interpretMeterValues(transactionData) : undefined,
    transactionData,
  }
}

function stopReason(reason: string | undefined): StopReason {
  // StopTransaction.req: no reason means Local.
  return reason === undefined ? 'Local' : (wordIn(reason, STOP_REASONS) ?? 'Other')
}

function bootNotification(fields: Fields): InboundMessage {
  return {
    type: 'bootNotification',
    vendor: text(fields, 'chargePointVendor'),
    model: text(fields, 'chargePointModel'),
    serialNumber: optionalText(fields, 'chargePointSerialNumber'),
    chargeBoxSerialNumber: optionalText(fields, 'chargeBoxSerialNumber'),
    firmwareVersion: optionalText(fields, 'firmwareVersion'),
    iccid: optionalText(fields, 'iccid'),
    imsi: optionalText(fields, 'imsi'),
    meterType: optionalText(fields, 'meterType'),
    meterSerialNumber: optionalText(fields, 'meterSerialNumber'),
  }
}

function dataTransfer(fields: Fields): InboundMessage {
  const data = fields.payload['data'] ?? undefined
  return {
    type: 'dataTransfer',
    vendorId: text(fields, 'vendorId', 255),
    messageId: optionalText(fields, 'messageId'),
    // Parsed within the depth limit of a frame, so this cannot overflow the stack.
    data: typeof data === 'string' || data === undefined ? data : JSON.stringify(data),
  }
}

function securityEventNotification(fields: Fields): InboundMessage {
  return {
    type: 'securityEventNotification',
    event: text(fields, 'type'),
    atMs: time(fields, 'timestamp'),
    techInfo: optionalText(fields, 'techInfo'),
  }
}

function requestStatus(fields: Fields) {
  return { status: text(fields, 'status'), requestId: optionalInteger(fields, 'requestId') }
}
