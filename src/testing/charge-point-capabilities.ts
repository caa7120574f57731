/** The configuration keys that tell what a charge point can do; nobody can change them. */
import type { Behaviour } from './behaviour.js'

export function capabilities(
  { maxStackLevel, maxPeriods, refusesUnits }: Behaviour,
  connectorCount: number,
): Readonly<Record<string, string>> {
  const units = [
    ...(refusesUnits.includes('A') ? [] : ['Current']),
    ...(refusesUnits.includes('W') ? [] : ['Power']),
  ]
  return {
    ChargeProfileMaxStackLevel: String(maxStackLevel),
    ChargingScheduleAllowedChargingRateUnit: units.join(','),
    ChargingScheduleMaxPeriods: String(maxPeriods),
    GetConfigurationMaxKeys: '100',
    LocalAuthListMaxLength: '50',
    MaxChargingProfilesInstalled: '20',
    NumberOfConnectors: String(connectorCount),
    ReserveConnectorZeroSupported: 'true',
    SendLocalListMaxLength: '20',
    SupportedFeatureProfiles:
      'Core,LocalAuthListManagement,SmartCharging,RemoteTrigger,Reservation,FirmwareManagement',
  }
}
