/**
 * The only owner of the site's state: events in, effects out. Runs anywhere its ports run: as the
 * depot's process, in another program, or on a virtual clock.
 */
import type { Settings } from './config/settings.js'
import { assemble } from './control/assemble.js'
import { energyNotes } from './control/energy-notes.js'
import { createFieldDesk } from './control/field-desk.js'
import { createFrameLog } from './control/frame-log.js'
import { journalWriter } from './control/journal-writer.js'
import { looseEnds, warnOfLooseEnds } from './control/loose-ends.js'
import { sendOperatorCall } from './control/operator-calls.js'
import { restBackend } from './control/rest-backend.js'
import { restoreSite } from './control/restore.js'
import { rulesOf } from './control/rules.js'
import type { Running } from './control/running.js'
import { noteJump } from './core/limits/charger-clock.js'
import { noteClock } from './core/limits/clock-caution.js'
import type { Instant, JournalEvent, SiteEvent } from './core/site/events.js'
import { followFallbacks } from './core/site/follow-fallbacks.js'
import { historyOf } from './core/site/history.js'
import { makeView } from './core/site/make-view.js'
import { reduce } from './core/site/reduce.js'
import type { Site } from './core/site/state.js'
import type { View } from './core/site/view.js'
import { restApi } from './http/app.js'
import { fileTransfer } from './http/file-transfers.js'
import type { Peer } from './http/app.js'
import type { CallEnd } from './ocpp/call-end.js'
import type { OutboundCall, RawCall } from './ocpp/v16/outbound-call.js'
import type { Cancel, Log, Ports } from './ports.js'

export interface StartReport {
  /** The REST token, only when it was made by this start: it is not kept, show it once. */
  readonly newToken: string | undefined
  readonly isFirstStart: boolean
  /** What the store had to recover, in words for the operator. */
  readonly recovered: readonly string[]
}

export interface Controller {
  /** Loads the store, takes up control, then accepts charge points. Rejects if the store cannot be read. */
  start(): Promise<StartReport>
  /** Idempotent and bounded. Chargers keep their limits until those expire. */
  stop(): Promise<void>
  /** What is known now. Throws before `start`. */
  view(): View
  /** The REST API without a socket. */
  handle(request: Request, peer: Peer): Promise<Response>
  /** The part of it that charge points use, without a token; undefined: the request is for none. */
  transfer(request: Request): Promise<Response | undefined>
  /** Called once a second with what is known then. */
  onChange(watch: (view: View) => void): Cancel
  /** Called after each round of control: at least once a second while control works. */
  onRound(watch: () => void): Cancel
  /** Looks at everything again now, as at the edge of a schedule window. */
  wake(): void
  /**
   * Sends a call to a charge point when its slot is free; resolves with how it ended. Charging
   * profiles are the ledger's alone: setting one is refused, clearing is while a car charges.
   */
  request(chargePointId: string, call: OutboundCall | RawCall): Promise<CallEnd>
  /**
   * An operator has removed what made the watchdog cut off chargers below this constraint (or
   * `site`): relays close, chargers serve again.
   */
  restore(nodeId: string): void
  /** Folds the journal into the history. */
  housekeep(): Promise<void>
}

