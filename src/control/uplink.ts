/**
 * The upstream side: birth and state out, events out until acknowledged, commands in. The depot runs
 * the same whether a broker is there or not.
 */
import { backendCalls } from './backend-calls.js'
import type { CallsOwner } from './backend-calls.js'
import { backendOrders } from './backend-orders.js'
import type { OrderOwner } from './backend-orders.js'
import { isClockTrusted } from '../core/limits/clock-caution.js'
import type { Depot } from '../core/site/depot.js'
import type { JournalEvent } from '../core/site/events.js'
import { SITE_NODE_ID } from '../core/site/tree.js'
import type { View } from '../core/site/view.js'
import type { OverrideOutcome } from '../http/backend.js'
import type { AuthorisationDesk, AuthorisationRequest } from './authorisation-desk.js'
import { authorisationMessage } from '../telemetry/authorisation-messages.js'
import type { AuthoriseCommand } from '../telemetry/authorisation-messages.js'
import type { OverrideDesk } from './override-desk.js'
import type { MqttSettings } from '../config/settings.js'
import type { Clock, Log, Upstream, UpstreamMessage, UpstreamRequest } from '../ports.js'
import { ackMessage } from '../telemetry/ack-message.js'
import type { CommandStatus } from '../telemetry/ack-message.js'
import { parseCommand } from '../telemetry/commands.js'
import type { UpstreamCommand } from '../telemetry/commands.js'
import { eventMessage } from '../telemetry/event-message.js'
import { outbox } from '../telemetry/outbox.js'
import type { OverrideCommand } from '../telemetry/override-command.js'
import { statePublisher } from '../telemetry/state-publisher.js'
import { infoMessage, statusMessage, willMessage } from '../telemetry/status-messages.js'
import { siteTopics } from '../telemetry/topics.js'
import { rateLimit } from '../http/rate-limit.js'

export interface UplinkOwner extends OrderOwner, CallsOwner {
  readonly overrides: OverrideDesk
  readonly authorisation: Pick<AuthorisationDesk, 'answered'>
  readonly boot: string
  readonly version: string
  view(): View
  /** Reduces at once; on disk within a minute. */
  note(event: JournalEvent): void
  /** What was raised up to this number is on disk. */
  durableSeq(): number
  wake(): void
}

export interface Uplink {
  isConnected(): boolean
  /** Asks the backend who may charge; false: it is away. */
  askAuthorisation(request: AuthorisationRequest): boolean
  start(): void
  /** Once a second: what has changed, and what waits. */
  tick(): void
  stop(): Promise<void>
}

/** Commands beyond this are refused: each may cost a write to the disk and a round of control. */
const COMMANDS_PER_S = 20
const COMMANDS_BURST = 200
const FLOOD_NOTED_EACH_MS = 60_000

/** State messages in one second: a page of changes must not starve the events. */
const STATES_PER_TICK = 40

