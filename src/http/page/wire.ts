/** What REST answers: the types of the schemas themselves, so that the page follows them. */
import type { z } from 'zod'
import type { callResultSchema } from '../call-result.js'
import type { chargerAnswerSchema, evseAnswerSchema } from '../charger-shape.js'
import type { siteCheckSchema } from '../check-shape.js'
import type { configurationSchema } from '../configuration.js'
import type { constraintAnswerSchema } from '../constraint-shape.js'
import type { idTagAnswerSchema } from '../id-tag-shape.js'
import type { liveSchema } from '../live-shape.js'
import type { overrideSchema } from '../override-shape.js'
import type { pendingChargerSchema } from '../pending-charger-shape.js'
import type { probeSchema } from '../probe-shape.js'
import type { fieldProblemSchema } from '../refusal.js'
import type { reservationSchema } from '../reservations.js'
import type { dayScheduleSchema, scheduledSpanSchema } from '../schedule-shape.js'
import type { endedSessionSchema, liveSessionSchema } from '../session-shape.js'
import type { meterSchema, siteSchema } from '../site-shape.js'
import type { vehicleAnswerSchema } from '../vehicle-shape.js'

export type Site = z.infer<typeof siteSchema>
export type Meter = z.infer<typeof meterSchema>
export type Constraint = z.infer<typeof constraintAnswerSchema>
export type Charger = z.infer<typeof chargerAnswerSchema>
export type Evse = z.infer<typeof evseAnswerSchema>
export type Session = z.infer<typeof liveSessionSchema>
export type EndedSession = z.infer<typeof endedSessionSchema>
export type LiveEvent = z.infer<typeof liveSchema>
export type Override = z.infer<typeof overrideSchema>
export type DaySchedule = z.infer<typeof dayScheduleSchema>
export type ScheduledSpan = z.infer<typeof scheduledSpanSchema>
export type IdTag = z.infer<typeof idTagAnswerSchema>
export type Vehicle = z.infer<typeof vehicleAnswerSchema>
export type Probe = z.infer<typeof probeSchema>
export type CallResult = z.infer<typeof callResultSchema>
export type Configuration = z.infer<typeof configurationSchema>
export type PendingCharger = z.infer<typeof pendingChargerSchema>
export type Reservation = z.infer<typeof reservationSchema>
export type SiteCheck = z.infer<typeof siteCheckSchema>
export type FieldProblem = z.infer<typeof fieldProblemSchema>
export type PhaseKey = 'l1' | 'l2' | 'l3'

/** A node of the tree: the grid connection or a constraint. */
export type NodeLive = Site | Constraint
