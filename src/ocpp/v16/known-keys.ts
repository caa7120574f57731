/** The settings that OCPP 1.6 and its security extension name, and what they do. */
export interface KnownKey {
  readonly key: string
  readonly profile: KeyProfile
  readonly type: 'bool' | 'int' | 'list' | 'text'
  readonly unit: string | undefined
  /** By the standard; `any`: it leaves that to the charge point. */
  readonly access: 'read' | 'read and write' | 'write' | 'any'
  readonly help: string
}

export type KeyProfile =
  | 'Core'
  | 'LocalAuthListManagement'
  | 'Reservation'
  | 'SmartCharging'
  | 'FirmwareManagement'
  | 'Security'

/** Some chargers write the names in a case of their own. */
export function knownKey(name: string): KnownKey | undefined {
  return BY_FOLDED_NAME.get(name.toLowerCase())
}

type Row = readonly [
  key: string,
  profile: KeyProfile,
  type: KnownKey['type'],
  unit: string,
  access: 'r' | 'rw' | 'w' | 'any',
  help: string,
]

const ROWS: readonly Row[] = [
  [
    'AllowOfflineTxForUnknownId',
    'Core',
    'bool',
    '',
    'rw',
    'While offline it starts for id tags that it does not know.',
  ],
  [
    'AuthorizationCacheEnabled',
    'Core',
    'bool',
    '',
    'rw',
    'It remembers id tags that were authorised, and uses that before asking.',
  ],
  [
    'AuthorizeRemoteTxRequests',
    'Core',
    'bool',
    '',
    'any',
    'A start from here is authorised like a card first; else it begins at once.',
  ],
  ['BlinkRepeat', 'Core', 'int', 'times', 'rw', 'How often it blinks to show something.'],
  [
    'ClockAlignedDataInterval',
    'Core',
    'int',
    's',
    'rw',
    'Meter values at full multiples of this, beside those of a session; 0: none.',
  ],
  [
    'ConnectionTimeOut',
    'Core',
    'int',
    's',
    'rw',
    'Between the card and the plug: after this the start is forgotten.',
  ],
  [
    'ConnectorPhaseRotation',
    'Core',
    'list',
    '',
    'rw',
    'How the phases are wired at each connector, such as 1.RST.',
  ],
  ['ConnectorPhaseRotationMaxLength', 'Core', 'int', 'entries', 'r', 'How many of these it keeps.'],
  [
    'GetConfigurationMaxKeys',
    'Core',
    'int',
    'keys',
    'r',
    'How many settings may be asked for at once.',
  ],
  [
    'HeartbeatInterval',
    'Core',
    'int',
    's',
    'rw',
    'It says that it is there when it had nothing else to say for this long.',
  ],
  ['LightIntensity', 'Core', 'int', '%', 'rw', 'Brightness of its lamps.'],
  [
    'LocalAuthorizeOffline',
    'Core',
    'bool',
    '',
    'rw',
    'While offline it starts for id tags that it knows.',
  ],
  [
    'LocalPreAuthorize',
    'Core',
    'bool',
    '',
    'rw',
    'It starts for id tags that it knows without asking first.',
  ],
  [
    'MaxEnergyOnInvalidId',
    'Core',
    'int',
    'Wh',
    'rw',
    'Given to a car whose id tag turned out invalid, before it stops.',
  ],
  ['MeterValuesAlignedData', 'Core', 'list', '', 'rw', 'What the values at full intervals hold.'],
  [
    'MeterValuesAlignedDataMaxLength',
    'Core',
    'int',
    'entries',
    'r',
    'How many quantities these may hold.',
  ],
  [
    'MeterValuesSampledData',
    'Core',
    'list',
    '',
    'rw',
    'What the values during a session hold. The gateway asks for current, power and register.',
  ],
  [
    'MeterValuesSampledDataMaxLength',
    'Core',
    'int',
    'entries',
    'r',
    'How many quantities these may hold.',
  ],
  [
    'MeterValueSampleInterval',
    'Core',
    'int',
    's',
    'rw',
    'Meter values during a session, so often. The gateway sets it at each boot.',
  ],
  [
    'MinimumStatusDuration',
    'Core',
    'int',
    's',
    'rw',
    'A state is told when it has lasted this long.',
  ],
  ['NumberOfConnectors', 'Core', 'int', 'connectors', 'r', 'How many it has.'],
  ['ResetRetries', 'Core', 'int', 'times', 'rw', 'How often it tries again to reset.'],
  [
    'StopTransactionOnEVSideDisconnect',
    'Core',
    'bool',
    '',
    'any',
    'Pulling the plug at the car ends the session.',
  ],
  [
    'StopTransactionOnInvalidId',
    'Core',
    'bool',
    '',
    'rw',
    'It ends a session whose id tag turns out not to be authorised.',
  ],
  [
    'StopTxnAlignedData',
    'Core',
    'list',
    '',
    'rw',
    'What the record at the end holds of the values at full intervals.',
  ],
  [
    'StopTxnAlignedDataMaxLength',
    'Core',
    'int',
    'entries',
    'r',
    'How many quantities these may hold.',
  ],
  [
    'StopTxnSampledData',
    'Core',
    'list',
    '',
    'rw',
    'What the record at the end holds of the values during the session.',
  ],
  [
    'StopTxnSampledDataMaxLength',
    'Core',
    'int',
    'entries',
    'r',
    'How many quantities these may hold.',
  ],
  ['SupportedFeatureProfiles', 'Core', 'list', '', 'r', 'Which parts of OCPP 1.6 it knows.'],
  [
    'SupportedFeatureProfilesMaxLength',
    'Core',
    'int',
    'entries',
    'r',
    'How many of these it names at most.',
  ],
  [
    'TransactionMessageAttempts',
    'Core',
    'int',
    'times',
    'rw',
    'How often it sends the start or the stop of a session that was answered with an error.',
  ],
  [
    'TransactionMessageRetryInterval',
    'Core',
    'int',
    's',
    'rw',
    'How long it waits before it does so, more each time.',
  ],
  [
    'UnlockConnectorOnEVSideDisconnect',
    'Core',
    'bool',
    '',
    'rw',
    'Pulling the plug at the car unlocks the cable at the charger.',
  ],
  [
    'WebSocketPingInterval',
    'Core',
    'int',
    's',
    'rw',
    'It pings the gateway so often; 0: never. A change counts from the next connection on.',
  ],
  [
    'LocalAuthListEnabled',
    'LocalAuthListManagement',
    'bool',
    '',
    'rw',
    'It uses the list of id tags that it is sent.',
  ],
  [
    'LocalAuthListMaxLength',
    'LocalAuthListManagement',
    'int',
    'entries',
    'r',
    'How many id tags that list may hold.',
  ],
  [
    'SendLocalListMaxLength',
    'LocalAuthListManagement',
    'int',
    'entries',
    'r',
    'How many of them one message may hold.',
  ],
  [
    'ReserveConnectorZeroSupported',
    'Reservation',
    'bool',
    '',
    'r',
    'It can be reserved without saying which connector.',
  ],
  [
    'ChargeProfileMaxStackLevel',
    'SmartCharging',
    'int',
    'level',
    'r',
    'The highest level of a charging profile.',
  ],
  [
    'ChargingScheduleAllowedChargingRateUnit',
    'SmartCharging',
    'list',
    '',
    'r',
    'Limits in A (Current), in W (Power), or both.',
  ],
  [
    'ChargingScheduleMaxPeriods',
    'SmartCharging',
    'int',
    'periods',
    'r',
    'How many steps a charging profile may have.',
  ],
  [
    'ConnectorSwitch3to1PhaseSupported',
    'SmartCharging',
    'bool',
    '',
    'r',
    'It can go from three phases to one while a car charges.',
  ],
  [
    'MaxChargingProfilesInstalled',
    'SmartCharging',
    'int',
    'profiles',
    'r',
    'How many charging profiles it keeps at once.',
  ],
  [
    'SupportedFileTransferProtocols',
    'FirmwareManagement',
    'list',
    '',
    'r',
    'How it fetches firmware and sends logs: FTP, FTPS, HTTP, HTTPS, SFTP.',
  ],
  [
    'AdditionalRootCertificateCheck',
    'Security',
    'bool',
    '',
    'r',
    'It takes a new root certificate only when the old one has signed it.',
  ],
  [
    'AuthorizationKey',
    'Security',
    'text',
    '',
    'w',
    'The password of its connection, as hexadecimal digits. Never shown.',
  ],
  [
    'CertificateSignedMaxChainSize',
    'Security',
    'int',
    'bytes',
    'r',
    'The longest certificate chain it takes.',
  ],
  [
    'CertificateStoreMaxLength',
    'Security',
    'int',
    'certificates',
    'r',
    'How many certificates it keeps.',
  ],
  [
    'CpoName',
    'Security',
    'text',
    '',
    'rw',
    'The operator, as it stands in its certificate requests.',
  ],
  [
    'SecurityProfile',
    'Security',
    'int',
    '',
    'rw',
    '1: password; 2: password within TLS; 3: certificates. It can only go up, and it reconnects.',
  ],
]

const ACCESS = { r: 'read', rw: 'read and write', w: 'write', any: 'any' } as const

export const KNOWN_KEYS: readonly KnownKey[] = ROWS.map(
  ([key, profile, type, unit, access, help]) => ({
    key,
    profile,
    type,
    unit: unit || undefined,
    access: ACCESS[access],
    help,
  }),
)

const BY_FOLDED_NAME: ReadonlyMap<string, KnownKey> = new Map(
  KNOWN_KEYS.map((known) => [known.key.toLowerCase(), known]),
)
