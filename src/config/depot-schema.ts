/**
 * The depot objects as REST, the YAML file and the store write them (snake_case), and the way to
 * the domain types and back. Null means the same as leaving a field out.
 */
import { z } from 'zod'
import type { Charger, Constraint, IdTag } from '../core/site/depot.js'
import {
  chargePointId,
  flag,
  idTagText,
  instant,
  currentA,
  objectId,
  objectName,
  oneOf,
  phaseCurrent,
  powerKw,
  priority,
  statusText,
  timezone,
  wholeNumber,
} from './depot-fields.js'
import { formatTime, parseTime } from '../ocpp/v16/time.js'
import { classesSchema, classFromWire, classToWire } from './class-schema.js'
import { evseFromWire, evseSchema, evseToWire } from './evse-schema.js'
import {
  phasesFromWire,
  phasesToWire,
  scheduleSchema,
  windowFromWire,
  windowToWire,
} from './limit-window-schema.js'
import { probeFromWire, probeRecordSchema, probeToWire } from './probe-schema.js'
import { quirksFromWire, quirksSchema, quirksToWire } from './quirk-schema.js'

export const DEFAULT_STATUS = 'Available'

/** What REST takes for a constraint; the store and the YAML file add the id. */
export const constraintFieldsSchema = z.strictObject({
  name: objectName,
  max_power_kw: powerKw.describe('Total power of everything below, kW'),
  priority: priority
    .nullish()
    .describe('Higher is better; default: that of the constraint above, at last 0'),
  type: oneOf(['constraint', 'charge_group']).describe('Chargers belong to a charge_group'),
  parent_id: objectId.nullish().describe('Absent: directly below the grid connection'),
  max_current_a: phaseCurrent.nullish().describe('Per phase, A'),
  base_load_a: currentA
    .nullish()
    .describe('Load here that is neither metered nor controlled, A on each phase; default 0'),
  schedule: scheduleSchema.nullish().describe('Limits over time, on top of the others'),
  schedule_timezone: timezone
    .nullish()
    .describe('IANA zone of the schedule; default: that of the site'),
  classes: classesSchema
    .nullish()
    .describe('What cars of some priorities are sure of here, or may not exceed together'),
  cut_off_relay: objectId
    .nullish()
    .describe('Id of the relay that cuts off everything below, the last means of the watchdog'),
})

export const constraintSchema = constraintFieldsSchema.extend({ id: objectId })

/** What REST takes for a charger; the store and the YAML file add the id. */
export const chargerFieldsSchema = z.strictObject({
  name: objectName,
  max_power_kw: powerKw.describe('Total power of its EVSEs, kW'),
  parent_charge_group: objectId.describe('Id of the charge group it is in'),
  is_active: z
    .union([oneOf(['Active', 'Inactive']), flag], {
      error: 'must be "Active" or "Inactive" (or true or false)',
    })
    .nullish()
    .describe('Inactive: 0 A, and new transactions are refused; default Active'),
  status: statusText.nullish().describe('Until the charger reports its own'),
  priority: priority.nullish().describe('Higher is better; default: that of its charge group'),
  ocpp_charge_point_id: chargePointId
    .nullish()
    .describe('How the charger calls itself in the URL it connects to'),
  isolated: flag.nullish().describe('Its breaker is open: counts nothing until it connects'),
  expiry_verified: flag.nullish().describe('It is known to honour the expiry of profiles'),
  profile_duration_s: z
    .int({ error: 'must be a whole number of seconds' })
    .min(60, { error: 'must be at least 60 s' })
    .max(3600, { error: 'must be at most 3600 s' })
    .nullish()
    .describe('Its offers expire by themselves after this, s; 600 for one that writes to flash'),
  profile_timeout_ms: z
    .int({ error: 'must be a whole number of milliseconds' })
    .min(1000, { error: 'must be at least 1000 ms' })
    .max(60_000, { error: 'must be at most 60000 ms' })
    .nullish()
    .describe('It may take this long to answer a SetChargingProfile, ms'),
  authorisation: oneOf(['id-tag', 'free-vend', 'by-charger'])
    .nullish()
    .describe(
      'Who may charge: who has an accepted id tag (default), anybody (free-vend), or also ' +
        'whoever the charger itself starts with its own_id_tag (by-charger)',
    ),
  own_id_tag: idTagText
    .nullish()
    .describe('The id tag that stands for the charger; default: its charge point id'),
  quirks: quirksSchema
    .nullish()
    .describe('What is known of this charger, over what is known of its model'),
  security_profile: z
    .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)], {
      error: 'must be 0, 1, 2 or 3, a profile of the OCPP 1.6 security whitepaper',
    })
    .nullish()
    .describe('It is taken on no listener of a lower security profile; default 0'),
  evses: z
    .array(evseSchema, { error: 'must be a list of EVSEs' })
    .max(100, { error: 'must hold at most 100 EVSEs' })
    .nullish(),
})