const VERSION = '0.1.0'
const TICK_MS = 1_000
const FLUSH_MS = 30_000
/** Records; beyond, the journal is folded into the history. */
const FOLD_AFTER = 5_000
const SILENT_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** `settings` from `loadSettings` or `defaultSettings`; `ports` from `adapters/` or `testing/`. */
export function createController(settings: Settings, ports: Ports): Controller {
  const { clock } = ports
  const log = ports.log ?? SILENT_LOG
  const watchers = new Set<(view: View) => void>()
  const roundWatchers = new Set<() => void>()
  let running: Running | undefined
  let tokenHash: string | undefined
  let cancelTick: Cancel | undefined
  let wakesNow = false
  let wakesSoon = false
  let stopped = false
  const energies = energyNotes()
  const frames = createFrameLog(clock)
  let lastFlushMs = clock.monotonic()

  const now = (): Instant => ({
    nowMs: clock.monotonic(),
    wallMs: clock.now(),
    epoch: clock.epoch,
  })

  const on = (): Running => {
    if (!running) throw new Error('the controller has not been started: await start() first')
    return running
  }

  const apply = (event: SiteEvent): void => {
    reduce(on().site, event, now())
    on().probes.happened(event)
  }

  const commit = (events: readonly JournalEvent[]): Promise<void> => {
    for (const event of events) apply(event)
    return on().journal.durable(events)
  }

  const note = (event: JournalEvent): void => {
    apply(event)
    on().journal.lazy(event)
  }

  /** What an embedder's watcher throws is his, and stops nothing here. */
  const guarded = (watch: () => void): void => {
    try {
      watch()
    } catch (error) {
      log.error('watcherFailed', { error: String(error) })
    }
  }

  /** Before anything is planned or told by it. */
  const lookAtClock = (site: Site): void => {
    const { nowMs, wallMs } = now()
    const jumpMs = noteClock(site.clock, nowMs, wallMs)
    if (jumpMs === 0) return
    noteJump(site, jumpMs, nowMs)
    log.warn('clockJumped', { byMs: Math.round(jumpMs) })
  }

  const run = (): void => {
    if (!running || stopped) return
    lookAtClock(running.site)
    followFallbacks(running.site, now())
    running.watchdog.act()
    running.plan = running.cycle.run()
    for (const watch of roundWatchers) guarded(watch)
  }

  /** What may have to lower something is acted on in this turn of the event loop. */
  const wakeNow = (): void => {
    if (wakesNow) return
    wakesNow = true
    queueMicrotask(() => {
      wakesNow = false
      run()
    })
  }

  /** A crowd of chargers that connects or answers at once is one round, not one for each. */
  const wake = (): void => {
    if (wakesSoon) return
    wakesSoon = true
    clock.soon(() => {
      wakesSoon = false
      run()
    })
  }

  const view = (): View => {
    const { site, plan, uplink } = on()
    const { nowMs, wallMs } = now()
    return makeView(site, plan, {
      nowMs,
      wallMs,
      upstreamConnected: uplink?.isConnected() ?? false,
      upstreamConfigured: uplink !== undefined,
    })
  }

  const tick = (): void => {
    const { site, journal, sessions, frontDesk, probes, uplink, watchdog, departures } = on()
    const { transactions, operations } = on()
    const { capabilities, care } = on()
    const { nowMs } = now()
    sessions.tick()
    frontDesk.tick()
    probes.tick()
    on().listenerWatch.tick()
    watchdog.look(on().plan)
    run()
    capabilities.tick()
    care.tick()
    departures.tick()
    transactions.tick()
    on().pending.tick()
    on().localLists.tick()
    operations.tick()
    if (watchers.size > 0) {
      const current = view()
      for (const watch of watchers) guarded(() => watch(current))
    }
    uplink?.tick()
    // Nobody will ever ask for them.
    if (!uplink) reduce(site, { type: 'uplinkAcknowledged', seq: site.uplinkSeq }, now())
    if (nowMs - lastFlushMs < FLUSH_MS) return
    lastFlushMs = nowMs
    for (const event of energies.due(site)) journal.lazy(event)
    const write = journal.written() < FOLD_AFTER ? journal.flush() : housekeep()
    // The journal reports its own failures and keeps the records for the next attempt.
    write.catch((error: unknown) => log.error('foldFailed', { error: String(error) }))
  }

  const request: Controller['request'] = async (chargePointId, call) => {
    const { site, sessions, watchdog, operations } = on()
    const { callTimeoutMs: timeoutMs } = settings.ocpp
    const followed = async (end: CallEnd): Promise<void> => {
      watchdog.operatorCalled(chargePointId, call, end)
      await operations.called(chargePointId, call, end)
    }
    const late = (end: CallEnd): void => {
      followed(end).catch((error: unknown) => log.error('notFollowed', { error: String(error) }))
    }
    const owner = { site, sessions, timeoutMs, live: apply, wake, late }
    const end = await sendOperatorCall(owner, chargePointId, call)
    await followed(end)
    return end
  }

  const housekeep = async (): Promise<void> => {
    const { site, journal } = on()
    await journal.flush()
    // In one turn: what the history holds is exactly what the journal held.
    journal.folded()
    await ports.store.fold(historyOf(site))
  }

  const onChange: Controller['onChange'] = (watch) => {
    watchers.add(watch)
    return () => watchers.delete(watch)
  }

  const relayIds = settings.relays?.map(({ id }) => id) ?? []
  const isEmbedders = ports.relay !== undefined && relayIds.length === 0
  const relays = isEmbedders ? undefined : new Set(relayIds)
  const loose = (): readonly string[] => looseEnds(on().site, relays).map(({ words }) => words)

  let api: ReturnType<typeof restApi> | undefined
  /** Made for the first request: a controller that nobody asks anything does without. */
  const madeApi = (): ReturnType<typeof restApi> =>
    restApi(restBackend({ on, clock, ids: ports.ids, now, view, onChange, frames, loose }), {
      loopbackTrust: settings.http.loopbackTrust,
      verify: (token) =>
        tokenHash !== undefined && (ports.secrets?.verify(token, tokenHash) ?? false),
      monotonic: () => clock.monotonic(),
      failed: (error) => log.error('requestFailed', { error: String(error) }),
    })

  const transfer = async (asked: Request): Promise<Response | undefined> => {
    try {
      return await fileTransfer(on().files.backend, asked)
    } catch (error) {
      log.error('requestFailed', { error: String(error) })
      return new Response('something failed inside; the log says what\n', { status: 500 })
    }
  }

  return {
    async start() {
      const stored = await ports.store.load()
      await ports.files?.open()
      for (const words of stored.recovered) log.warn('storeRecovered', { what: words })
      const restored = restoreSite(rulesOf(settings), stored, settings.depot, now())
      const { site, isFirstStart } = restored
      const journal = journalWriter(ports.store, log, () => site.uplinkSeq)
      const made = restored.tokenHash === undefined ? ports.secrets?.newToken() : undefined
      tokenHash = restored.tokenHash ?? made?.hash

      running = assemble(
        { site, journal, settings, ports, log, version: VERSION, tokenHash: () => tokenHash },
        { on, now, view, apply, commit, note, run, wake, wakeNow, request },
      )
      const { desk, probes, security, sessions, uplink } = running
      if (isFirstStart || made) await desk.save(site.depot)
      warnOfLooseEnds(site, relays, log)
      tick()
      cancelTick = clock.every(TICK_MS, tick)
      ports.fieldDevices?.start(createFieldDesk({ site, live: apply, wakeNow }))
      uplink?.start()
      await ports.chargePoints?.listen(
        frames.recording({
          admit(connection) {
            const admission =
              security.admits(connection) ??
              probes.admits(connection.identity) ??
              sessions.admit(connection)
            if (admission.type === 'accept') security.accepted(connection)
            return admission
          },
          opened: (connection) => sessions.opened(connection),
          isSuspect: (remoteAddress) => security.isSuspect(remoteAddress),
          unidentified: (remoteAddress, problem) => security.unidentified(remoteAddress, problem),
        }),
      )
      log.info('started', {
        version: VERSION,
        chargers: site.depot.chargers.size,
        openTransactions: site.transactions.size,
        depotFrom: depotOrigin(isFirstStart, settings),
      })
      return { newToken: made?.token, isFirstStart, recovered: stored.recovered }
    },

    async stop() {
      if (stopped) return
      stopped = true
      cancelTick?.()
      await ports.fieldDevices?.stop()
      await running?.uplink?.stop()
      await ports.chargePoints?.close()
      await running?.journal.flush()
      await ports.store.close()
    },

    view,
    async handle(asked, peer) {
      return (await transfer(asked)) ?? (api ??= madeApi())(asked, peer)
    },
    transfer,
    wake: wakeNow,

    onChange,

    onRound(watch) {
      roundWatchers.add(watch)
      return () => roundWatchers.delete(watch)
    },

    request,

    restore: (nodeId) => on().watchdog.restore(nodeId),

    housekeep,
  }
}

function depotOrigin(isFirstStart: boolean, { depot }: Settings): string {
  if (!isFirstStart) return 'store'
  return depot ? 'configuration file' : 'nothing: it is empty'
}
