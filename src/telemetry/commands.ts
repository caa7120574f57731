import { z } from 'zod'
import type { PhaseA } from '../core/phases.js'
import { authoriseCommand } from './authorisation-messages.js'
import type { AuthoriseCommand } from './authorisation-messages.js'
import type { UpstreamRequest } from '../ports.js'
import { limitArgs } from './limit-args.js'
import { callCommand } from './call-command.js'
import type { CallCommand } from './call-command.js'
import { overrideCommand } from './override-command.js'
import type { OverrideCommand } from './override-command.js'
import { sessionCommand } from './session-command.js'
import type { SessionCommand } from './session-command.js'
import type { Topics } from './topics.js'
import { vehicleCommand } from './vehicle-command.js'
import type { VehicleCommand } from './vehicle-command.js'

/** A limit is a lease: it ends `validForS` after it is taken, unless it is renewed. */
export type UpstreamCommand =
  | {
      readonly type: 'limit'
      readonly id: string
      /** Undefined: the whole site. */
      readonly constraintId: string | undefined
      readonly limitA: PhaseA | undefined
      readonly limitKw: number | undefined
      readonly validForS: number
    }
  | {
      readonly type: 'clearLimit'
      readonly id: string
      readonly constraintId: string | undefined
    }
  | OverrideCommand
  | VehicleCommand
  | AuthoriseCommand
  | SessionCommand
  | CallCommand

export interface CommandRefusal {
  /** What the topic names; undefined: it is no command topic, and nobody is answered. */
  readonly name: string | undefined
  /** Undefined: the message has no usable id. */
  readonly id: string | undefined
  readonly status: 'rejected' | 'expired'
  /** What is wrong, with the value, for the sender. */
  readonly reason: string
}

export type ParsedCommand =
  | { readonly ok: true; readonly name: string; readonly command: UpstreamCommand }
  | { readonly ok: false; readonly refusal: CommandRefusal }

const MAX_PAYLOAD_BYTES = 16 * 1024
/** Valid for this long where the sender does not say, ms. */
const DEFAULT_VALIDITY_MS = 60_000
const MAX_VALIDITY_MS = 24 * 3600_000
/** How far the sender's clock may be ahead of ours, ms. */
const CLOCK_TOLERANCE_MS = 60_000
const DEFAULT_LEASE_S = 300
const MAX_LEASE_S = 86_400

const leaseArgs = z.strictObject({
  ...limitArgs,
  validForS: z.number().positive().max(MAX_LEASE_S).optional(),
  clear: z.literal(true).optional(),
})

/** Visible ASCII: the id comes back in acknowledgements and in the audit log. */
const commandId = z.string().regex(/^[!-~]{1,64}$/, 'must be 1 to 64 visible ASCII characters')
const wallMs = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const envelope = z.strictObject({
  id: commandId,
  ts: wallMs,
  expiresAt: wallMs.optional(),
  args: z.unknown(),
})

/**
 * Reads one message of a command topic. `nowWallMs` is the wall clock if it can be trusted, else
 * undefined; without it nobody can tell whether a command is still wanted, so none is taken.
 */
export function parseCommand(
  topics: Topics,
  request: UpstreamRequest,
  nowWallMs: number | undefined,
): ParsedCommand {
  const name = topics.commandName(request.topic)
  let id: string | undefined
  const refuse = (
    reason: string,
    status: CommandRefusal['status'] = 'rejected',
  ): ParsedCommand => ({
    ok: false,
    refusal: { name, id, status, reason },
  })

  if (name === undefined) return refuse('not a command topic of this site')
  if (isOversized(request.payload)) {
    return refuse(`a command has at most ${MAX_PAYLOAD_BYTES} bytes`)
  }
  const json = parseJson(request.payload)
  if (json === undefined) return refuse('the payload is not JSON')
  id = idOf(json)
  if (request.retained) {
    return refuse('retained commands are refused: they would act again after every reconnect')
  }
  const message = envelope.safeParse(json)
  if (!message.success) return refuse(problemText(message.error))
  const readArgs = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!readArgs) {
    const names = Object.keys(COMMANDS).join(', ')
    return refuse(`no command has the name "${name}"; there are: ${names}`)
  }

  const { ts, expiresAt = ts + DEFAULT_VALIDITY_MS } = message.data
  if (expiresAt < ts) return refuse(`expiresAt ${expiresAt} is before ts ${ts}`)
  if (expiresAt - ts > MAX_VALIDITY_MS) return refuse('expiresAt is more than 24 h after ts')
  if (nowWallMs === undefined) {
    return refuse('the clock of the gateway is not set: it cannot tell whether this has expired')
  }
  if (ts > nowWallMs + CLOCK_TOLERANCE_MS) {
    return refuse(`ts is ${Math.round((ts - nowWallMs) / 1000)} s in the future`)
  }
  if (nowWallMs > expiresAt) {
    return refuse(`expired ${Math.round((nowWallMs - expiresAt) / 1000)} s ago`, 'expired')
  }

  const command = readArgs(message.data.id, message.data.args)
  return typeof command === 'string'
    ? refuse(command.slice(0, MAX_REASON))
    : { ok: true, name, command }
}

/** The command, or what is wrong with its arguments. */
type ReadArgs = (id: string, args: unknown) => UpstreamCommand | string

const COMMANDS: Readonly<Record<string, ReadArgs>> = {
  authorize: authoriseCommand,
  call: callCommand,
  limit: limitCommand,
  override: overrideCommand,
  session: sessionCommand,
  vehicle: vehicleCommand,
}

function limitCommand(id: string, given: unknown): UpstreamCommand | string {
  const args = leaseArgs.safeParse(given)
  if (!args.success) return problemText(args.error, 'args')
  const { constraintId, limitA, limitKw, validForS, clear } = args.data
  if (clear) {
    if (limitA !== undefined || limitKw !== undefined || validForS !== undefined) {
      return 'args: clear comes alone or with constraintId'
    }
    return { type: 'clearLimit', id, constraintId }
  }
  if (limitA === undefined && limitKw === undefined) return 'args: limitA or limitKw is missing'
  return {
    type: 'limit',
    id,
    constraintId,
    limitA: typeof limitA === 'number' ? [limitA, limitA, limitA] : limitA,
    limitKw,
    validForS: validForS ?? DEFAULT_LEASE_S,
  }
}

function isOversized(text: string): boolean {
  if (text.length > MAX_PAYLOAD_BYTES) return true
  return new TextEncoder().encode(text).length > MAX_PAYLOAD_BYTES
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The id even of a message that is wrong otherwise, so that its sender can be told. */
function idOf(json: unknown): string | undefined {
  const parsed = z.looseObject({ id: commandId }).safeParse(json)
  return parsed.success ? parsed.data.id : undefined
}

const MAX_REASON = 300

function problemText(error: z.ZodError, prefix = ''): string {
  const problems = error.issues.map(({ path, message }) => {
    const where = [prefix, ...path.map(String)].filter((part) => part !== '').join('.')
    return where === '' ? message : `${where}: ${message}`
  })
  return problems.join('; ').slice(0, MAX_REASON)
}
