/** The configuration keys of a simulated charge point. */
export interface ChargePointConfiguration {
  text(key: string): string
  /** 0 when the value is no number. */
  number(key: string): number
  change(key: string, value: string): 'Accepted' | 'Rejected' | 'NotSupported'
  /** Set by the charge point itself, as the heartbeat interval at boot. */
  set(key: string, value: string): void
  /** Another number after each change. */
  revision(): number
  /** What is not as it was made. */
  changed(): readonly (readonly [string, string])[]
  /** All keys, or the known ones of those asked for. */
  entries(keys: readonly string[]): readonly {
    readonly key: string
    readonly readonly: boolean
    readonly value: string
  }[]
}

const WRITABLE: Readonly<Record<string, string>> = {
  AllowOfflineTxForUnknownId: 'true',
  AuthorizationCacheEnabled: 'false',
  AuthorizationKey: '',
  AuthorizeRemoteTxRequests: 'false',
  ClockAlignedDataInterval: '0',
  ConnectionTimeOut: '120',
  CpoName: '',
  HeartbeatInterval: '300',
  LocalAuthListEnabled: 'true',
  LocalAuthorizeOffline: 'true',
  LocalPreAuthorize: 'false',
  MaxEnergyOnInvalidId: '0',
  MeterValueSampleInterval: '60',
  MeterValuesSampledData: 'Energy.Active.Import.Register,Current.Import,Power.Active.Import',
  MeterValuesAlignedData: '',
  MinimumStatusDuration: '0',
  ResetRetries: '1',
  SecurityProfile: '0',
  StopTransactionOnEVSideDisconnect: 'true',
  StopTransactionOnInvalidId: 'true',
  StopTxnAlignedData: '',
  StopTxnSampledData: '',
  TransactionMessageAttempts: '3',
  TransactionMessageRetryInterval: '10',
  UnlockConnectorOnEVSideDisconnect: 'true',
  WebSocketPingInterval: '30',
}

const NUMERIC = /Interval|Attempts|TimeOut$|Retries$|Duration$|Profile$|^MaxEnergy/
/** It is told what it is, and never says it (OCPP 1.6 security whitepaper). */
const SECRET = 'AuthorizationKey'

export function chargePointConfiguration(
  fixed: Readonly<Record<string, string>>,
): ChargePointConfiguration {
  const made = new Map([...Object.entries(WRITABLE), ...Object.entries(fixed)])
  const values = new Map(made)
  let revision = 0
  return {
    text: (key) => values.get(key) ?? '',
    number: (key) => Number(values.get(key)) || 0,
    change(key, value) {
      if (!values.has(key)) return 'NotSupported'
      if (key in fixed || (NUMERIC.test(key) && !/^\d{1,9}$/.test(value))) return 'Rejected'
      const isFlag = /^(true|false)$/.test(WRITABLE[key] ?? '')
      if (isFlag && !/^(true|false)$/i.test(value)) return 'Rejected'
      values.set(key, value)
      revision += 1
      return 'Accepted'
    },
    set(key, value) {
      if (values.get(key) !== value) revision += 1
      values.set(key, value)
    },
    revision: () => revision,
    changed: () => [...values].filter(([key, value]) => !(key in fixed) && made.get(key) !== value),
    entries(keys) {
      const told = [...values.keys()].filter((key) => key !== SECRET)
      const wanted = keys.length > 0 ? keys.filter((key) => told.includes(key)) : told
      return wanted.map((key) => ({ key, readonly: key in fixed, value: values.get(key) ?? '' }))
    },
  }
}
