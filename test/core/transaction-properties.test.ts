/**
 * Whatever a charge point makes of its queue, however often it repeats itself and whenever the gateway
 * dies: each session is one record with its energy.
 */
import { test } from 'tap'
import * as fc from 'fast-check'
import { createSite } from '../../src/core/site/create.js'
import { decideStart, decideStop } from '../../src/core/site/decide-transaction.js'
import type { Instant, JournalEvent } from '../../src/core/site/events.js'
import { historyOf, restoreHistory } from '../../src/core/site/history.js'
import { reduce, replay } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { anEvse, oneGroup, RULES } from './a-depot.js'

const WALL = Date.parse('2026-06-01T08:00:00Z')
const MINUTE = 60_000
const CONNECTORS = [1, 2]

/** What a charge point remembers of a session. */
interface Session {
  readonly connectorId: number
  readonly idTag: string
  readonly meterStartWh: number
  readonly startedWallMs: number
  meterStopWh: number
  stoppedWallMs: number
  /** As it was told. */
  id: number | undefined
  /** With which id the stop was said first: it is repeated as it was. */
  saidId: number | undefined
}

interface Segment {
  readonly connectorId: number
  readonly sessions: readonly { readonly energyWh: number; readonly tag: string }[]
  readonly told: 'live' | 'inOrder' | 'late' | 'backwards'
  readonly answersLost: boolean
  readonly doubled: boolean
  readonly samples: boolean
  readonly restart: 'none' | 'fold' | 'journal' | 'both'
}

