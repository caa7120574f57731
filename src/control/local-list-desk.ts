/**
 * Keeps the lists of id tags that chargers hold in step with the depot's: each is asked for its
 * version when it comes, and gets what it lacks while it has nothing better to do.
 */
import {
  digestOf,
  listMessages,
  nextVersion,
  wantedEntries,
} from '../core/authorisation/local-list.js'
import type { ListEntry, ListLimits, ListMessage } from '../core/authorisation/local-list.js'
import type { Depot } from '../core/site/depot.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { ChargePoint, Site } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import { getLocalListVersion, sendLocalList } from '../ocpp/v16/local-list.js'
import { getConfiguration } from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound-call.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { ConfigurationKey } from '../ocpp/v16/results.js'
import type { Log } from '../ports.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'

export interface LocalListDesk {
  /** Once a second. */
  tick(): void
}

export interface LocalListOwner {
  readonly site: Site
  readonly sessions: Pick<Sessions, 'get'>
  readonly timeoutMs: number
  now(): Instant
  /** Reduced when on disk. */
  durable(event: JournalEvent): Promise<void>
}

/** Edits that follow each other are one version. */
const QUIET_MS = 5_000
/** After it has come: first things first. */
const ARRIVAL_MS = 20_000
const BETWEEN_MS = 2_000
const AT_ONCE_MAX = 4
/** While a car charges its call slot is for its limits; so long the list can wait. */
const CAR_WAIT_MS = 3_600_000
const RETRY_MS = 60_000
const GIVE_UP_MS = 6 * 3_600_000
const FAILURES_MAX = 3
/** Where it does not say. */
const DEFAULT_LIMITS: ListLimits = { entries: 1_000, atOnce: 20 }
const KEYS = ['LocalAuthListEnabled', 'LocalAuthListMaxLength', 'SendLocalListMaxLength']

interface Known {
  /** The connection this is about: another one is asked anew. */
  session: Session
  limits: ListLimits | 'unknown' | 'unsupported'
  /** As it said, or took. */
  version: number | undefined
  /** What is in that version, when it is certain. */
  held: readonly ListEntry[] | undefined
  /** What is to be sent for `sending`. */
  queue: readonly ListMessage[]
  sending: number | undefined
  isAsking: boolean
  failures: number
  notBeforeMs: number
  outOfStepSinceMs: number | undefined
}