export const chargerSchema = chargerFieldsSchema.extend({
  id: objectId,
  probe: probeRecordSchema.nullish().describe('What a probe found out; not to be written by hand'),
})

export const idTagSchema = z.strictObject({
  id_tag: idTagText.describe('Compared without case'),
  priority: priority.nullish().describe('Replaces the priority of the charger; higher is better'),
  blocked: flag.nullish().describe('Refused at every charger'),
  parent_id_tag: idTagText
    .nullish()
    .describe('Its group: who has the same may stop what another of them started'),
  expires_at: instant.nullish().describe('Accepted until then, RFC 3339'),
  max_active_transactions: wholeNumber(1, 1000)
    .nullish()
    .describe('It charges at so many connectors at once; default: any number'),
})

export type ConstraintWire = z.infer<typeof constraintSchema>
export type ChargerWire = z.infer<typeof chargerSchema>
export type IdTagWire = z.infer<typeof idTagSchema>

export function constraintFromWire(wire: ConstraintWire): Constraint {
  const parentId = wire.parent_id ?? undefined
  const maxCurrentA = wire.max_current_a ?? undefined
  const scheduleTimezone = wire.schedule_timezone ?? undefined
  const cutOffRelay = wire.cut_off_relay ?? undefined
  return {
    id: wire.id,
    name: wire.name,
    type: wire.type,
    ...(parentId !== undefined && { parentId }),
    ...(typeof wire.priority === 'number' && { priority: wire.priority }),
    maxPowerKw: wire.max_power_kw,
    ...(maxCurrentA !== undefined && { maxCurrentA: phasesFromWire(maxCurrentA) }),
    baseLoadA: wire.base_load_a ?? 0,
    schedule: (wire.schedule ?? []).map(windowFromWire),
    ...(scheduleTimezone !== undefined && { scheduleTimezone }),
    ...(wire.classes && wire.classes.length > 0 && { classes: wire.classes.map(classFromWire) }),
    ...(cutOffRelay !== undefined && { cutOffRelay }),
  }
}

export function constraintToWire(constraint: Constraint): ConstraintWire {
  const { id, name, type, parentId, maxCurrentA, scheduleTimezone, cutOffRelay } = constraint
  return {
    id,
    name,
    max_power_kw: constraint.maxPowerKw,
    ...(constraint.priority !== undefined && { priority: constraint.priority }),
    type,
    ...(parentId !== undefined && { parent_id: parentId }),
    ...(maxCurrentA && { max_current_a: phasesToWire(maxCurrentA) }),
    base_load_a: constraint.baseLoadA,
    schedule: constraint.schedule.map(windowToWire),
    ...(scheduleTimezone !== undefined && { schedule_timezone: scheduleTimezone }),
    ...(constraint.classes && { classes: constraint.classes.map(classToWire) }),
    ...(cutOffRelay !== undefined && { cut_off_relay: cutOffRelay }),
  }
}

