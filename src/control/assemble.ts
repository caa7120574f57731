/** Makes everyone who acts on the site, and tells each what it needs of the others. */
import type { Settings } from '../config/settings.js'
import { takeId } from '../core/site/decide-transaction.js'
import type { Instant, JournalEvent, SiteEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { View } from '../core/site/view.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'
import type { ListenerState, Log, Ports } from '../ports.js'
import { createCapabilityDesk } from './capability-desk.js'
import { createCareDesk } from './care-desk.js'
import { createCertificateDesk } from './certificate-desk.js'
import { createAuthorisationDesk } from './authorisation-desk.js'
import { backendReply } from './backend-reply.js'
import { createCycle } from './cycle.js'
import { createDepartureDesk } from './departure-desk.js'
import { createDepotDesk } from './depot-desk.js'
import { createFileDesk } from './file-desk.js'
import { createFrontDesk } from './front-desk.js'
import type { JournalWriter } from './journal-writer.js'
import { createOperationsDesk } from './operations-desk.js'
import { createKeyDesk } from './key-desk.js'
import { createListenerWatch } from './listener-watch.js'
import { createLocalListDesk } from './local-list-desk.js'
import { createOverrideDesk } from './override-desk.js'
import { createPendingChargers } from './pending-chargers.js'
import { createProbeDesk } from './probe-desk.js'
import { createProbeRecords } from './probe-records.js'
import type { Running } from './running.js'
import { createSecurityDesk } from './security-desk.js'
import { createSessions } from './sessions.js'
import { createTransactionDesk } from './transaction-desk.js'
import { createUplink } from './uplink.js'
import { createWatchdogDesk } from './watchdog-desk.js'

export interface Parts {
  readonly site: Site
  readonly journal: JournalWriter
  readonly settings: Settings
  readonly ports: Ports
  readonly log: Log
  readonly version: string
  tokenHash(): string | undefined
}

/** What the owner of the state does for all of them. */
export interface Owner {
  /** Throws before the start. */
  readonly on: () => Running
  readonly now: () => Instant
  readonly view: () => View
  /** Changes the state at once. */
  readonly apply: (event: SiteEvent) => void
  /** Changes the state at once; resolves when the events are on disk. */
  readonly commit: (events: readonly JournalEvent[]) => Promise<void>
  /** Changes the state at once; on disk within a minute. */
  readonly note: (event: JournalEvent) => void
  /** A round of control, now. */
  readonly run: () => void
  /** A round when everything that has arrived by now is handled. */
  readonly wake: () => void
  /** A round in this turn of the event loop. */
  readonly wakeNow: () => void
  readonly request: (chargePointId: string, call: OutboundCall | RawCall) => Promise<CallEnd>
}

export function assemble(parts: Parts, owner: Owner): Running {
  const { site, journal, settings, ports, log } = parts
  const { on, now, view, apply, commit, note, run, wake, wakeNow, request } = owner
  const { clock, ids } = ports

  const desk = createDepotDesk(
    site,
    ports.store,
    () => {
      const hash = parts.tokenHash()
      return hash === undefined ? {} : { token_hash: hash }
    },
    (depot) => {
      apply({ type: 'depotChanged', depot })
      frontDesk.dropUnknown()
      pending.dropKnown((id) => frontDesk.knows(id))
      // The plan follows the new tree before anyone looks.
      run()
    },
    log,
  )
  const security = createSecurityDesk({ site, keys: ports.keys, now, commit }, log)
  const certificates = createCertificateDesk(
    {
      authority: ports.certificateAuthority,
      now,
      hasProved: (chargePointId) => (security.profileOf(chargePointId) ?? 0) > 0,
      request,
      note,
    },
    log,
  )
  const authorisation = createAuthorisationDesk(
    {
      site,
      now,
      commit,
      note,
      wake,
      publish: (question) => on().uplink?.askAuthorisation(question) ?? false,
    },
    { clock, ids, log },
  )
  const { timeoutMs = 0 } = settings.authorisation ?? {}
  const asking = { site, authorisation, timeoutMs, now }
  const frontDesk = createFrontDesk(
    {
      fromBackend: (chargePointId, message, decided) =>
        backendReply(asking, chargePointId, message, decided),
      site,
      now,
      live: apply,
      commit,
      note,
      wake,
      desk,
      arrived: (session) => capabilities.arrived(session),
      signCertificate: (chargePointId, csr) => certificates.asked(chargePointId, csr),
      securityEvent: (chargePointId, message) => security.said(chargePointId, message),
    },
    settings.ocpp,
    log,
  )
  const pending = createPendingChargers(
    { newTransactionId: () => takeId(site, now()) },
    { clock, ids, log },
    { nominalVoltageV: settings.site.nominalVoltageV, ...settings.ocpp },
  )
  const sessions = createSessions(
    frontDesk,
    { clock, ids, log },
    settings.ocpp,
    pending,
    (chargePointId, remoteAddress) =>
      security.noteOften({ event: 'TwoDevicesClaimOneIdentity', chargePointId, remoteAddress }),
  )
  frontDesk.sessions = sessions
  const durable = async (event: JournalEvent): Promise<void> => {
    await journal.attempt([event])
    apply(event)
  }
  const capabilities = createCapabilityDesk(
    { site, sessions, plan: () => on().plan, now, note },
    settings.ocpp,
    log,
  )
  const care = createCareDesk({ site, sessions, now }, settings.ocpp, log)
  const keys = createKeyDesk(
    {
      site,
      sessions,
      keys: ports.keys,
      security,
      timeoutMs: settings.ocpp.callTimeoutMs,
      durable,
      wake,
    },
    log,
  )
  const listeners = (): readonly ListenerState[] => ports.chargePoints?.listeners?.() ?? []
  const listenerWatch = createListenerWatch({ security, listeners, now }, log)
  const cycle = createCycle({ site, sessions, now, live: apply, durable, note, wake }, log)
  const departures = createDepartureDesk(
    { site, plan: () => on().plan, now, durable, note, wake },
    log,
  )
  const overrides = createOverrideDesk({ site, now, commit, run }, log)
  const files = createFileDesk(
    {
      site,
      files: ports.files,
      ids,
      now,
      originFor: (id) => settings.http.publicUrl ?? placeOf(sessions.get(id)?.origin, settings),
      note,
    },
    log,
  )
  const operations = createOperationsDesk(
    {
      site,
      rawCalls: settings.ocpp.rawCalls === true,
      places: files.places,
      now,
      request,
      commit,
      note,
    },
    log,
  )
  const uplink =
    ports.upstream &&
    createUplink(
      {
        authorisation,
        site,
        boot: ids.next(),
        version: parts.version,
        view,
        desk,
        planSession: (sessionId, change) => departures.plan(sessionId, change),
        commit,
        note,
        overrides,
        order: (chargePointId, order) => operations.order(chargePointId, order),
        durableSeq: () => journal.durableTo(),
        wake: wakeNow,
      },
      ports.upstream,
      settings.mqtt ?? { rootTopic: 'depot/v1', commands: 'lower-only' },
      { clock, log },
    )
  const probes = createProbeDesk(
    {
      site,
      sessions,
      records: createProbeRecords({ site, desk, now }, log),
      plan: () => on().plan,
      now,
      live: apply,
      wake,
      call: request,
    },
    log,
  )
  const watchdog = createWatchdogDesk(
    {
      site,
      sessions,
      relay: ports.relay,
      timeoutMs: settings.ocpp.profileTimeoutMs,
      now,
      commit,
      wake,
    },
    log,
  )
  const transactions = createTransactionDesk(
    { site, sessions, timeoutMs: settings.ocpp.callTimeoutMs, now, commit },
    log,
  )
  return {
    site,
    journal,
    sessions,
    security,
    keys,
    listeners,
    listenerWatch,
    setUsedProfile: (chargePointId, profile) =>
      durable({ type: 'profileUsed', chargePointId, profile }),
    frontDesk,
    capabilities,
    care,
    cycle,
    desk,
    overrides,
    probes,
    uplink,
    departures,
    transactions,
    localLists: createLocalListDesk(
      { site, sessions, timeoutMs: settings.ocpp.callTimeoutMs, now, durable },
      log,
    ),
    pending,
    operations,
    files,
    watchdog,
    plan: { nodes: [], evses: [] },
  }
}

/** Listeners for charge points alone serve no files: those are where REST is, on the same machine. */
function placeOf(origin: string | undefined, { http, ocpp }: Settings): string | undefined {
  if (origin === undefined || !ocpp.listeners?.length) return origin
  return `http://${new URL(origin).hostname}:${http.port}`
}