export function createLocalListDesk(owner: LocalListOwner, log: Log): LocalListDesk {
  const { site, sessions } = owner
  const known = new Map<string, Known>()
  let seen: Depot['idTags'] | undefined
  let wanted: readonly ListEntry[] = []
  let digest = ''
  let changedAtMs = -Infinity
  let isSaving = false

  /** The version of what is wanted; undefined: it has none yet, or nobody ever had a list. */
  const versionNow = (nowMs: number): number | undefined => {
    if (site.depot.idTags !== seen) {
      seen = site.depot.idTags
      changedAtMs = nowMs
      wanted = wantedEntries(site.depot)
      digest = digestOf(wanted)
    }
    const { localList } = site
    if (localList?.digest === digest) return localList.version
    if (!localList && wanted.length === 0) return undefined
    if (isSaving || nowMs - changedAtMs < QUIET_MS) return undefined
    isSaving = true
    const version = nextVersion(localList, owner.now().wallMs)
    owner
      .durable({ type: 'localListVersioned', version, digest })
      // What the disk refuses is tried again.
      .catch(() => (changedAtMs = owner.now().nowMs))
      .finally(() => (isSaving = false))
    return undefined
  }

  const failed = (chargePointId: string, one: Known, why: string): void => {
    const { nowMs } = owner.now()
    one.failures += 1
    one.queue = []
    one.held = undefined
    one.version = undefined
    const isHopeless = one.failures >= FAILURES_MAX
    one.notBeforeMs = nowMs + (isHopeless ? GIVE_UP_MS : RETRY_MS)
    if (isHopeless) one.failures = 0
    log[isHopeless ? 'warn' : 'info']('localListFailed', { chargePoint: chargePointId, why })
  }

  const ask = (
    chargePointId: string,
    one: Known,
    call: OutboundCall,
    answered: (payload: unknown) => void,
  ): void => {
    const { session } = one
    const ended = (end: CallEnd): void => {
      if (known.get(chargePointId)?.session !== session || !one.isAsking) return
      one.isAsking = false
      one.notBeforeMs = owner.now().nowMs + BETWEEN_MS
      if (end.type === 'answered') answered(end.payload)
      else if (end.type === 'refused') unsupported(chargePointId, one, end.code)
      else failed(chargePointId, one, end.type)
    }
    one.isAsking = session.enqueue({ call, timeoutMs: owner.timeoutMs, ended })
  }

  const unsupported = (chargePointId: string, one: Known, why: string): void => {
    one.limits = 'unsupported'
    log.info('localListUnsupported', { chargePoint: chargePointId, why })
  }

  const askLimits = (chargePointId: string, one: Known): void =>
    ask(chargePointId, one, getConfiguration(KEYS), (payload) => {
      const decoded = decodeResult('GetConfiguration', payload)
      const limits = decoded.ok ? limitsOf(decoded.result.keys) : undefined
      if (limits) one.limits = limits
      else unsupported(chargePointId, one, 'it has no keys for it')
    })

  const askVersion = (chargePointId: string, one: Known): void =>
    ask(chargePointId, one, getLocalListVersion(), (payload) => {
      const decoded = decodeResult('GetLocalListVersion', payload)
      const version = decoded.ok ? decoded.result.version : -1
      // TC_042_1: -1 says that it has no such list.
      if (version < 0) unsupported(chargePointId, one, `version ${version}`)
      else one.version = version
    })

  const sendNext = (chargePointId: string, one: Known): void => {
    const [message, ...rest] = one.queue
    if (!message) return
    ask(chargePointId, one, sendLocalList(message), (payload) => {
      const decoded = decodeResult('SendLocalList', payload)
      const status = decoded.ok ? decoded.result.status : 'Failed'
      if (status === 'NotSupported') return unsupported(chargePointId, one, status)
      // 5.15: whatever is wrong with it, the whole list makes it right.
      if (status !== 'Accepted') return failed(chargePointId, one, status)
      one.queue = rest
      one.version = message.version
      if (!message.isLast) return
      one.failures = 0
      one.outOfStepSinceMs = undefined
      one.held = one.limits instanceof Object ? wanted.slice(0, one.limits.entries) : undefined
      log.info('localListSent', { chargePoint: chargePointId, version: message.version })
    })
  }

  const prepare = (
    chargePointId: string,
    one: Known,
    limits: ListLimits,
    version: number,
  ): void => {
    one.sending = version
    one.queue = listMessages(wanted, one.held, version, limits)
    // Until it is finished nobody knows what it has.
    one.held = undefined
    if (wanted.length <= limits.entries) return
    const facts = { chargePoint: chargePointId, idTags: wanted.length, fit: limits.entries }
    log.warn('localListTooLong', facts)
  }

  const lookAt = (chargePoint: ChargePoint, version: number, { nowMs }: Instant): boolean => {
    const { id } = chargePoint
    const session = sessions.get(id)
    if (!session || !chargePoint.connected) {
      known.delete(id)
      return false
    }
    const one = knownOf(id, session, nowMs, chargePoint)
    if (one.isAsking) return true
    const { limits } = one
    if (limits === 'unsupported' || nowMs < one.notBeforeMs) return false
    if (one.version === version) return false
    one.outOfStepSinceMs ??= nowMs
    const hasCar = [...chargePoint.connectors.values()].some((each) => each.transactionId)
    if (hasCar && nowMs - one.outOfStepSinceMs < CAR_WAIT_MS) return false
    if (isBeingTold(chargePoint)) return false
    if (limits === 'unknown') askLimits(id, one)
    else if (one.version === undefined) askVersion(id, one)
    else {
      if (one.sending !== version || one.queue.length === 0) prepare(id, one, limits, version)
      sendNext(id, one)
    }
    return true
  }

  const knownOf = (
    id: string,
    session: Session,
    nowMs: number,
    chargePoint: ChargePoint,
  ): Known => {
    const before = known.get(id)
    if (before?.session === session) return before
    const fresh: Known = {
      session,
      limits: 'unknown',
      version: undefined,
      held: undefined,
      queue: [],
      sending: undefined,
      isAsking: false,
      failures: 0,
      notBeforeMs: Math.max(nowMs, chargePoint.connectedAtMs ?? nowMs) + ARRIVAL_MS,
      outOfStepSinceMs: undefined,
    }
    known.set(id, fresh)
    return fresh
  }

  return {
    tick() {
      const at = owner.now()
      const version = versionNow(at.nowMs)
      if (version === undefined) return
      for (const id of known.keys()) if (!site.chargePoints.has(id)) known.delete(id)
      let busy = [...known.values()].filter(({ isAsking }) => isAsking).length
      for (const chargePoint of site.chargePoints.values()) {
        if (busy >= AT_ONCE_MAX && known.get(chargePoint.id)?.isAsking !== true) continue
        const wasAsking = known.get(chargePoint.id)?.isAsking === true
        if (lookAt(chargePoint, version, at) && !wasAsking) busy += 1
      }
    },
  }
}

/** Limits are on their way to it. */
function isBeingTold({ connectors }: ChargePoint): boolean {
  return [...connectors.values()].some(({ ledger }) => ledger.inFlight !== undefined)
}

/** Undefined: it knows none of the keys, so it has no list. */
function limitsOf(keys: readonly ConfigurationKey[]): ListLimits | undefined {
  const number = (name: string, otherwise: number): number => {
    const said = Number(keys.find(({ key }) => key === name)?.value)
    return Number.isSafeInteger(said) && said > 0 ? said : otherwise
  }
  if (!keys.some(({ key }) => KEYS.includes(key))) return undefined
  return {
    entries: number('LocalAuthListMaxLength', DEFAULT_LIMITS.entries),
    atOnce: number('SendLocalListMaxLength', DEFAULT_LIMITS.atOnce),
  }
}