const aSegment: fc.Arbitrary<Segment> = fc.record({
  connectorId: fc.constantFrom(...CONNECTORS),
  sessions: fc.array(
    fc.record({
      energyWh: fc.integer({ min: 0, max: 50_000 }),
      tag: fc.constantFrom('A', 'a', 'B'),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  told: fc.constantFrom('live', 'inOrder', 'late', 'backwards'),
  answersLost: fc.boolean(),
  doubled: fc.boolean(),
  samples: fc.boolean(),
  restart: fc.constantFrom('none', 'fold', 'journal', 'both'),
})

class World {
  site: Site = newSite()
  at: Instant = { nowMs: 0, wallMs: WALL }
  readonly sessions: Session[] = []
  readonly #registers = new Map<number, number>()
  #history: string | undefined
  #journal: JournalEvent[] = []

  pass(ms: number): void {
    this.at = { nowMs: this.at.nowMs + ms, wallMs: this.at.wallMs + ms }
  }

  happen(events: readonly JournalEvent[]): void {
    for (const event of events) {
      reduce(this.site, event, this.at)
      this.#journal.push(JSON.parse(JSON.stringify(event)))
    }
  }

  plugIn(connectorId: number, idTag: string): Session {
    const meterStartWh = this.#registers.get(connectorId) ?? 0
    const session: Session = {
      connectorId,
      idTag,
      meterStartWh,
      startedWallMs: this.at.wallMs,
      meterStopWh: meterStartWh,
      stoppedWallMs: 0,
      id: undefined,
      saidId: undefined,
    }
    this.sessions.push(session)
    return session
  }

  unplug(session: Session, energyWh: number): void {
    session.meterStopWh = session.meterStartWh + energyWh
    session.stoppedWallMs = this.at.wallMs
    this.#registers.set(session.connectorId, session.meterStopWh)
  }

  tellStart(session: Session, isLost: boolean): void {
    const { connectorId, idTag, meterStartWh, startedWallMs } = session
    const request = { chargePointId: 'CP_c0', connectorId, idTag, meterStartWh, startedWallMs }
    const { events, transactionId } = decideStart(this.site, request, this.at)
    this.happen(events)
    if (!isLost) session.id = transactionId
  }

  tellStop(session: Session): void {
    const { idTag, meterStopWh, stoppedWallMs } = session
    session.saidId ??= session.id ?? -1
    const request = { chargePointId: 'CP_c0', transactionId: session.saidId, idTag }
    const stop = { ...request, meterStopWh, stoppedWallMs, reason: 'Local' }
    this.happen(decideStop(this.site, stop, this.at).events)
  }

  sample(session: Session, registerWh: number): void {
    reduce(
      this.site,
      {
        type: 'metered',
        chargePointId: 'CP_c0',
        connectorId: session.connectorId,
        transactionId: session.id ?? -1,
        currentA: undefined,
        powerW: undefined,
        registerWh,
        isCurrent: false,
      },
      this.at,
    )
  }

  restart(how: Segment['restart']): void {
    if (how === 'none') return
    const kept = this.#journal
    if (how !== 'journal') {
      this.#history = JSON.stringify(historyOf(this.site))
      // A crash in the fold leaves records that the history holds already.
      this.#journal = how === 'fold' ? [] : kept
    }
    this.site = newSite()
    if (this.#history !== undefined) restoreHistory(this.site, JSON.parse(this.#history), this.at)
    for (const event of this.#journal) replay(this.site, event, this.at)
  }
}

function newSite(): Site {
  return createSite(RULES, oneGroup(40, 2, { evses: CONNECTORS.map((id) => anEvse(id)) }), 0)
}

function live(world: World, { connectorId, ...segment }: Segment): void {
  for (const { energyWh, tag } of segment.sessions) {
    const session = world.plugIn(connectorId, tag)
    world.tellStart(session, segment.answersLost)
    if (segment.answersLost || segment.doubled) world.tellStart(session, false)
    world.pass(20 * MINUTE)
    if (segment.samples) world.sample(session, session.meterStartWh + energyWh / 2)
    world.restart(segment.restart)
    world.pass(20 * MINUTE)
    world.unplug(session, energyWh)
    world.tellStop(session)
    if (segment.doubled) world.tellStop(session)
    world.pass(MINUTE)
  }
}

function offline(world: World, { connectorId, ...segment }: Segment): void {
  const queue: Session[] = []
  for (const { energyWh, tag } of segment.sessions) {
    const session = world.plugIn(connectorId, tag)
    world.pass(30 * MINUTE)
    world.unplug(session, energyWh)
    world.pass(MINUTE)
    queue.push(session)
  }
  world.pass(11 * MINUTE)
  const present = segment.told === 'late' ? world.plugIn(connectorId, 'A') : undefined
  if (present) {
    world.tellStart(present, false)
    world.pass(MINUTE)
  }
  const backwards = segment.told === 'backwards'
  for (const session of backwards ? queue.toReversed() : queue) {
    if (backwards) world.tellStop(session)
    world.restart(segment.restart)
    world.tellStart(session, segment.answersLost)
    if (segment.answersLost || segment.doubled) world.tellStart(session, false)
    if (segment.samples) world.sample(session, session.meterStartWh)
    if (!backwards) world.tellStop(session)
    if (segment.doubled) world.tellStop(session)
    world.pass(1_000)
  }
  if (!present) return
  keepsConnector(world, present)
  world.pass(20 * MINUTE)
  world.unplug(present, 5)
  world.tellStop(present)
  world.pass(MINUTE)
}

/** The car that is there keeps its connector whatever is told of the past. */
function keepsConnector(world: World, present: Session): void {
  const connector = world.site.chargePoints.get('CP_c0')?.connectors.get(present.connectorId)
  if (connector?.transactionId === present.id) return
  throw new Error(`connector has ${connector?.transactionId}, not ${present.id}`)
}

test('no session is lost or doubled, and none loses or gains energy', async (t) => {
  fc.assert(
    fc.property(fc.array(aSegment, { minLength: 1, maxLength: 6 }), (segments) => {
      const world = new World()
      for (const each of segments) {
        if (each.told === 'live') live(world, each)
        else offline(world, each)
      }
      world.restart('both')
      const { ended, transactions, orphans } = world.site
      const recorded = ended.map(({ connectorId, startedWallMs, energyWh, idTag }) =>
        [connectorId, startedWallMs, idTag, energyWh].join(' '),
      )
      const real = world.sessions.map(
        ({ connectorId, startedWallMs, idTag, meterStartWh, meterStopWh }) =>
          [connectorId, startedWallMs, idTag, meterStopWh - meterStartWh].join(' '),
      )
      if (JSON.stringify(recorded.toSorted()) !== JSON.stringify(real.toSorted())) {
        throw new Error(`recorded ${recorded.join(', ')}; real ${real.join(', ')}`)
      }
      const ids = new Set(ended.map(({ id }) => id))
      return ids.size === ended.length && transactions.size === 0 && orphans.length === 0
    }),
    { numRuns: 400 },
  )
  t.pass('400 histories')
})
