/** A real site in memory behind the API, without sockets, disk or time of its own. */
import type { Depot } from '../../src/core/site/depot.js'
import { EMPTY_DEPOT } from '../../src/core/site/depot.js'
import { createSite } from '../../src/core/site/create.js'
import { followOutlooks } from '../../src/core/energy/follow-outlooks.js'
import { planAfter } from '../../src/core/energy/session-plan.js'
import { edit } from '../../src/core/site/edit.js'
import type { SiteEvent } from '../../src/core/site/events.js'
import { NO_PROBE } from '../../src/core/probe/probe-view.js'
import { makeView, sessionView } from '../../src/core/site/make-view.js'
import { checkSite } from '../../src/core/ledger/check-site.js'
import { previewOf } from '../../src/core/limits/preview.js'
import { plan } from '../../src/core/plan/plan.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { SiteRules } from '../../src/core/site/rules.js'
import type { View } from '../../src/core/site/view.js'
import { vehicleByTag } from '../../src/core/site/vehicle.js'
import { createFileDesk } from '../../src/control/file-desk.js'
import { createOperationsDesk } from '../../src/control/operations-desk.js'
import { createOverrideDesk } from '../../src/control/override-desk.js'
import { countingIds } from '../../src/testing/counting-ids.js'
import { memoryFiles } from '../../src/testing/memory-files.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import type { CallEnd } from '../../src/ocpp/call-end.js'
import type { OutboundCall, RawCall } from '../../src/ocpp/v16/outbound-call.js'
import { restApi } from '../../src/http/app.js'
import type { Backend } from '../../src/http/backend.js'

/** 2026-03-01T12:00:00Z */
export const WALL_MS = 1_772_366_400_000
export const TOKEN = 'open-sesame'

const RULES: SiteRules = {
  siteId: 'yard-1',
  siteName: 'Yard',
  timezone: 'UTC',
  nominalVoltageV: 230,
  fuseA: undefined,
  contractKw: undefined,
  meters: [],
  limitSources: [],
  profileDurationMs: 150_000,
  profileTimeoutMs: 15_000,
  meterValueIntervalMs: 10_000,
  settleMs: 15_000,
  minOnMs: 900_000,
  maxWaitMs: 3_600_000,
  watchdogAfterMs: 20_000,
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Whether there is one is for the test to say. */
  readonly body: Body
  readonly list: readonly Readonly<Record<string, unknown>>[]
}

/** The fields that tests look into. */
interface Body {
  readonly id: string
  readonly evses: readonly Readonly<Record<string, unknown>>[]
  readonly meters: readonly Readonly<Record<string, unknown>>[]
  readonly max_current_a: unknown
  readonly error: string
  readonly message: string
  readonly problems: readonly { readonly field: string; readonly message: string }[]
}

export interface TestApi {
  readonly backend: Backend
  readonly failures: unknown[]
  /** As from this machine, without a token. */
  call(method: string, path: string, body?: unknown): Promise<Answer>
  send(request: Request, remoteAddress?: string): Promise<Answer>
  happen(...events: readonly SiteEvent[]): void
  advance(ms: number): void
  /** Those who follow are told, as once a second. */
  round(): void
  followers(): number
  /** The answer as it comes, for what never ends. */
  open(path: string): Promise<Response>
  /** Nodes at which cut-offs were ended. */
  readonly restored: readonly string[]
}

