/** The backend is asked who may charge, and says so by a command. */
import { z } from 'zod'
import { idTagText } from '../config/depot-fields.js'
import type { IdTagInfo } from '../core/site/authorise.js'
import type { UpstreamMessage } from '../ports.js'
import { toSnakeKeys } from './camel-case.js'
import type { Topics } from './topics.js'
import { problemsText } from './vehicle-command.js'

export interface AuthoriseCommand {
  readonly type: 'authorize'
  readonly id: string
  readonly requestId: string
  readonly info: IdTagInfo
}

/** After that nobody waits for the answer. */
const EXPIRY_S = 60

export function authorisationMessage(
  topics: Topics,
  request: {
    readonly requestId: string
    readonly chargePointId: string
    readonly idTag: string
    readonly atMs: number
    readonly untilMs: number
  },
): UpstreamMessage {
  const { requestId, chargePointId, idTag, atMs: ts, untilMs: answerUntil } = request
  const payload = JSON.stringify({ requestId, ts, answerUntil, chargePointId, idTag })
  return { topic: topics.authorize, payload, qos: 1, retain: false, expiryS: EXPIRY_S }
}

const argsSchema = z.strictObject({
  request_id: z.string().min(1).max(64),
  status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
  parent_id_tag: idTagText.nullish(),
  expires_ts: z.int().min(0).nullish(),
})

/** The command, or what is wrong with its arguments. */
export function authoriseCommand(id: string, given: unknown): AuthoriseCommand | string {
  const args = toSnakeKeys(given)
  const parsed = argsSchema.safeParse(args)
  if (!parsed.success) return problemsText(parsed.error, args)
  const { request_id: requestId, status, parent_id_tag: parent, expires_ts: expires } = parsed.data
  const info = { status, parentIdTag: parent ?? undefined, expiresWallMs: expires ?? undefined }
  return { type: 'authorize', id, requestId, info }
}