export function chargerFromWire(wire: ChargerWire): Charger {
  const ownPriority = wire.priority ?? undefined
  const quirks = wire.quirks ? quirksFromWire(wire.quirks) : undefined
  const ocppChargePointId = wire.ocpp_charge_point_id ?? undefined
  return {
    id: wire.id,
    name: wire.name,
    maxPowerKw: wire.max_power_kw,
    parentChargeGroup: wire.parent_charge_group,
    isActive: wire.is_active !== 'Inactive' && wire.is_active !== false,
    status: wire.status ?? DEFAULT_STATUS,
    ...(ownPriority !== undefined && { priority: ownPriority }),
    ...(ocppChargePointId !== undefined && { ocppChargePointId }),
    isolated: wire.isolated ?? false,
    expiryVerified: wire.expiry_verified ?? false,
    ...(typeof wire.profile_duration_s === 'number' && {
      profileDurationS: wire.profile_duration_s,
    }),
    ...(typeof wire.profile_timeout_ms === 'number' && {
      profileTimeoutMs: wire.profile_timeout_ms,
    }),
    ...(typeof wire.security_profile === 'number' && { securityProfile: wire.security_profile }),
    ...(wire.probe && { probe: probeFromWire(wire.probe) }),
    ...(wire.authorisation &&
      wire.authorisation !== 'id-tag' && { authorisation: wire.authorisation }),
    ...(typeof wire.own_id_tag === 'string' && { ownIdTag: wire.own_id_tag }),
    ...(quirks && { quirks }),
    evses: (wire.evses ?? []).map(evseFromWire),
  }
}

export function chargerToWire(charger: Charger): ChargerWire {
  const { id, name, ocppChargePointId } = charger
  return {
    id,
    name,
    max_power_kw: charger.maxPowerKw,
    parent_charge_group: charger.parentChargeGroup,
    is_active: charger.isActive ? 'Active' : 'Inactive',
    status: charger.status,
    ...(charger.priority !== undefined && { priority: charger.priority }),
    ...(ocppChargePointId !== undefined && { ocpp_charge_point_id: ocppChargePointId }),
    isolated: charger.isolated,
    expiry_verified: charger.expiryVerified,
    ...(charger.profileDurationS !== undefined && {
      profile_duration_s: charger.profileDurationS,
    }),
    ...(charger.profileTimeoutMs !== undefined && {
      profile_timeout_ms: charger.profileTimeoutMs,
    }),
    ...(charger.securityProfile !== undefined && { security_profile: charger.securityProfile }),
    ...(charger.probe && { probe: probeToWire(charger.probe) }),
    ...(charger.authorisation && { authorisation: charger.authorisation }),
    ...(charger.ownIdTag !== undefined && { own_id_tag: charger.ownIdTag }),
    ...(charger.quirks && { quirks: quirksToWire(charger.quirks) }),
    evses: charger.evses.map(evseToWire),
  }
}

export function idTagFromWire(wire: IdTagWire): IdTag {
  return {
    idTag: wire.id_tag,
    ...(typeof wire.priority === 'number' && { priority: wire.priority }),
    ...(wire.blocked === true && { blocked: true }),
    ...(typeof wire.parent_id_tag === 'string' && { parentIdTag: wire.parent_id_tag }),
    ...(typeof wire.expires_at === 'string' && { expiresWallMs: parseTime(wire.expires_at) ?? 0 }),
    ...(typeof wire.max_active_transactions === 'number' && {
      maxActiveTransactions: wire.max_active_transactions,
    }),
  }
}

export function idTagToWire({ idTag, priority: ownPriority, blocked, ...more }: IdTag): IdTagWire {
  const { parentIdTag, expiresWallMs, maxActiveTransactions } = more
  return {
    id_tag: idTag,
    ...(ownPriority !== undefined && { priority: ownPriority }),
    ...(blocked === true && { blocked }),
    ...(parentIdTag !== undefined && { parent_id_tag: parentIdTag }),
    ...(expiresWallMs !== undefined && { expires_at: formatTime(expiresWallMs) }),
    ...(maxActiveTransactions !== undefined && { max_active_transactions: maxActiveTransactions }),
  }
}
