/** Calls of the profiles Reservation and Firmware Management over REST, and the signed ones. */
import { z } from 'zod'
import { cancelReservation } from '../ocpp/v16/reservation-calls.js'
import { connectorOrZero, idTag, instant, ms, plain } from './call-core-shape.js'
import type { CallOrder, FirmwareOrder, LogOrder } from './call-order.js'

const LONGEST_S = 604_800

/** For a reservation made here or in a list of its own. */
export const reservationFields = {
  connector_id: connectorOrZero.default(0).describe('0: one of its connectors, whichever'),
  id_tag: idTag,
  parent_id_tag: idTag.optional(),
  until: instant.optional().describe('RFC 3339; or for_s'),
  for_s: z.int().min(60).max(LONGEST_S).optional().describe('From now on; or until'),
}

interface ReservationWire {
  readonly connector_id: number
  readonly id_tag: string
  readonly parent_id_tag?: string | undefined
  readonly until?: string | undefined
  readonly for_s?: number | undefined
}

export const endProblem = { path: ['until'], error: 'is missing: state it, or for_s, not both' }

export function hasOneEnd({ until, for_s: seconds }: ReservationWire): boolean {
  return (until === undefined) !== (seconds === undefined)
}

export function reserveOrder(wire: ReservationWire): CallOrder {
  const { until, for_s: seconds = 0 } = wire
  const atMs = ms(until)
  return {
    kind: 'reserve',
    connectorId: wire.connector_id,
    idTag: wire.id_tag,
    parentIdTag: wire.parent_id_tag,
    until: atMs === undefined ? { forMs: seconds * 1000 } : { atMs },
  }
}

const location = z
  .string()
  .max(512)
  .regex(/^(ftp|ftps|sftp|http|https):\/\/[^\s<>"{}|\\^`]+$/i, {
    error: 'must be an address such as ftp://user:secret@host/folder/',
  })

const attempts = {
  retries: z.int().min(0).max(100).optional(),
  retry_interval_s: z.int().min(0).max(86_400).optional(),
}

const logged = {
  location: location.optional().describe('Where to send it; left out: to this gateway'),
  from: instant.optional().describe('Nothing older'),
  to: instant.optional().describe('Nothing newer'),
  ...attempts,
}

const firmware = {
  location: location.optional().describe('Where the firmware is; or file'),
  file: z.string().min(1).max(100).optional().describe('Id of firmware that this gateway has'),
  retrieve_at: instant.optional().describe('Default: now'),
  ...attempts,
}

type FirmwareWire = {
  readonly [Field in keyof typeof firmware]?: z.output<(typeof firmware)[Field]>
}

function hasOneSource({ location: at, file }: FirmwareWire): boolean {
  return (at === undefined) !== (file === undefined)
}

const sourceProblem = { path: ['location'], error: 'is missing: state it, or file, not both' }

function firmwareOrder(wire: FirmwareWire, signed: FirmwareOrder['signed']): CallOrder {
  const { location: at, file = '', retrieve_at: retrieveAt } = wire
  return {
    kind: 'firmware',
    from: at === undefined ? { fileId: file } : { location: at },
    retrieveAtMs: ms(retrieveAt),
    retries: wire.retries,
    retryIntervalS: wire.retry_interval_s,
    signed,
  }
}

type LogWire = { readonly [Field in keyof typeof logged]?: z.output<(typeof logged)[Field]> }

function logOrder(what: LogOrder['what'], wire: LogWire): CallOrder {
  return {
    kind: 'log',
    what,
    location: wire.location,
    fromMs: ms(wire.from),
    toMs: ms(wire.to),
    retries: wire.retries,
    retryIntervalS: wire.retry_interval_s,
  }
}

export const upkeepCalls = [
  z
    .strictObject({ action: z.literal('ReserveNow'), ...reservationFields })
    .refine(hasOneEnd, endProblem)
    .transform(reserveOrder),
  z
    .strictObject({
      action: z.literal('CancelReservation'),
      reservation_id: z.int().min(0).max(2_147_483_647),
    })
    .transform((wire) => plain(cancelReservation(wire.reservation_id))),
  z
    .strictObject({ action: z.literal('UpdateFirmware'), ...firmware })
    .refine(hasOneSource, sourceProblem)
    .transform((wire) => firmwareOrder(wire, undefined)),
  z
    .strictObject({
      action: z.literal('SignedUpdateFirmware'),
      ...firmware,
      install_at: instant.optional().describe('Default: when it is there'),
      signing_certificate: z.string().min(1).max(5500).describe('PEM'),
      signature: z.string().min(1).max(800).describe('Base64'),
    })
    .refine(hasOneSource, sourceProblem)
    .transform((wire) => {
      const { signing_certificate: signingCertificate, signature, install_at: installAt } = wire
      return firmwareOrder(wire, { signingCertificate, signature, installAtMs: ms(installAt) })
    }),
  z
    .strictObject({ action: z.literal('GetDiagnostics'), ...logged })
    .transform((wire) => logOrder('Diagnostics', wire)),
  z
    .strictObject({
      action: z.literal('GetLog'),
      log_type: z.enum(['DiagnosticsLog', 'SecurityLog']).default('DiagnosticsLog'),
      ...logged,
    })
    .transform((wire) => logOrder(wire.log_type, wire)),
] as const
