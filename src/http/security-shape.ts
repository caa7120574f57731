/** Security of charge points and listeners as REST shows and takes it. */
import { z } from 'zod'
import { flag } from '../config/depot-fields.js'
import type { SecurityEvent } from '../core/security/security-types.js'
import { formatTime } from '../ocpp/v16/time.js'
import type { ListenerState } from '../ports.js'
import type { ChargerSecurity } from './backend.js'

const profile = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)], {
  error: 'must be 0, 1, 2 or 3, a profile of the OCPP 1.6 security whitepaper',
})

export const securityEventSchema = z
  .object({
    id: z.string(),
    noted_at: z.string(),
    happened_at: z.string().nullable().describe('As the charge point dates it'),
    source: z.enum(['charge_point', 'gateway']),
    event: z.string().describe('A word of the OCPP 1.6 security whitepaper, or one of ours'),
    critical: z.boolean(),
    ocpp_charge_point_id: z
      .string()
      .nullable()
      .describe('Whom it is about; of a refused login, who somebody claims to be'),
    remote_address: z.string().nullable(),
    text: z.string().nullable(),
    count: z.int().describe('How often it has happened since it was noted last'),
  })
  .describe('Something that matters for security')

const certificateSchema = z.object({
  file: z.string(),
  key: z.enum(['rsa', 'ec']),
  subject: z.string(),
  expires_at: z.string(),
  days_left: z.int(),
})

export const securitySchema = z
  .object({
    listeners: z.array(
      z.object({
        host: z.string(),
        port: z.int(),
        security_profile: profile,
        certificates: z.array(certificateSchema),
        problem: z.string().nullable().describe('Why changed files are not in use'),
      }),
    ),
    warnings: z.array(z.string()).describe('What an operator should see to'),
  })
  .describe('The listeners of charge points with their certificates')

export const chargerSecuritySchema = z
  .object({
    security_profile: profile.describe('It is taken on no listener of a lower one'),
    connected_with: profile.nullable().describe('The profile of its present connection'),
    authorization_keys: z.int().describe('How many are valid: more than one while they change'),
  })
  .describe('How a charge point proves who it is')

export const keyOrderSchema = z
  .strictObject({
    via: z
      .enum(['ocpp', 'hand'], { error: 'must be "ocpp" or "hand"' })
      .describe('ocpp: sent to the charge point in place of its own; hand: shown, to be typed in'),
    key: z
      .string({ error: 'must be 32 to 40 hex digits (16 to 20 bytes)' })
      .max(40)
      .nullish()
      .describe('The key that the charge point has already, in hex; default: a new random one'),
    revoke_others: flag
      .nullish()
      .describe('By hand: older keys end at once, and not when the new one is used'),
  })
  .describe('Gives a charge point an authorization key')

export const keyOutcomeSchema = z
  .object({
    status: z.enum(['made', 'accepted', 'refused', 'unanswered']),
    message: z.string(),
    authorization_key: z.string().optional().describe('40 hex digits; shown only now'),
    authorization_key_text: z
      .string()
      .optional()
      .describe('The same as text, for charge points that want it so; shown only now'),
  })
  .describe('What came of it')

export const profileOrderSchema = z
  .strictObject({
    security_profile: profile,
    lower: flag.nullish().describe('true: yes, take it on listeners that prove less from now on'),
  })
  .describe('What a charge point must use at least')

export function securityEventAnswer(event: SecurityEvent): z.infer<typeof securityEventSchema> {
  return {
    id: event.id,
    noted_at: formatTime(event.wallMs),
    happened_at: event.atWallMs === undefined ? null : formatTime(event.atWallMs),
    source: event.source,
    event: event.event,
    critical: event.critical,
    ocpp_charge_point_id: event.chargePointId ?? null,
    remote_address: event.remoteAddress ?? null,
    text: event.text ?? null,
    count: event.count,
  }
}

export function securityAnswer(
  listeners: readonly ListenerState[],
  warnings: readonly string[],
  wallMs: number,
): z.infer<typeof securitySchema> {
  return {
    listeners: listeners.map(({ host, port, securityProfile, certificates, problem }) => ({
      host,
      port,
      security_profile: securityProfile,
      certificates: certificates.map(({ file, keyKind, subject, notAfterMs }) => ({
        file,
        key: keyKind,
        subject,
        expires_at: formatTime(notAfterMs),
        days_left: Math.floor((notAfterMs - wallMs) / 86_400_000),
      })),
      problem: problem ?? null,
    })),
    warnings: [...warnings],
  }
}

export function chargerSecurityAnswer({
  minimumProfile,
  connectedProfile,
  keys,
}: ChargerSecurity): z.infer<typeof chargerSecuritySchema> {
  return {
    security_profile: minimumProfile,
    connected_with: connectedProfile ?? null,
    authorization_keys: keys,
  }
}
