/** The configuration keys of a simulated charge point. */
export interface ChargePointConfiguration {
  text(key: string): string
  /** 0 when the value is no number. */
  number(key: string): number
  change(key: string, value: string): 'Accepted' | 'Rejected' | 'NotSupported'
  /** Set by the charge point itself, as the heartbeat interval at boot. */
  set(key: string, value: string): void
  /** All keys, or the known ones of those asked for. */
  entries(keys: readonly string[]): readonly {
    readonly key: string
    readonly readonly: boolean
    readonly value: string
  }[]
}

const WRITABLE: Readonly<Record<string, string>> = {
  AuthorizeRemoteTxRequests: 'false',
  ClockAlignedDataInterval: '0',
  ConnectionTimeOut: '120',
  HeartbeatInterval: '300',
  LocalAuthListEnabled: 'true',
  LocalAuthorizeOffline: 'true',
  MeterValueSampleInterval: '60',
  MeterValuesSampledData: 'Energy.Active.Import.Register,Current.Import,Power.Active.Import',
  StopTransactionOnInvalidId: 'true',
  TransactionMessageAttempts: '3',
  TransactionMessageRetryInterval: '10',
  WebSocketPingInterval: '30',
}

const NUMERIC = /Interval|Attempts|TimeOut$/

export function chargePointConfiguration(
  fixed: Readonly<Record<string, string>>,
): ChargePointConfiguration {
  const values = new Map([...Object.entries(WRITABLE), ...Object.entries(fixed)])
  return {
    text: (key) => values.get(key) ?? '',
    number: (key) => Number(values.get(key)) || 0,
    change(key, value) {
      if (!values.has(key)) return 'NotSupported'
      if (key in fixed || (NUMERIC.test(key) && !/^\d{1,9}$/.test(value))) return 'Rejected'
      values.set(key, value)
      return 'Accepted'
    },
    set(key, value) {
      values.set(key, value)
    },
    entries(keys) {
      const wanted = keys.length > 0 ? keys.filter((key) => values.has(key)) : [...values.keys()]
      return wanted.map((key) => ({ key, readonly: key in fixed, value: values.get(key) ?? '' }))
    },
  }
}
