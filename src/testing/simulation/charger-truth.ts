/**
 * Which chargers the controller could have lowered: in reach, and willing. Known from what was done
 * to them, never from what the controller thinks of them.
 */
import type { Connection } from '../../ports.js'
import type { Behaviour } from '../behaviour.js'
import type { SimulatedChargePoint } from '../simulated-charge-point.js'
import type { Fault } from './scenario.js'
import type { SentProfile } from './wire-truth.js'

export interface ChargerTruth {
  readonly chargePoint: SimulatedChargePoint
  /** Monotonic: in reach and willing without a break since then; Infinity: it is not. */
  capableSinceMs(): number
  /** Monotonic; Infinity while it is in reach. */
  outOfReachSinceMs(): number
  /**
   * When its controller could know of what happened at this instant: later where the connection was
   * dead and seemed alive, so that not even the silence was known.
   */
  knowableFromMs(atMs: number): number
  /** What it permits may be more than anybody can know: it says one thing and does another. */
  isDeceiving(): boolean
  ignoresExpiry(): boolean
  /** Its clock may not be what its central system takes it for. */
  isClockOff(): boolean
  /** Beyond what a prompt charger takes, ms: its own delays, for all that may queue up before. */
  slownessMs(): number

  opened(connection: Connection): void
  heard(connection: Connection): void
  closed(connection: Connection): void
  fault(fault: Fault): void
  frameLost(): void
  /** A profile has come, which it may have been told to refuse or ignore. */
  profileArrived(profile: SentProfile | undefined): void
  healed(): void
  lifeEnded(): void
}

/** After a refusal or a silence it is tried again within this: time-out, then the longest pause. */
const TRIED_AGAIN_MS = 80_000
/** A lost frame may be any call: the longest time-out, then the longest pause. */
const LOST_FRAME_MS = 95_000
const DUPLICATE_MS = 90_000
/** Calls that may go before: what is under way, and one for each connector. */
const CALLS_BEFORE = 3
/** A ping every 20 s, and two of them missed: by then a dead connection is known to be dead. */
const NOTICED_MS = 65_000
const CLOCK_OFF_MS = 30_000

