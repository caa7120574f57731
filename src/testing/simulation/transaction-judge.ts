/**
 * Transactions are money: what chargers tell is compared with what they are answered, and in the end
 * with the sessions the controller has. Whatever crashed in between.
 */
import type { Controller } from '../../controller.js'
import type { Frame } from '../memory-network.js'
import { integerOf, isFields, numberOf, textOf, timeOf } from '../wire-fields.js'
import type { Fields } from '../wire-fields.js'
import type { ToldTransaction } from './uplink-judge.js'
import type { Verdicts } from './verdicts.js'
import { headOf, payloadOf } from './wire-truth.js'

export interface TransactionJudge {
  arriving(frame: Frame): void
  /** Compares with what the controller has in the end; undefined: there is none. */
  finish(controller: Controller | undefined): Promise<void>
  /** Those whose start was answered up to this time, ms since the start of the run. */
  told(untilMs: number): readonly ToldTransaction[]
}

interface Start {
  readonly where: string
  readonly identity: string
  readonly connectorId: number
  readonly meterStartWh: number
  readonly startedWallMs: number | undefined
  /** What it was answered, first. */
  id: number | undefined
  answeredMs: number
}

interface Stop {
  readonly meterStopWh: number | undefined
  isAnswered: boolean
  answeredMs: number
}

interface KnownSession {
  readonly transactionId: number
  readonly identity: string
  readonly connectorId: number
  readonly meterStartWh: number
  readonly energyWh: number
  readonly meterStopWh: number | undefined
  readonly isEnded: boolean
}

