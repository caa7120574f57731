/** What the backend orders of vehicles and sessions: carried out once, on disk before it is said. */
import type { PlanChange } from '../core/energy/session-plan.js'
import { schemaFindings } from '../config/schema-findings.js'
import {
  vehicleFieldsAfter,
  vehicleFieldsSchema,
  vehicleFromWire,
  vehicleProblem,
} from '../config/vehicle-schema.js'
import type { Problem } from '../core/site/edit.js'
import type { JournalEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import { vehicleByTag } from '../core/site/vehicle.js'
import type { Vehicle } from '../core/site/vehicle.js'
import type { EditOutcome } from '../http/backend.js'
import type { CommandStatus } from '../telemetry/ack-message.js'
import { toCamelNames } from '../telemetry/camel-case.js'
import type { SessionAddress, SessionCommand } from '../telemetry/session-command.js'
import type { VehicleCommand } from '../telemetry/vehicle-command.js'
import type { DepotDesk } from './depot-desk.js'

export interface OrderOwner {
  readonly site: Site
  readonly desk: Pick<DepotDesk, 'change'>
  planSession(sessionId: string, change: PlanChange): Promise<EditOutcome>
  /** Reduces at once; resolves when the events are on disk. */
  commit(events: readonly JournalEvent[]): Promise<void>
}

type Order = VehicleCommand | SessionCommand
type Result = Readonly<Record<string, unknown>>

const VEHICLES_MAX = 10_000

export interface BackendOrders {
  /** Answers exactly once. */
  carryOut(
    order: Order,
    answer: (status: CommandStatus, reason?: string, result?: Result) => void,
  ): void
}

export function backendOrders(owner: OrderOwner): BackendOrders {
  const { site } = owner
  /** Under way: a repeat waits for no second answer. */
  const pending = new Set<string>()

  const putVehicle = async ({ vehicleId, change }: Put): Promise<EditOutcome> => {
    let refusal: EditOutcome | undefined
    // An edit that waits before this one may change it.
    const outcome = await owner.desk.change((depot) => {
      const before = depot.vehicles.get(vehicleId)
      const isFull = !before && depot.vehicles.size >= VEHICLES_MAX
      const made = isFull
        ? `there are ${VEHICLES_MAX} vehicles already`
        : vehicleAfter(vehicleId, before, change)
      if (typeof made !== 'string') return { type: 'putVehicle', vehicle: made }
      refusal = refused(made)
      return undefined
    })
    return refusal ?? outcome
  }

  const run = (
    order: Order,
  ): Promise<{ readonly outcome: EditOutcome; readonly result: Result }> => {
    switch (order.type) {
      case 'putVehicle':
        return withResult(putVehicle(order), { vehicleId: order.vehicleId })
      case 'deleteVehicle': {
        const { vehicleId } = order
        const edit = { type: 'deleteVehicle', id: vehicleId } as const
        return withResult(owner.desk.change(edit), { vehicleId })
      }
      case 'planSession': {
        const sessionId = sessionOf(site, order.session)
        if (sessionId === undefined) {
          return withResult(Promise.resolve(refused(noSession(order.session))), {})
        }
        return withResult(owner.planSession(sessionId, order.change), { sessionId })
      }
    }
  }

  return {
    carryOut(order, answer) {
      if (pending.has(order.id)) {
        answer('duplicate', 'the same command is being carried out')
        return
      }
      pending.add(order.id)
      run(order)
        .then(async ({ outcome, result }) => {
          if (!outcome.ok) {
            answer('rejected', problemText(outcome.problem))
            return
          }
          await owner.commit([
            { type: 'commandAnswered', commandId: order.id, status: 'done', reason: undefined },
          ])
          answer('done', undefined, result)
        })
        .catch(() => answer('failed', 'the disk refused it: send it again'))
        .finally(() => pending.delete(order.id))
    },
  }
}

type Put = Extract<VehicleCommand, { type: 'putVehicle' }>

async function withResult(
  outcome: Promise<EditOutcome>,
  result: Result,
): Promise<{ readonly outcome: EditOutcome; readonly result: Result }> {
  return { outcome: await outcome, result }
}

/** The vehicle, or what is wrong with it. */
function vehicleAfter(
  id: string,
  before: Vehicle | undefined,
  change: Put['change'],
): Vehicle | string {
  const fields = vehicleFieldsAfter(before, change)
  const parsed = vehicleFieldsSchema.safeParse(fields)
  if (!parsed.success) {
    return schemaFindings(parsed.error, fields)
      .map(({ path, message }) => `${path.join('.')}: ${message}`)
      .join('; ')
  }
  return vehicleProblem(parsed.data) ?? vehicleFromWire({ ...parsed.data, id })
}

function sessionOf({ transactions, depot }: Site, address: SessionAddress): string | undefined {
  if (address.type === 'session') return address.sessionId
  // The latest one counts.
  const open = [...transactions.values()].findLast((transaction) =>
    address.type === 'vehicle'
      ? vehicleByTag(depot.vehicles, transaction.idTag)?.id === address.vehicleId
      : transaction.chargePointId === address.chargePointId &&
        transaction.connectorId === address.evseId,
  )
  return open && String(open.id)
}

function noSession(address: SessionAddress): string {
  return address.type === 'evse'
    ? `no session is going on at connector ${address.evseId} of "${address.chargePointId}"`
    : `no session of vehicle "${address.type === 'vehicle' ? address.vehicleId : ''}" is going on`
}

function refused(message: string): EditOutcome {
  return { ok: false, problem: { kind: 'invalid', field: undefined, message } }
}

function problemText({ field, message }: Problem): string {
  return toCamelNames(field === undefined ? message : `${field} ${message}`)
}