export function createUplink(
  owner: UplinkOwner,
  upstream: Upstream,
  settings: Pick<MqttSettings, 'rootTopic' | 'commands'>,
  ports: { readonly clock: Clock; readonly log: Log },
): Uplink {
  const { clock, log } = ports
  const { site, boot, version } = owner
  const topics = siteTopics(settings.rootTopic, site.rules.siteId)
  const publisher = statePublisher(topics)
  const events = outbox()
  const rate = rateLimit({ perSecond: COMMANDS_PER_S, burst: COMMANDS_BURST, maxAddresses: 1 })
  const orders = backendOrders(owner)
  const calls = backendCalls(owner)
  let floodNotedMs = -Infinity
  let takenSeq = 0
  let connected = false
  let everConnected = false
  /** The depot that the published info tells of. */
  let infoOf: Depot | undefined

  const publish = (message: UpstreamMessage): void => {
    upstream.publish(message).catch((error: unknown) => {
      publisher.failed(message)
      log.debug('publishFailed', { topic: message.topic, error: String(error) })
    })
  }

  const publishInfo = (): void => {
    infoOf = site.depot
    publish(
      infoMessage(topics, {
        ts: clock.now(),
        boot,
        version,
        siteName: site.rules.siteName,
        timezone: site.rules.timezone,
        commands: settings.commands,
        constraints: site.depot.constraints.size,
        chargers: site.depot.chargers.size,
        eventsPending: events.pending,
        eventsDropped: events.dropped,
      }),
    )
  }

  const publishState = (): void => {
    for (const message of publisher.due(owner.view(), clock.monotonic(), STATES_PER_TICK)) {
      publish(message)
    }
  }

  /** Only what a loss of power cannot take back: its number would be another event's. */
  const takeNewEvents = (): void => {
    const durableSeq = owner.durableSeq()
    for (const event of site.outbox) {
      if (event.seq <= takenSeq || event.seq > durableSeq) continue
      takenSeq = event.seq
      const lost = events.add(event)
      if (lost) log.warn('eventDropped', { seq: lost.seq, type: lost.type })
    }
  }

  const publishEvents = (): void => {
    for (const event of events.next(clock.monotonic())) {
      upstream.publish(eventMessage(topics, event)).then(
        () => {
          if (!events.acknowledged(event.seq)) return
          const seq = (events.oldestSeq ?? takenSeq + 1) - 1
          owner.note({ type: 'uplinkAcknowledged', seq })
        },
        () => events.failed(event.seq, clock.monotonic()),
      )
    }
  }

  /** Once in a while: a flood must not fill the log. */
  const noteFlood = (nowMs: number): void => {
    if (nowMs - floodNotedMs < FLOOD_NOTED_EACH_MS) return
    floodNotedMs = nowMs
    log.warn('tooManyCommands', { perSecond: COMMANDS_PER_S })
  }

  const acknowledge = (...answer: Parameters<typeof tell>): void => {
    tell(...answer)
    const [, name, id, status, reason] = answer
    log.info('commandAnswered', { command: name, id, status, reason })
  }

  const tell = (
    request: UpstreamRequest,
    name: string,
    id: string | undefined,
    status: CommandStatus,
    reason?: string,
    result?: Readonly<Record<string, unknown>>,
  ): void => {
    const { responseTopic, correlationData } = request
    publish(
      ackMessage({
        topics,
        name,
        id,
        status,
        ts: clock.now(),
        reason,
        result,
        responseTopic,
        correlationData,
      }),
    )
  }

  const received = (request: UpstreamRequest): void => {
    const wallMs = clock.now()
    const parsed = parseCommand(topics, request, isClockTrusted(wallMs) ? wallMs : undefined)
    const waitS = rate.take('', clock.monotonic())
    if (waitS !== undefined) {
      const { name, id } = parsed.ok ? { name: parsed.name, id: parsed.command.id } : parsed.refusal
      const reason = `more than ${COMMANDS_PER_S} commands a second: send it again in ${waitS} s`
      if (name !== undefined) tell(request, name, id, 'rejected', reason)
      noteFlood(clock.monotonic())
      return
    }
    if (!parsed.ok) {
      const { name, id, status, reason } = parsed.refusal
      if (name !== undefined) acknowledge(request, name, id, status, reason)
      return
    }
    const { name, command } = parsed
    const before = site.commandAnswers.get(command.id)
    if (before) {
      const words = before.reason === undefined ? '' : `: ${before.reason}`
      acknowledge(
        request,
        name,
        command.id,
        'duplicate',
        `answered before as ${before.status}${words}`,
      )
      return
    }
    if (command.type === 'authorize') {
      authorised(request, name, command)
      return
    }
    const refusal = whyNot(command)
    if (refusal !== undefined) {
      acknowledge(request, name, command.id, 'rejected', refusal)
      return
    }
    if (command.type === 'call') {
      calls.carryOut(command, (status, reason, result) =>
        acknowledge(request, name, command.id, status, reason, result),
      )
      return
    }
    if (!isLimit(command)) {
      orders.carryOut(command, (status, reason, result) =>
        acknowledge(request, name, command.id, status, reason, result),
      )
      return
    }
    limited(command, wallMs).then(
      (outcome) => {
        if (outcome.ok) acknowledge(request, name, command.id, 'done')
        else acknowledge(request, name, command.id, 'rejected', outcome.message)
      },
      () =>
        acknowledge(
          request,
          name,
          command.id,
          'failed',
          'in force, but the disk refused it: it will not survive a restart',
        ),
    )
    owner.wake()
  }

  /** An answer to a question of ours: taken with every kind of commands but none. */
  const authorised = (request: UpstreamRequest, name: string, command: AuthoriseCommand): void => {
    const answer = (status: CommandStatus, reason?: string): void =>
      tell(request, name, command.id, status, reason)
    if (settings.commands === 'off') {
      answer('rejected', 'commands are switched off here (mqtt.commands: off)')
      return
    }
    owner.authorisation.answered(command).then(
      (isTaken) =>
        isTaken
          ? answer('done')
          : answer('rejected', `nobody waits for "${command.requestId}", or not any more`),
      () => answer('failed', 'in force, but the disk refused it'),
    )
  }

  const limited = async (command: LimitCommand, wallMs: number): Promise<OverrideOutcome> => {
    const nodeId = command.constraintId ?? SITE_NODE_ID
    if (command.type === 'override') {
      const { limitA, limitKw, ignoresSchedule, until, reason, by } = command
      const order = { nodeId, limitA, limitKw, ignoresSchedule, until, reason, by }
      return owner.overrides.set({ ...order, via: 'mqtt' }, answered(command.id))
    }
    if (command.type === 'clearOverride') {
      return owner.overrides.clear(nodeId, { by: '', via: 'mqtt' }, answered(command.id))
    }
    await owner.commit([leaseOf(command, wallMs), answered(command.id)])
    return { ok: true }
  }

  /** By the backend's word alone nothing rises that people at the site have lowered. */
  const mayRaise = (command: LimitCommand): boolean => {
    if (command.type === 'override' && command.ignoresSchedule) return true
    if (command.type !== 'override' && command.type !== 'clearOverride') return false
    const before = site.overrides.get(command.constraintId ?? SITE_NODE_ID)
    return before?.via === 'rest' && clock.monotonic() < before.untilMs
  }

  const whyNot = (command: UpstreamCommand): string | undefined => {
    if (settings.commands === 'off') return 'commands are switched off here (mqtt.commands: off)'
    if (!isLimit(command)) {
      return settings.commands === 'all'
        ? undefined
        : 'only commands that lower a limit are taken here (mqtt.commands: lower-only); ' +
            'vehicles, sessions and calls need mqtt.commands: all'
    }
    if (settings.commands !== 'all' && mayRaise(command)) {
      return (
        'it may raise a limit, and only commands that lower one are taken here ' +
        '(mqtt.commands: lower-only; all takes both)'
      )
    }
    const { constraintId } = command
    if (constraintId === undefined || site.tree.nodeById.has(constraintId)) return undefined
    return `no constraint has the id "${constraintId}"`
  }

  return {
    isConnected: () => connected,

    start() {
      upstream.start(
        { will: willMessage(topics, boot), subscriptions: [topics.commandFilter] },
        {
          connected() {
            connected = true
            publisher.reset()
            const reason = everConnected ? 'reconnect' : 'start'
            everConnected = true
            publish(statusMessage(topics, { online: true, reason, ts: clock.now(), boot, version }))
            publishInfo()
            publishState()
            log.info('upstreamConnected', { reason })
          },
          disconnected(reason) {
            if (connected) log.warn('upstreamDisconnected', { reason })
            connected = false
            events.disconnected()
          },
          received,
        },
      )
    },

    askAuthorisation(request) {
      if (!connected) return false
      publish(authorisationMessage(topics, request))
      return true
    },

    tick() {
      takeNewEvents()
      if (!connected) return
      if (infoOf !== site.depot) publishInfo()
      publishState()
      publishEvents()
    },

    async stop() {
      await upstream.stop(
        statusMessage(topics, { online: false, reason: 'stop', ts: clock.now(), boot, version }),
      )
      connected = false
    },
  }
}

function leaseOf(command: LeaseCommand, wallMs: number): JournalEvent {
  const nodeId = command.constraintId ?? SITE_NODE_ID
  const common = { type: 'limitCommanded', commandId: command.id, nodeId } as const
  if (command.type === 'clearLimit') {
    return { ...common, limitA: undefined, limitKw: undefined, untilWallMs: wallMs }
  }
  const { limitA, limitKw, validForS } = command
  const validForMs = validForS * 1000
  return { ...common, limitA, limitKw, untilWallMs: wallMs + validForMs, validForMs }
}

type LeaseCommand = Extract<UpstreamCommand, { type: 'limit' | 'clearLimit' }>
type LimitCommand = LeaseCommand | OverrideCommand

function isLimit(command: UpstreamCommand): command is LimitCommand {
  switch (command.type) {
    case 'limit':
    case 'clearLimit':
    case 'override':
    case 'clearOverride':
      return true
    case 'putVehicle':
    case 'deleteVehicle':
    case 'planSession':
    case 'call':
    case 'authorize':
      return false
  }
}

function answered(commandId: string): JournalEvent {
  return { type: 'commandAnswered', commandId, status: 'done', reason: undefined }
}
