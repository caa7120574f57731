/** Events that somebody should look at today: of the whitepaper (section 8) those it marks so. */
const CRITICAL: ReadonlySet<string> = new Set([
  'FirmwareUpdated',
  'FailedToAuthenticateAtCentralSystem',
  'CentralSystemFailedToAuthenticate',
  'SettingSystemTime',
  'StartupOfTheDevice',
  'ResetOrReboot',
  'SecurityLogWasCleared',
  'MemoryExhaustion',
  'TamperDetectionActivated',
  // Ours.
  'TwoDevicesClaimOneIdentity',
  'SecurityProfileTooLow',
  'SecurityProfileLowered',
  'ServerCertificateExpires',
])

export function isCritical(event: string): boolean {
  return CRITICAL.has(event)
}