export function chargerTruth(
  chargePoint: SimulatedChargePoint,
  usual: Behaviour,
  monotonic: () => number,
): ChargerTruth {
  let behaviour = usual
  let link: { readonly connection: Connection; spoke: boolean } | undefined
  let inReachSinceMs = Infinity
  let outOfReachSinceMs = monotonic()
  let isCut = false
  /** The last time it was out of reach and nobody knew. */
  let unnoticed = { fromMs: -Infinity, toMs: -Infinity }
  let willingSinceMs = isWilling(usual) ? -Infinity : Infinity
  let troubledUntilMs = -Infinity
  let scripted = 0
  /** Since it lost profiles nobody knows of, or ever only pretended. */
  let hasDeceived = isDeceitful(usual)
  let clockMovedMs = -Infinity

  const lostFromSight = (): void => {
    inReachSinceMs = Infinity
    outOfReachSinceMs = Math.min(outOfReachSinceMs, monotonic())
  }
  const backInReach = (): void => {
    inReachSinceMs = monotonic()
    outOfReachSinceMs = Infinity
  }
  const noticed = (): void => {
    if (unnoticed.toMs === Infinity) unnoticed = { ...unnoticed, toMs: monotonic() }
  }
  const change = (next: Behaviour): void => {
    const nowMs = monotonic()
    if (next.clockOffsetMs !== behaviour.clockOffsetMs) clockMovedMs = nowMs
    behaviour = next
    if (!isWilling(next)) willingSinceMs = Infinity
    else if (willingSinceMs === Infinity) willingSinceMs = nowMs + TRIED_AGAIN_MS
    if (isDeceitful(next)) hasDeceived = true
  }
  const troubled = (forMs: number): void => {
    troubledUntilMs = Math.max(troubledUntilMs, monotonic() + forMs)
  }

  return {
    chargePoint,
    capableSinceMs() {
      if (isCut || scripted > 0 || !chargePoint.isUp()) return Infinity
      return Math.max(inReachSinceMs, willingSinceMs, troubledUntilMs)
    },
    outOfReachSinceMs: () => outOfReachSinceMs,
    knowableFromMs(atMs) {
      const { fromMs, toMs } = unnoticed
      if (atMs < fromMs || atMs >= toMs) return atMs
      return Math.max(atMs, Math.min(toMs, fromMs + NOTICED_MS))
    },
    isDeceiving: () => hasDeceived,
    ignoresExpiry: () => behaviour.ignoresExpiry,
    isClockOff: () =>
      Math.abs(behaviour.clockOffsetMs) > CLOCK_OFF_MS || monotonic() - clockMovedMs < 600_000,
    slownessMs: () =>
      (CALLS_BEFORE + chargePoint.connectors.length) * behaviour.answerDelayMs +
      behaviour.applyDelayMs,

    opened(connection) {
      noticed()
      link = { connection, spoke: false }
      lostFromSight()
    },
    heard(connection) {
      if (link?.connection !== connection || link.spoke) return
      link.spoke = true
      backInReach()
    },
    closed(connection) {
      if (link?.connection !== connection) return
      noticed()
      link = undefined
      lostFromSight()
    },
    fault(fault) {
      switch (fault.type) {
        case 'cut':
          isCut = true
          if (link && unnoticed.toMs < Infinity) {
            unnoticed = { fromMs: monotonic(), toMs: Infinity }
          }
          lostFromSight()
          break
        case 'heal':
          noticed()
          if (isCut && link?.spoke === true) backInReach()
          isCut = false
          break
        case 'resetConnection':
          lostFromSight()
          break
        case 'duplicateConnection':
          troubled(DUPLICATE_MS)
          break
        case 'loseFrames':
          troubled(LOST_FRAME_MS)
          break
        case 'behave':
          change({ ...behaviour, ...fault.change })
          break
        case 'answerNext': {
          scripted = fault.answers.length
          if (scripted > 0) troubled(TRIED_AGAIN_MS)
          break
        }
        case 'reboot':
          lostFromSight()
          if (!fault.keepProfiles) hasDeceived = true
          break
        case 'clockStep':
          // It follows the gateway's clock as soon as it hears of it.
          clockMovedMs = monotonic()
          break
        case 'meter':
        case 'limitSource':
        case 'limit':
        case 'crash':
        case 'diskFails':
        case 'diskHangs':
        case 'broker':
        case 'brokerKeepsSilent':
          break
      }
    },
    frameLost() {
      troubled(LOST_FRAME_MS)
    },
    profileArrived(profile) {
      const { rejectsTxProfileAbove } = behaviour
      const isTooMuch = (profile?.told?.limit ?? 0) > rejectsTxProfileAbove
      if (isTooMuch && profile?.purpose === 'TxProfile') troubled(TRIED_AGAIN_MS)
      if (scripted === 0) return
      scripted -= 1
      troubled(TRIED_AGAIN_MS)
    },
    healed() {
      noticed()
      if (isCut && link?.spoke === true) backInReach()
      isCut = false
      scripted = 0
      change(usual)
    },
    lifeEnded() {
      noticed()
      link = undefined
      lostFromSight()
    },
  }
}

/** It does what it is told, or says that it does not. */
function isWilling(behaviour: Behaviour): boolean {
  const { refusesPurposes, refusesKinds, refusesUnits, neverAnswers } = behaviour
  const refused = [...refusesPurposes, ...refusesKinds, ...refusesUnits, ...neverAnswers]
  const { rejectsProfiles, refusesZeroLimit, acceptsAndIgnores } = behaviour
  return refused.length === 0 && !rejectsProfiles && !refusesZeroLimit && !acceptsAndIgnores
}

/** What it permits is not what it was last told. */
function isDeceitful(behaviour: Behaviour): boolean {
  return (
    behaviour.acceptsAndIgnores ||
    behaviour.dropsProfilesOnDisconnect ||
    behaviour.dropsProfilesOnReboot ||
    behaviour.profilesLostAfterMs < Infinity ||
    behaviour.roundsUp
  )
}
