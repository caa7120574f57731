import { test } from 'tap'
import { createDepotDesk } from '../../src/control/depot-desk.js'
import type { DepotDesk } from '../../src/control/depot-desk.js'
import { createFrontDesk } from '../../src/control/front-desk.js'
import { fairTurns } from '../../src/control/fair-turns.js'
import { createSession } from '../../src/control/session.js'
import { defaultSettings } from '../../src/config/settings-of.js'
import { createSite } from '../../src/core/site/create.js'
import type { Charger } from '../../src/core/site/depot.js'
import type { Instant, SiteEvent } from '../../src/core/site/events.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import type { MemoryLog } from '../../src/testing/memory-log.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import type { MemoryStore } from '../../src/testing/memory-store.js'
import { aCharger, anEvse, oneGroup, RULES } from '../core/a-depot.js'

const AT: Instant = { nowMs: 5_000, wallMs: Date.parse('2026-06-01T08:00:00Z') }

interface Setting {
  readonly site: Site
  readonly store: MemoryStore
  readonly desk: DepotDesk
  readonly log: MemoryLog
  /** CP_c0 says that it has this connector. */
  reports(connectorId: number): void
  /** Its connectors in the depot; undefined: it is not there. */
  connectors(): readonly number[] | undefined
}

async function aSetting(): Promise<Setting> {
  const site = createSite(RULES, oneGroup(40, 2), 0)
  const store = memoryStore()
  await store.load()
  const log = memoryLog()
  const live = (event: SiteEvent): void => reduce(site, event, AT)
  const desk = createDepotDesk(
    site,
    store,
    () => ({}),
    (depot) => live({ type: 'depotChanged', depot }),
    log,
  )
  const frontDesk = createFrontDesk(
    {
      site,
      desk,
      now: () => AT,
      live,
      commit: async () => undefined,
      note: live,
      wake() {},
      arrived() {},
    },
    defaultSettings({ host: '127.0.0.1' }).ocpp,
    log,
  )
  const clock = manualClock()
  const session = createSession(
    {
      identity: 'CP_c0',
      remoteAddress: '10.0.0.7',
      send() {},
      ping() {},
      pause() {},
      resume() {},
      bufferedBytes: () => 0,
      close() {},
      terminate() {},
    },
    { answer: () => ({ reply: {}, durable: undefined }), spoke() {}, free() {}, closed() {} },
    { clock, ids: { next: () => 'id' }, log, turns: fairTurns(clock) },
    { pingIntervalMs: 20_000 },
  )
  return {
    site,
    store,
    desk,
    log,
    reports: (connectorId) =>
      void frontDesk.answer(session, {
        type: 'statusNotification',
        connectorId,
        status: 'Available',
        errorCode: 'NoError',
        info: undefined,
        vendorId: undefined,
        vendorErrorCode: undefined,
        atMs: undefined,
      }),
    connectors: () => site.depot.chargers.get('c0')?.evses.map(({ id }) => id),
  }
}

/** Everything that was asked of the desk before is done. */
async function idle({ desk }: Setting): Promise<void> {
  await desk.change(() => undefined)
  await Promise.resolve()
}

function renamed(more: Partial<Charger> = {}): Charger {
  return aCharger('c0', 'group', { name: 'Renamed', ...more })
}

test('a connector that a charger reports is added once, and offered nothing', async (t) => {
  const setting = await aSetting()
  for (const connectorId of [2, 2, 2, 0, 1, 101, -1]) setting.reports(connectorId)
  await idle(setting)
  t.same(setting.connectors(), [1, 2])
  t.match(setting.site.depot.chargers.get('c0')?.evses[1], { discovered: true })
  t.equal(setting.log.count('connectorDiscovered'), 1)
  setting.reports(2)
  await idle(setting)
  t.equal(setting.log.count('depotChanged'), 1)
})

test('however many connectors a charger reports, few are added', async (t) => {
  const setting = await aSetting()
  for (let connectorId = 2; connectorId <= 60; connectorId++) setting.reports(connectorId)
  await idle(setting)
  t.equal(setting.connectors()?.length, 1 + 8)
  t.equal(setting.log.count('connectorDiscovered'), 8)
})

test('a connector found while a change is being written does not undo the change', async (t) => {
  const setting = await aSetting()
  const { site, store, desk, log } = setting
  const release = store.hangNext(1)
  const put = desk.change({ type: 'putCharger', charger: renamed() })
  setting.reports(2)
  release()
  t.same(await put, { ok: true })
  await idle(setting)
  t.match(site.depot.chargers.get('c0'), { name: 'Renamed', evses: [{ id: 1 }, { id: 2 }] })
  t.equal(log.count('connectorDiscovered'), 1)
})

test('a connector that the change adds itself stays as it was configured', async (t) => {
  const setting = await aSetting()
  const { site, store, desk, log } = setting
  const release = store.hangNext(1)
  const evses = [anEvse(1), anEvse(2, { maxCurrentA: 16 })]
  const put = desk.change({ type: 'putCharger', charger: renamed({ evses }) })
  setting.reports(2)
  release()
  t.same(await put, { ok: true })
  await idle(setting)
  t.same(site.depot.chargers.get('c0')?.evses, evses)
  t.equal(log.count('connectorDiscovered'), 0)
})

test('a charger that is being deleted does not come back by what it reports', async (t) => {
  const setting = await aSetting()
  const { store, desk, log } = setting
  const release = store.hangNext(1)
  const deleted = desk.change({ type: 'deleteCharger', id: 'c0' })
  setting.reports(2)
  release()
  t.same(await deleted, { ok: true })
  await idle(setting)
  t.equal(setting.connectors(), undefined)
  t.equal(log.count('connectorDiscovered'), 0)
})

test('a connector is tried again after the disk refused it', async (t) => {
  const setting = await aSetting()
  setting.store.failNext(1)
  setting.reports(2)
  await idle(setting)
  t.same(setting.connectors(), [1])
  t.equal(setting.log.count('depotNotSaved'), 1)
  setting.reports(2)
  await idle(setting)
  t.same(setting.connectors(), [1, 2])
})