export function transactionJudge(options: {
  readonly verdicts: Verdicts
  readonly elapsedMs: () => number
  readonly repeated: () => void
}): TransactionJudge {
  const { verdicts, elapsedMs, repeated } = options
  /** By what the charger says of it: repeats of a start are the same start. */
  const starts = new Map<string, Start>()
  const byId = new Map<number, Start>()
  /** By transaction id. */
  const stops = new Map<number, Stop>()
  /** CALLs of charge points that are not answered, by identity and message id. */
  const asked = new Map<string, { readonly start?: Start; readonly stop?: Stop }>()

  const violated = (invariant: 'transactions' | 'durability', where: string, what: string): void =>
    verdicts.violated({ invariant, atMs: elapsedMs(), where, what })

  return {
    arriving({ identity, to, text }) {
      if (to === 'server') {
        if (text.includes('"StartTransaction"')) started(identity, text)
        else if (text.includes('"StopTransaction"')) stopped(identity, text)
      } else if (text.startsWith('[3,')) answered(identity, text)
    },
    async finish(controller) {
      if (!controller) return
      compare(await sessionsOf(controller))
    },
    told: (untilMs) =>
      [...byId]
        .filter(([, { answeredMs }]) => answeredMs <= untilMs)
        .map(([id, { where }]) => ({
          id,
          where,
          isStopAnswered: (stops.get(id)?.answeredMs ?? Infinity) <= untilMs,
        })),
  }

  function started(identity: string, text: string): void {
    const payload = payloadOf(text)
    const { connectorId, idTag, meterStart, timestamp } = payload
    const key = [identity, connectorId, idTag, meterStart, timestamp].join('|')
    const start: Start = starts.get(key) ?? {
      where: `${identity}#${String(connectorId)}`,
      identity,
      connectorId: integerOf(connectorId) ?? 0,
      meterStartWh: numberOf(meterStart) ?? 0,
      startedWallMs: timeOf(timestamp),
      id: undefined,
      answeredMs: Infinity,
    }
    if (starts.has(key)) repeated()
    starts.set(key, start)
    asked.set(`${identity} ${headOf(text)[0]}`, { start })
  }

  function stopped(identity: string, text: string): void {
    const payload = payloadOf(text)
    const id = integerOf(payload['transactionId']) ?? -1
    const meterStopWh = numberOf(payload['meterStop'])
    // Without an id it cannot be told which one it ends.
    if (id <= 0) return
    const stop: Stop = stops.get(id) ?? { meterStopWh, isAnswered: false, answeredMs: Infinity }
    stops.set(id, stop)
    asked.set(`${identity} ${headOf(text)[0]}`, { stop })
  }

  function answered(identity: string, text: string): void {
    const key = `${identity} ${headOf(text)[0]}`
    const question = asked.get(key)
    if (!question) return
    asked.delete(key)
    verdicts.checked('durability')
    if (question.stop) {
      question.stop.isAnswered = true
      question.stop.answeredMs = Math.min(question.stop.answeredMs, elapsedMs())
    }
    if (question.start) startAnswered(question.start, integerOf(payloadOf(text)['transactionId']))
  }

  function startAnswered(start: Start, id: number | undefined): void {
    if (id === undefined) {
      return violated('transactions', start.where, 'a start is answered without an id')
    }
    if (start.id !== undefined && start.id !== id) {
      violated(
        'durability',
        start.where,
        `a start that was answered ${start.id} is answered ${id} when it is repeated`,
      )
    }
    const owner = byId.get(id)
    if (owner && owner !== start) {
      violated('durability', start.where, `is given id ${id}, which ${owner.where} has already`)
    }
    start.id = id
    start.answeredMs = Math.min(start.answeredMs, elapsedMs())
    byId.set(id, start)
  }

  function compare(sessions: readonly KnownSession[]): void {
    const known = new Map<number, KnownSession>()
    for (const session of sessions) {
      if (known.has(session.transactionId)) {
        violated('transactions', placeOf(session), `${session.transactionId} is there twice`)
      }
      known.set(session.transactionId, session)
      if (!byId.has(session.transactionId)) noteUnasked(session)
    }
    for (const start of starts.values()) {
      verdicts.checked('transactions')
      if (start.id === undefined) continue
      const session = known.get(start.id)
      if (!session) violated('durability', start.where, `${start.id} was answered and is not there`)
      else compareOne(start, start.id, session)
    }
  }

  /** It may have been written and never answered: then the charger repeats it, or nobody started it. */
  function noteUnasked(session: KnownSession): void {
    const isOfCharger = [...starts.values()].some(
      (start) =>
        start.id === undefined &&
        start.identity === session.identity &&
        start.connectorId === session.connectorId &&
        start.meterStartWh === session.meterStartWh,
    )
    if (isOfCharger) return
    violated('transactions', placeOf(session), `${session.transactionId} was started by nobody`)
  }

  function compareOne(start: Start, id: number, session: KnownSession): void {
    const { where, meterStartWh } = start
    if (placeOf(session) !== where || session.meterStartWh !== meterStartWh) {
      violated('transactions', where, `${id} is kept as another start at ${placeOf(session)}`)
    }
    const stop = stops.get(id)
    if (!stop?.isAnswered) return
    if (!session.isEnded) {
      return violated('durability', where, `the stop of ${id} was answered, and it is open`)
    }
    if (stop.meterStopWh === undefined) return
    const energyWh = stop.meterStopWh - meterStartWh
    if (session.meterStopWh !== stop.meterStopWh || session.energyWh !== energyWh) {
      violated(
        'transactions',
        where,
        `${id} took ${energyWh} Wh up to ${stop.meterStopWh} and is kept with ` +
          `${session.energyWh} Wh up to ${session.meterStopWh ?? '?'}`,
      )
    }
  }
}

function placeOf({ identity, connectorId }: KnownSession): string {
  return `${identity}#${connectorId}`
}

async function sessionsOf(controller: Controller): Promise<readonly KnownSession[]> {
  const request = new Request('http://localhost/api/v1/sessions?limit=1000', {
    headers: { host: 'localhost' },
  })
  const response = await controller.handle(request, { remoteAddress: '127.0.0.1' })
  const ended: unknown = await response.json()
  if (!response.ok || !Array.isArray(ended)) {
    throw new Error(`the controller does not tell its sessions: ${response.status}`)
  }
  return [
    ...ended.map((session: unknown) => endedOf(isFields(session) ? session : {})),
    ...controller.view().sessions.map((session) => ({
      transactionId: session.transactionId,
      identity: session.chargePointId,
      connectorId: session.evseId,
      meterStartWh: session.meterStartWh,
      energyWh: session.energyWh,
      meterStopWh: session.meterStopWh,
      isEnded: false,
    })),
  ]
}

function endedOf(session: Fields): KnownSession {
  return {
    transactionId: integerOf(session['transaction_id']) ?? -1,
    identity: textOf(session['ocpp_charge_point_id']) ?? '',
    connectorId: integerOf(session['evse_id']) ?? -1,
    meterStartWh: numberOf(session['meter_start_wh']) ?? -1,
    energyWh: numberOf(session['energy_wh']) ?? -1,
    meterStopWh: numberOf(session['meter_stop_wh']),
    isEnded: true,
  }
}
