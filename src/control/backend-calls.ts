/**
 * Calls that the backend asks for. Carried out at most once: that it was asked is on disk before the
 * charge point hears of it, so that a repeat after a crash resets nothing a second time.
 */
import { schemaFindings } from '../config/schema-findings.js'
import type { CommandAnswered, JournalEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { CallOrder, OrderOutcome } from '../http/call-order.js'
import { callSchema } from '../http/call-shape.js'
import { orderResult } from '../http/calls.js'
import type { OrderResult } from '../http/calls.js'
import type { CommandStatus } from '../telemetry/ack-message.js'
import type { CallCommand } from '../telemetry/call-command.js'
import { toCamelKeys, toCamelNames } from '../telemetry/camel-case.js'

export interface CallsOwner {
  readonly site: Site
  order(chargePointId: string, order: CallOrder): Promise<OrderOutcome>
  /** Reduces at once; resolves when the events are on disk. */
  commit(events: readonly JournalEvent[]): Promise<void>
}

export interface BackendCalls {
  /** Answers exactly once. */
  carryOut(
    command: CallCommand,
    answer: (
      status: CommandStatus,
      reason?: string,
      result?: Readonly<Record<string, unknown>>,
    ) => void,
  ): void
}

/** Calls of the backend that wait for their charge points. */
const UNDER_WAY_MAX = 200

export function backendCalls(owner: CallsOwner): BackendCalls {
  const { site } = owner
  let underWay = 0

  const refusal = ({ chargePointId, wire }: CallCommand): string | CallOrder => {
    if (!site.tree.byChargePoint.has(chargePointId)) {
      return `no charger has the OCPP id "${chargePointId}"`
    }
    const parsed = callSchema.safeParse(wire)
    if (!parsed.success) {
      return schemaFindings(parsed.error, wire)
        .map(({ path, message }) => toCamelNames(`${path.join('.')}: ${message}`))
        .join('; ')
    }
    return underWay < UNDER_WAY_MAX ? parsed.data : 'too many calls wait for their answers'
  }

  return {
    carryOut(command, answer) {
      const order = refusal(command)
      if (typeof order === 'string') {
        answer('rejected', order.slice(0, REASON_MAX))
        return
      }
      underWay += 1
      const { id, chargePointId } = command
      owner
        .commit([answered(id, 'accepted', 'its outcome is not known any more')])
        .then(
          async () => {
            const told = orderResult(await owner.order(chargePointId, order))
            const [status, reason] = ended(told)
            // Lost in a crash, the repeat is told as accepted; the call is not made again.
            owner.commit([answered(id, status, reason)]).catch(() => undefined)
            answer(status, reason, told.ok ? resultOf(told.result) : undefined)
          },
          () => answer('failed', 'the disk refused it, nothing was sent: send it again'),
        )
        .catch((error: unknown) => answer('failed', String(error)))
        .finally(() => (underWay -= 1))
    },
  }
}

const REASON_MAX = 300

/** What the charge point said no to is in the result: the call itself has been made. */
function ended(told: OrderResult): readonly [CommandStatus, string | undefined] {
  if (told.ok) return ['done', undefined]
  const isUnknown = told.status === 502 || told.status === 504
  return [isUnknown ? 'failed' : 'rejected', told.message.slice(0, REASON_MAX)]
}

function resultOf(result: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { payload, ...rest } = result
  const named = Object.entries(rest).filter(([, value]) => value !== null)
  const camel = toCamelKeys(Object.fromEntries(named))
  return { ...Object(camel), ...(payload !== undefined && { payload }) }
}

function answered(
  commandId: string,
  status: CommandStatus,
  reason: string | undefined,
): CommandAnswered {
  return { type: 'commandAnswered', commandId, status, reason }
}
