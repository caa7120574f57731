/** Calls to a charge point over REST, by the names of OCPP 1.6, fields in snake_case. */
import { z } from 'zod'
import { coreCalls } from './call-core-shape.js'
import { securityCalls } from './call-security-shape.js'
import { upkeepCalls } from './call-upkeep-shape.js'

/** Charging profiles are set by the gateway itself, so there is no call for that. */
export const callSchema = z
  .discriminatedUnion('action', [...coreCalls, ...upkeepCalls, ...securityCalls])
  .describe('A call to the charge point, by its OCPP 1.6 name')
