/** A depot as an operator makes it by hand, with what the script of a manual sends to it. */
import type { ChargerBody, RestClient, SessionBody } from './rest-client.js'

/** As somebody pastes them into a shell. */
export const CONSTRAINT = `{
       "name": "Test Depot",
       "max_power_kw": 1000.0,
       "priority": 1,
       "type": "constraint"
     }`
export const group = (constraintId: string): string => `{
       "name": "Test Charge Group",
       "max_power_kw": 500.0,
       "priority": 2,
       "type": "charge_group",
       "parent_id": "${constraintId}"
     }`
export const charger = (groupId: string): string => `{
       "name": "Test Charger",
       "max_power_kw": 100.0,
       "parent_charge_group": "${groupId}",
       "is_active": "Active",
       "status": "Available",
       "ocpp_charge_point_id": "CP_001",
       "evses": [
         {"id": 1, "max_power_kw": 50.0, "status": "Available"}
       ]
     }`

export interface WithId {
  readonly id: string
}

export async function setUp(rest: RestClient): Promise<{ groupId: string; chargerId: string }> {
  const constraint = await rest.post<WithId>('/constraints', CONSTRAINT)
  const made = await rest.post<WithId>('/constraints', group(constraint.body.id))
  const added = await rest.post<WithId>('/chargers', charger(made.body.id))
  return { groupId: made.body.id, chargerId: added.body.id }
}

/** What the script's clock writes. */
export const now = (): string => new Date().toISOString().replace('Z', '123+00:00')

export const live = async (rest: RestClient): Promise<readonly SessionBody[]> =>
  (await rest.get<SessionBody[]>('/sessions/live')).body
export const chargers = async (rest: RestClient): Promise<readonly ChargerBody[]> =>
  (await rest.get<ChargerBody[]>('/chargers')).body

export function meterValues(transactionId: number, registerWh: number) {
  const sampledValue = [
    { value: String(registerWh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
    { value: '32.1', measurand: 'Current.Import', phase: 'L1', unit: 'A' },
    { value: '7400', measurand: 'Power.Active.Import', unit: 'W' },
  ]
  return { connectorId: 1, transactionId, meterValue: [{ timestamp: now(), sampledValue }] }
}

export function stop(transactionId: number) {
  return { transactionId, idTag: 'TEST_TAG', meterStop: 5000, timestamp: now(), reason: 'Local' }
}
