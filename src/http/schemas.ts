/** The schemas of the API by the names they have in its description. */
import { chargerFieldsSchema, constraintFieldsSchema, idTagSchema } from '../config/depot-schema.js'
import { priorityClassSchema } from '../config/class-schema.js'
import { evseSchema } from '../config/evse-schema.js'
import { quirksSchema } from '../config/quirk-schema.js'
import { limitWindowSchema } from '../config/limit-window-schema.js'
import {
  oneOffDepartureSchema,
  vehicleFieldsSchema,
  weeklyDepartureSchema,
} from '../config/vehicle-schema.js'
import { callResultSchema } from './call-result.js'
import { callSchema } from './call-shape.js'
import { configurationSchema } from './configuration.js'
import { reservationOrderSchema, reservationSchema } from './reservations.js'
import { chargerAnswerSchema, chargerChangeSchema, evseAnswerSchema } from './charger-shape.js'
import { siteCheckSchema } from './check-shape.js'
import { constraintAnswerSchema, constraintChangeSchema } from './constraint-shape.js'
import { frameSchema } from './frame-shape.js'
import { idTagImportSchema } from './id-tag-table.js'
import { fileSchema } from './files.js'
import { idTagAnswerSchema, idTagChangeSchema } from './id-tag-shape.js'
import { liveSchema } from './live-shape.js'
import {
  pendingAcceptSchema,
  pendingChangeSchema,
  pendingChargerSchema,
} from './pending-charger-shape.js'
import { probeRecordSchema } from '../config/probe-schema.js'
import { capabilitiesSchema, effectiveQuirkSchema } from './quirk-shape.js'
import { probeOrderSchema, probeSchema } from './probe-shape.js'
import { overrideOrderSchema, overrideSchema } from './override-shape.js'
import { fieldProblemSchema, refusalSchema } from './refusal.js'
import {
  chargerSecuritySchema,
  keyOrderSchema,
  keyOutcomeSchema,
  profileOrderSchema,
  securityEventSchema,
  securitySchema,
} from './security-shape.js'
import { sessionPlanSchema } from './session-plan-shape.js'
import { endedSessionSchema, liveSessionSchema } from './session-shape.js'
import { dayScheduleSchema } from './schedule-shape.js'
import { meterSchema, siteSchema } from './site-shape.js'
import { vehicleAnswerSchema, vehicleChangeSchema } from './vehicle-shape.js'

export const schemas = {
  Call: callSchema,
  CallResult: callResultSchema,
  Capabilities: capabilitiesSchema,
  Charger: chargerAnswerSchema,
  ChargerChange: chargerChangeSchema,
  ChargerFields: chargerFieldsSchema,
  Configuration: configurationSchema,
  ChargerSecurity: chargerSecuritySchema,
  Constraint: constraintAnswerSchema,
  ConstraintChange: constraintChangeSchema,
  ConstraintFields: constraintFieldsSchema,
  DaySchedule: dayScheduleSchema,
  EndedSession: endedSessionSchema,
  EffectiveQuirk: effectiveQuirkSchema,
  Error: refusalSchema,
  Evse: evseAnswerSchema,
  EvseFields: evseSchema,
  File: fileSchema,
  FieldProblem: fieldProblemSchema,
  Frame: frameSchema,
  IdTag: idTagAnswerSchema,
  IdTagChange: idTagChangeSchema,
  IdTagFields: idTagSchema,
  IdTagImport: idTagImportSchema,
  KeyOrder: keyOrderSchema,
  KeyOutcome: keyOutcomeSchema,
  LimitWindow: limitWindowSchema,
  Live: liveSchema,
  LiveSession: liveSessionSchema,
  Meter: meterSchema,
  Override: overrideSchema,
  OverrideOrder: overrideOrderSchema,
  PendingAccept: pendingAcceptSchema,
  PendingChange: pendingChangeSchema,
  PendingCharger: pendingChargerSchema,
  PriorityClass: priorityClassSchema,
  Probe: probeSchema,
  ProbeOrder: probeOrderSchema,
  ProbeRecord: probeRecordSchema,
  Reservation: reservationSchema,
  ReservationOrder: reservationOrderSchema,
  ProfileOrder: profileOrderSchema,
  OneOffDeparture: oneOffDepartureSchema,
  Security: securitySchema,
  SecurityEvent: securityEventSchema,
  SessionPlan: sessionPlanSchema,
  Quirks: quirksSchema,
  Site: siteSchema,
  SiteCheck: siteCheckSchema,
  Vehicle: vehicleAnswerSchema,
  VehicleChange: vehicleChangeSchema,
  VehicleFields: vehicleFieldsSchema,
  WeeklyDeparture: weeklyDepartureSchema,
}

export type SchemaName = keyof typeof schemas