export function testApi(
  given: {
    rules?: Partial<SiteRules>
    change?: Backend['change']
    call?: (chargePointId: string, call: OutboundCall | RawCall) => Promise<CallEnd>
    rawCalls?: boolean
    probes?: Partial<Backend['probes']>
  } = {},
): TestApi {
  let nowMs = 1_000_000
  let lastId = 0
  const at = () => ({ nowMs, wallMs: WALL_MS })
  const site = createSite({ ...RULES, ...given.rules }, EMPTY_DEPOT, nowMs)
  const happen = (...events: readonly SiteEvent[]): void => {
    for (const event of events) reduce(site, event, at())
  }
  const view = (): View => {
    const planned = plan(site, () => false, nowMs, WALL_MS)
    followOutlooks(site, planned, at())
    return makeView(site, planned, { ...at(), upstreamConnected: false, upstreamConfigured: false })
  }

  const watchers = new Set<(current: View) => void>()
  const restored: string[] = []
  const files = createFileDesk(
    {
      site,
      files: memoryFiles(),
      ids: countingIds('file'),
      now: at,
      originFor: () => 'http://10.0.0.1:8000',
      note: happen,
    },
    memoryLog(),
  )
  const operations = createOperationsDesk(
    {
      site,
      rawCalls: given.rawCalls === true,
      places: files.places,
      now: at,
      commit: (events) => Promise.resolve(happen(...events)),
      note: happen,
      async request(chargePointId, call) {
        const end = (await given.call?.(chargePointId, call)) ?? { type: 'disconnected' }
        await operations.called(chargePointId, call, end)
        return end
      },
    },
    memoryLog(),
  )

  const backend: Backend = {
    view,
    onChange(watch) {
      watchers.add(watch)
      return () => watchers.delete(watch)
    },
    check: () => {
      const { nominalVoltageV } = site.rules
      return { check: checkSite(site), looseEnds: [], nominalVoltageV }
    },
    restore: (nodeId) => void restored.push(nodeId),
    frames: { read: () => undefined, watch: () => () => {} },
    sessions: (limit) =>
      site.ended
        .slice(-limit)
        .toReversed()
        .map((transaction) => sessionView(site, transaction, view().chargers, at())),
    plan: async (sessionId, change) => {
      const transaction = site.transactions.get(Number(sessionId))
      if (!transaction) throw new Error('the API has looked')
      const { energyWh, id: transactionId } = transaction
      const { batteryKwh } = vehicleByTag(site.depot.vehicles, transaction.idTag) ?? {}
      const facts = { wallMs: WALL_MS, energyWh, batteryKwh }
      const planned = planAfter(transaction.plan, change, facts)
      if (planned.ok) happen({ type: 'sessionPlanned', transactionId, plan: planned.plan })
      return planned
    },
    preview: (nodeId, date) => previewOf(site, nodeId, date, WALL_MS),
    change: async (wanted) => {
      // As on a disk: others get their turn before it is done.
      await Promise.resolve()
      const edited = edit(site.depot, wanted)
      if (!edited.ok) return edited
      await Promise.resolve()
      depotChanged(edited.depot)
      return { ok: true }
    },
    newId: () => `id-${(lastId += 1)}`,
    overrides: createOverrideDesk(
      {
        site,
        now: at,
        commit: (events) => Promise.resolve(happen(...events)),
        run() {},
      },
      memoryLog(),
    ),
    pending: { list: () => [], reject: () => false, forget: () => false },
    security: {
      events: () => site.security.events.toReversed(),
      listeners: () => ({ listeners: [], warnings: [], wallMs: WALL_MS }),
      ofCharger: () => ({ minimumProfile: 0, connectedProfile: undefined, keys: 0 }),
      orderKey: async () => ({ type: 'accepted' }),
      revokeKeys: async () => {},
      setProfile: async () => ({ ok: true }),
    },
    probes: {
      start: () => ({ ok: true }),
      abort() {},
      view: () => NO_PROBE,
      ...given.probes,
    },
    order: (chargePointId, order) => operations.order(chargePointId, order),
    files: files.backend,
    upkeep: (chargePointId) =>
      site.operations.byChargePoint.get(chargePointId) ?? {
        configuration: undefined,
        rebootFor: new Set(),
      },
    readConfiguration: (chargePointId) => operations.readConfiguration(chargePointId),
    ...(given.change && { change: given.change }),
  }
  const depotChanged = (depot: Depot): void => happen({ type: 'depotChanged', depot })

  const failures: unknown[] = []
  const api = restApi(backend, {
    loopbackTrust: true,
    verify: (token) => token === TOKEN,
    monotonic: () => nowMs,
    failed: (error) => failures.push(error),
  })
  const send = async (request: Request, remoteAddress = '127.0.0.1'): Promise<Answer> => {
    const response = await api(request, { remoteAddress })
    const text = await wholeText(response)
    const { status, headers } = response
    const body = text === '' ? undefined : JSON.parse(text)
    return { status, headers, body, list: body }
  }
  return {
    backend,
    failures,
    happen,
    advance(ms) {
      nowMs += ms
    },
    restored,
    round() {
      const current = view()
      for (const watch of watchers) watch(current)
    },
    followers: () => watchers.size,
    open: (path) => api(requestOf('GET', path), { remoteAddress: '127.0.0.1' }),
    send,
    call: (method, path, body) => send(requestOf(method, path, body)),
  }
}

/** Of a stream of events the data of the first. */
async function wholeText(response: Response): Promise<string> {
  if (response.headers.get('content-type') !== 'text/event-stream') return response.text()
  const reader = response.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  return new TextDecoder()
    .decode(value)
    .replace(/^data: /, '')
    .trim()
}

/** A body that is a string is sent as it is. */
export function requestOf(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Request {
  return new Request(`http://localhost:8000${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

/** The depot of the getting-started guide: a constraint, a charge group and a charger CP_001. */
export async function withCharger(api: TestApi): Promise<{ group: string; charger: string }> {
  const depot = await api.call('POST', '/api/v1/constraints', {
    name: 'Test Depot',
    max_power_kw: 1000,
    priority: 1,
    type: 'constraint',
  })
  const group = await api.call('POST', '/api/v1/constraints', {
    name: 'Test Charge Group',
    max_power_kw: 500,
    priority: 2,
    type: 'charge_group',
    parent_id: depot.body.id,
  })
  const charger = await api.call('POST', '/api/v1/chargers', {
    name: 'Test Charger',
    max_power_kw: 100,
    parent_charge_group: group.body.id,
    is_active: 'Active',
    status: 'Available',
    ocpp_charge_point_id: 'CP_001',
    evses: [{ id: 1, max_power_kw: 50, status: 'Available' }],
  })
  return { group: group.body.id, charger: charger.body.id }
}
