/** The core in closed loop with model chargers: what they would really permit is the judge. */
import { decide } from '../../src/core/ledger/decide.js'
import type { ProfileCommand } from '../../src/core/ledger/decide.js'
import { noteTurn } from '../../src/core/balance/turns.js'
import { plan } from '../../src/core/plan/plan.js'
import type { Plan } from '../../src/core/plan/plan-types.js'
import { createSite } from '../../src/core/site/create.js'
import type { Depot } from '../../src/core/site/depot.js'
import type { SiteEvent } from '../../src/core/site/events.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { SiteRules } from '../../src/core/site/rules.js'
import type { Site } from '../../src/core/site/state.js'
import { decideStart } from '../../src/core/site/decide-transaction.js'

/** How a charger treats the next profile. */
export type Treatment = 'accept' | 'reject' | 'loseCall' | 'loseAnswer'

export interface ModelCharger {
  readonly id: string
  readonly hardwareA: number
  fallbackA: number | undefined
  grant: { limitA: number; untilMs: number; isBound: boolean } | undefined
  /** 0 A for cars that come, until then. */
  admissionUntilMs: number | undefined
  charging: boolean
  connected: boolean
  treatment: Treatment
  pending: { command: ProfileCommand; answerAtMs: number; treatment: Treatment } | undefined
}

export interface World {
  readonly site: Site
  readonly chargers: readonly ModelCharger[]
  nowMs: number
  plan: Plan
  sent: ProfileCommand[]
  happen(event: SiteEvent): void
  connect(charger: ModelCharger): void
  disconnect(charger: ModelCharger): void
  start(charger: ModelCharger): void
  /** One second: answers, expiry, one round of control. */
  second(): void
  seconds(count: number): void
  /** What the charger would really let a car draw. */
  permittedA(charger: ModelCharger): number
  totalA(): number
}

const WALL_OFFSET_MS = Date.parse('2026-06-01T00:00:00Z')
const ANSWER_MS = 500
const LOW_MS = 600_000

export function aWorld(depot: Depot, rules: SiteRules): World {
  const site = createSite(rules, depot, 1_000)
  const chargers = site.tree.evses.map((evse): ModelCharger => ({
    id: evse.chargePointId ?? '',
    hardwareA: evse.hardwareA,
    fallbackA: undefined,
    grant: undefined,
    admissionUntilMs: undefined,
    charging: false,
    connected: false,
    treatment: 'accept',
    pending: undefined,
  }))
  const byId = new Map(chargers.map((charger) => [charger.id, charger]))

  const apply = (charger: ModelCharger, { purpose, form, limitA }: ProfileCommand): void => {
    if (purpose === 'fallback') charger.fallbackA = limitA
    else if (purpose === 'admission') charger.admissionUntilMs = world.nowMs + LOW_MS
    else if (purpose === 'transaction') {
      const untilMs = world.nowMs + rules.profileDurationMs
      charger.grant = { limitA, untilMs, isBound: form.purpose === 'TxProfile' }
    }
  }

  const answer = (charger: ModelCharger): void => {
    const { pending } = charger
    if (!pending || world.nowMs < pending.answerAtMs) return
    charger.pending = undefined
    const address = { chargePointId: charger.id, connectorId: 1 } as const
    const how = pending.treatment === 'accept' ? 'accepted' : 'refused'
    const isLost = pending.treatment === 'loseCall' || pending.treatment === 'loseAnswer'
    world.happen({ type: 'profileAnswered', ...address, answer: isLost ? 'none' : how })
  }

  const world: World = {
    site,
    chargers,
    nowMs: 1_000,
    plan: { nodes: [], evses: [] },
    sent: [],

    happen(event) {
      reduce(site, event, { nowMs: world.nowMs, wallMs: world.nowMs + WALL_OFFSET_MS })
    },

    connect(charger) {
      charger.connected = true
      world.happen({ type: 'connected', chargePointId: charger.id })
      world.happen({ type: 'spoke', chargePointId: charger.id })
    },

    disconnect(charger) {
      charger.connected = false
      charger.pending = undefined
      world.happen({ type: 'disconnected', chargePointId: charger.id })
    },

    start(charger) {
      const at = { nowMs: world.nowMs, wallMs: world.nowMs + WALL_OFFSET_MS }
      const request = {
        chargePointId: charger.id,
        connectorId: 1,
        idTag: 'TAG',
        meterStartWh: 0,
        startedWallMs: at.wallMs,
      }
      for (const event of decideStart(site, request, at).events) world.happen(event)
      charger.charging = true
    },

    second() {
      world.nowMs += 1_000
      for (const charger of chargers) {
        if (charger.grant && world.nowMs >= charger.grant.untilMs) charger.grant = undefined
        answer(charger)
      }
      const isBusy = (id: string): boolean => {
        const charger = byId.get(id)
        return !charger?.connected || charger.pending !== undefined
      }
      const current = plan(site, isBusy, world.nowMs, world.nowMs + WALL_OFFSET_MS)
      world.plan = current
      for (const { connector, targetA, committedA, evse } of current.evses) {
        if (!connector || targetA === undefined) continue
        const isThere = committedA >= evse.evse.minCurrentA
        noteTurn(connector.turn, { targetA, isThere }, rules, world.nowMs)
      }
      for (const command of decide(site, current, isBusy, world.nowMs)) {
        if (command.type === 'mark') {
          world.happen({ ...command, type: 'marked' })
          continue
        }
        const charger = byId.get(command.chargePointId)
        if (!charger) continue
        if (command.type === 'clear') {
          charger.admissionUntilMs = undefined
          world.happen({ ...command, type: 'profileCleared' })
          continue
        }
        if (command.type === 'ask') {
          world.happen({ ...command, type: 'compositeNoted', limitA: undefined })
          continue
        }
        const { purpose, form, limitA, transactionId } = command
        const lastsMs = purpose === 'transaction' ? rules.profileDurationMs : LOW_MS
        world.sent.push(command)
        world.happen({
          type: 'profileSent',
          chargePointId: charger.id,
          connectorId: 1,
          inFlight: {
            purpose,
            form,
            limitA,
            transactionId,
            sentAtMs: world.nowMs,
            durationMs: lastsMs,
            longestMs: lastsMs,
          },
        })
        const { treatment } = charger
        const isLost = treatment === 'loseCall' || treatment === 'loseAnswer'
        const answerAtMs = world.nowMs + (isLost ? rules.profileTimeoutMs : ANSWER_MS)
        charger.pending = { command, answerAtMs, treatment }
        if (treatment === 'accept' || treatment === 'loseAnswer') apply(charger, command)
      }
    },

    seconds(count) {
      for (let n = 0; n < count; n++) world.second()
    },

    permittedA(charger) {
      if (!charger.charging) return 0
      const isLow = world.nowMs < (charger.admissionUntilMs ?? -Infinity)
      const standingA = isLow ? 0 : (charger.fallbackA ?? charger.hardwareA)
      return charger.grant?.limitA ?? standingA
    },

    totalA() {
      return chargers.reduce((sum, charger) => sum + world.permittedA(charger), 0)
    },
  }
  return world
}
