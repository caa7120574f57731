/** Runs the probe of a charger, one at a time: consent in, looks and questions out, the result kept. */
import { CAR_STEPS, PROBE_STEPS } from '../core/probe/probe-types.js'
import type {
  ProbeAction,
  ProbeAnswer,
  ProbeQuestion,
  ProbeStep,
} from '../core/probe/probe-types.js'
import { observe } from '../core/probe/observe.js'
import { giveUp, startProbe, stepProbe } from '../core/probe/probe.js'
import type { ProbeState, ProbeTurn } from '../core/probe/probe.js'
import { NO_PROBE, stateView } from '../core/probe/probe-view.js'
import { phaseCount } from '../core/phases.js'
import type { Plan } from '../core/plan/plan-types.js'
import type { Instant, LiveEvent, SiteEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { ProbeBackend, ProbeStart } from '../http/backend.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import type { Admission, Log } from '../ports.js'
import { answerOf, questionCall } from './probe-calls.js'
import type { ProbeRecords } from './probe-records.js'
import type { Sessions } from './sessions.js'

export interface ProbeDesk extends ProbeBackend {
  /** Once a second, before the round of control. */
  tick(): void
  /** Told of each event after it was reduced. */
  happened(event: SiteEvent): void
  /** The answer to a charge point that is kept away now; undefined: it is not. */
  admits(chargePointId: string): Admission | undefined
}

export interface ProbeDeskOwner {
  readonly site: Site
  readonly sessions: Sessions
  readonly records: ProbeRecords
  plan(): Plan
  now(): Instant
  live(event: LiveEvent): void
  wake(): void
  call(chargePointId: string, call: OutboundCall): Promise<CallEnd>
}

interface Run {
  readonly chargerId: string
  readonly chargePointId: string
  readonly connectorId: number
  readonly startedAtMs: number
  state: ProbeState
  isAborted: boolean
  /** Wall ms; undefined until the result is kept. */
  endedAtMs: number | undefined
  answers: ProbeAnswer[]
  boots: number
  atBoot: ProbeQuestion | undefined
  keptAwayUntilMs: number
}

export function createProbeDesk(owner: ProbeDeskOwner, log: Log): ProbeDesk {
  const { site, sessions } = owner
  /** The last of each charger. */
  const runs = new Map<string, Run>()
  let current: Run | undefined

  const ask = (run: Run, question: ProbeQuestion): void => {
    const { chargePointId, connectorId } = run
    owner.call(chargePointId, questionCall(question, connectorId)).then(
      (end) => run.answers.push(answerOf(question, end, wattsPerA(site, run))),
      (error: unknown) => log.error('probeCallFailed', { error: String(error) }),
    )
  }

  /** Before the fallback is sent again: what it says is what it has kept. */
  const askAtBoot = (run: Run, question: ProbeQuestion): void => {
    const { chargePointId, connectorId } = run
    owner.call(chargePointId, questionCall(question, connectorId)).then(
      (end) => {
        const ledger = site.chargePoints.get(chargePointId)?.connectors.get(connectorId)?.ledger
        const isUntold = ledger?.fallbackA === undefined && ledger?.inFlight === undefined
        const answer = answerOf(
          question,
          isUntold ? end : { type: 'timedOut' },
          wattsPerA(site, run),
        )
        run.answers.push(answer)
      },
      (error: unknown) => log.error('probeCallFailed', { error: String(error) }),
    )
    // As soon as its BootNotification is answered, ahead of the round of control.
    queueMicrotask(() => sessions.get(chargePointId)?.pump())
  }

  const act = (run: Run, action: ProbeAction): void => {
    const { chargePointId, connectorId } = run
    switch (action.type) {
      case 'hold':
        owner.live({ type: 'held', chargePointId, connectorId, hold: action.hold })
        break
      case 'keepAway':
        run.keptAwayUntilMs = owner.now().nowMs + action.forMs
        sessions.get(chargePointId)?.abandon(1012, 'Service restart')
        break
      case 'letBack':
        run.keptAwayUntilMs = -Infinity
        break
      case 'ask':
        ask(run, action.question)
        break
      case 'askAtBoot':
        run.atBoot = action.question
        break
    }
  }

  const take = (run: Run, { state, actions }: ProbeTurn): void => {
    run.state = state
    for (const action of actions) act(run, action)
    if (state.type !== 'running') end(run, state)
  }

  const end = (run: Run, state: Exclude<ProbeState, { type: 'running' }>): void => {
    run.atBoot = undefined
    const { chargePointId: chargePoint, isAborted } = run
    const { why, outcomes } = state
    log.info('probeEnded', {
      chargePoint,
      end: isAborted ? 'aborted' : state.type,
      ...(why !== undefined && { why }),
      clear: outcomes.filter(({ isClear }) => isClear).map(({ step }) => step),
      unclear: outcomes.filter(({ isClear }) => !isClear).map(({ step }) => step),
    })
    owner.records
      .keep(run.chargerId, outcomes)
      .catch((error: unknown) => log.error('depotNotSaved', { error: String(error) }))
      .finally(() => {
        run.endedAtMs = owner.now().wallMs
        if (current === run) current = undefined
      })
  }

  const looking = (run: Run): ReturnType<typeof observe> => {
    const { boots, answers } = run
    run.answers = []
    return observe(site, owner.plan(), run, { boots, answers })
  }

  return {
    start(chargerId, wish) {
      const charger = site.depot.chargers.get(chargerId)
      if (!charger) return no('notFound', `no charger has the id "${chargerId}"`)
      if (current) {
        const name = site.depot.chargers.get(current.chargerId)?.name ?? current.chargerId
        return no('conflict', `"${name}" is being probed: one at a time`)
      }
      const { ocppChargePointId: chargePointId } = charger
      const chargePoint =
        chargePointId === undefined ? undefined : site.chargePoints.get(chargePointId)
      if (chargePointId === undefined || chargePoint?.connected !== true) {
        return no('conflict', 'the charge point is not connected')
      }
      const connectors = [...chargePoint.connectors.values()]
      const connector =
        wish.connectorId === undefined
          ? (connectors.find(({ transactionId }) => transactionId !== undefined) ?? connectors[0])
          : chargePoint.connectors.get(wish.connectorId)
      if (!connector) return no('conflict', 'the charger has no such connector')
      const { nowMs, wallMs } = owner.now()
      const address = { chargePointId, connectorId: connector.id }
      const seen = observe(site, owner.plan(), address, { boots: 0, answers: [] })
      if (!seen) return no('conflict', 'the charger has just been changed: try again')
      // Without being asked nobody looks for what cannot be seen.
      const isPossible = (step: ProbeStep): boolean => step !== 'phases' || seen.meter !== undefined
      const steps = PROBE_STEPS.filter((step) => wish.steps?.includes(step) ?? isPossible(step))
      const withCar = steps.filter((step) => CAR_STEPS.includes(step))
      if (connector.transactionId === undefined && withCar.length > 0) {
        const message = `${withCar.join(', ')} need a car that charges on connector ${connector.id}`
        return no('conflict', `${message}: plug one in, or choose other steps`)
      }
      if (!seen.within) return no('conflict', 'a limit above the charger does not hold now')
      current = {
        ...address,
        chargerId,
        startedAtMs: wallMs,
        state: startProbe(steps, seen, nowMs),
        isAborted: false,
        endedAtMs: undefined,
        answers: [],
        boots: 0,
        atBoot: undefined,
        keptAwayUntilMs: -Infinity,
      }
      runs.set(chargerId, current)
      log.warn('probeStarted', { chargePoint: chargePointId, connector: connector.id, steps })
      return { ok: true }
    },

    abort(chargerId) {
      const run = current
      if (run?.chargerId !== chargerId || run.state.type !== 'running') return
      run.isAborted = true
      take(run, giveUp(run.state, 'the operator aborted it'))
      owner.wake()
    },

    view(chargerId) {
      const run = runs.get(chargerId)
      if (!run) return NO_PROBE
      const { state, startedAtMs, endedAtMs, connectorId, isAborted } = run
      const seen = stateView(state, owner.now().nowMs)
      // Ended is what is on disk.
      const ended = isAborted ? 'aborted' : state.type
      return {
        ...seen,
        state: endedAtMs === undefined ? 'running' : ended,
        connectorId,
        startedAtMs,
        endedAtMs,
      }
    },

    tick() {
      owner.records.markOutdated()
      const run = current
      if (run?.state.type !== 'running') return
      take(run, stepProbe(run.state, looking(run), owner.now().nowMs))
    },

    happened(event) {
      if (event.type !== 'rebooted' || event.chargePointId !== current?.chargePointId) return
      current.boots += 1
      const question = current.atBoot
      current.atBoot = undefined
      if (question) askAtBoot(current, question)
    },

    admits(chargePointId) {
      if (current?.chargePointId !== chargePointId) return undefined
      if (owner.now().nowMs >= current.keptAwayUntilMs) return undefined
      return { type: 'refuse', status: 503, reason: 'Try again soon' }
    },
  }
}

function no(kind: 'notFound' | 'conflict', message: string): ProbeStart {
  return { ok: false, kind, message }
}

function wattsPerA(site: Site, { chargePointId, connectorId }: Run): number {
  const evse = site.tree.byChargePoint.get(chargePointId)?.get(connectorId)
  return site.rules.nominalVoltageV * (evse ? phaseCount(evse.mask) : 3)
}
