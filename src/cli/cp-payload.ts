/** What a charge point says when nobody tells it more: a valid payload for each action. */

export interface CpPayloadOptions {
  readonly action: string
  readonly connectorId?: number
  readonly status?: string
  readonly transactionId?: number
  readonly idTag: string
  /** Replaces fields of the payload, one by one. */
  readonly payload?: object
}

export type CpPayload =
  | { readonly ok: true; readonly payload: object }
  | { readonly ok: false; readonly problem: string }

const METER_START_WH = 0
const METER_NOW_WH = 1000
const METER_STOP_WH = 2000

/** `nowIso` is RFC 3339. An action it does not know gets an empty payload. */
export function cpPayload(options: CpPayloadOptions, nowIso: string): CpPayload {
  const payload = { ...defaults(options, nowIso), ...options.payload }
  const missing = REQUIRED[options.action]?.find(({ field }) => !(field in payload))
  if (missing) {
    return { ok: false, problem: `${options.action} needs ${missing.option}` }
  }
  return { ok: true, payload }
}

const CONNECTOR = { field: 'connectorId', option: '--connector-id' }
const REQUIRED: Readonly<
  Record<string, readonly { readonly field: string; readonly option: string }[]>
> = {
  StatusNotification: [CONNECTOR],
  StartTransaction: [CONNECTOR],
  StopTransaction: [{ field: 'transactionId', option: '--transaction-id' }],
}

function defaults(options: CpPayloadOptions, timestamp: string): object {
  const { connectorId, status, transactionId, idTag } = options
  const connector = connectorId === undefined ? {} : { connectorId }
  const transaction = transactionId === undefined ? {} : { transactionId }
  switch (options.action) {
    case 'BootNotification':
      return { chargePointVendor: 'Yardmaster', chargePointModel: 'Command line' }
    case 'Authorize':
      return { idTag }
    case 'StatusNotification':
      return { ...connector, status: status ?? 'Available', errorCode: 'NoError', timestamp }
    case 'StartTransaction':
      return { ...connector, idTag, meterStart: METER_START_WH, timestamp }
    case 'StopTransaction':
      return { ...transaction, idTag, meterStop: METER_STOP_WH, timestamp }
    case 'MeterValues':
      return {
        connectorId: connectorId ?? 1,
        ...transaction,
        meterValue: [
          {
            timestamp,
            sampledValue: [
              {
                value: String(METER_NOW_WH),
                measurand: 'Energy.Active.Import.Register',
                unit: 'Wh',
              },
            ],
          },
        ],
      }
    case 'DataTransfer':
      return { vendorId: 'Yardmaster' }
    case 'DiagnosticsStatusNotification':
    case 'FirmwareStatusNotification':
      return { status: status ?? 'Idle' }
    default:
      return {}
  }
}
