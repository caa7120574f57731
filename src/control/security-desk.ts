/** Who may connect, by what it has to show, and what is noted of those who may not. */
import { isCritical } from '../core/security/critical-events.js'
import { keysMeantBy } from '../core/security/key-encodings.js'
import { eventBuckets } from '../core/security/event-buckets.js'
import { loginFailures } from '../core/security/login-failures.js'
import { minimumProfile, nextEventId, securityOf } from '../core/security/security-state.js'
import type { SecurityEvent, SecurityProfile, StoredKey } from '../core/security/security-types.js'
import { afterLogin } from '../core/security/valid-keys.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { SecurityEventNotification } from '../ocpp/v16/messages.js'
import type { Admission, ConnectionRequest, KeySecrets, Log } from '../ports.js'

export interface SecurityDesk {
  /** Asked before anybody else: undefined when the charge point has shown who it is. */
  admits(request: ConnectionRequest): Admission | undefined
  isSuspect(remoteAddress: string): boolean
  /** A connection ended before anybody said who it is for. */
  unidentified(remoteAddress: string, problem: string): void
  /** Resolves when it is on disk. */
  note(event: NewSecurityEvent): Promise<void>
  /** A charge point tells of one; resolves when it is on disk, or is one too many to be kept. */
  said(chargePointId: string, message: SecurityEventNotification): Promise<void>
  /** The same, at most once in a while for each charge point and address, with a count. */
  noteOften(event: NewSecurityEvent): void
  /** It has been let in, by all who had to be asked. */
  accepted(request: ConnectionRequest): void
  /** The profile of its present connection, or of its last one. */
  profileOf(chargePointId: string): SecurityProfile | undefined
}

export interface NewSecurityEvent {
  readonly event: string
  readonly chargePointId?: string
  readonly remoteAddress?: string
  readonly text?: string
}

export interface SecurityOwner {
  readonly site: Site
  readonly keys: KeySecrets | undefined
  now(): Instant
  commit(events: readonly JournalEvent[]): Promise<void>
}

/** The same words for an unknown charge point, a wrong key and none: whoever asks learns nothing. */
const REFUSED: Admission = { type: 'refuse', status: 401, reason: 'wrong identity or credentials' }
/** What a login of somebody unknown is compared with, so that it takes as long. */
const NOBODY: StoredKey = { salt: '', hash: '', state: 'accepted' }

export function createSecurityDesk(owner: SecurityOwner, log: Log): SecurityDesk {
  const { site, keys } = owner
  const failures = loginFailures()
  const said = eventBuckets()
  const profiles = new Map<string, SecurityProfile>()

  const note = (given: NewSecurityEvent, count = 1): Promise<void> => {
    const { event, chargePointId, remoteAddress, text } = given
    const { wallMs } = owner.now()
    const noted: SecurityEvent = {
      id: nextEventId(site, wallMs),
      wallMs,
      source: 'gateway',
      event,
      critical: isCritical(event),
      chargePointId,
      remoteAddress,
      text,
      atWallMs: undefined,
      count,
    }
    log.warn('securityEvent', { ...given, chargePoint: chargePointId, count })
    return owner.commit([{ type: 'securityEventNoted', noted }])
  }

  const noteOften = (event: NewSecurityEvent): void => {
    const { remoteAddress = '', chargePointId = '' } = event
    const what = `${event.event} ${chargePointId}`
    const count = failures.failed(remoteAddress, what, owner.now().nowMs)
    // What the disk refuses the journal reports.
    if (count > 0) note(event, count).catch(() => undefined)
  }

  const refused = (request: ConnectionRequest, text: string): Admission => {
    const { identity, remoteAddress } = request
    noteOften({ event: 'LoginRefused', chargePointId: identity, remoteAddress, text })
    return REFUSED
  }

  /** Undefined: a valid key; else why not. */
  const wrongKey = ({ identity, credentials }: ConnectionRequest): string | undefined => {
    if (!credentials || !keys) return 'no credentials'
    const isKnown = site.tree.byChargePoint.has(identity)
    const stored = isKnown ? securityOf(site, identity).keys : []
    let used: StoredKey | undefined
    for (const key of keysMeantBy(credentials.password)) {
      for (const each of stored.length > 0 ? stored : [NOBODY]) {
        if (keys.matches(key, each)) used ??= each
      }
    }
    if (!isKnown) return 'unknown charge point'
    if (credentials.user !== identity) return 'the user is not the identity in the URL'
    if (stored.length === 0) return 'it has no authorization key yet'
    if (!used) return 'wrong key'
    const valid = afterLogin(stored, used)
    if (valid !== stored) {
      owner
        .commit([{ type: 'keysChanged', chargePointId: identity, keys: valid }])
        .catch(() => undefined)
    }
    return undefined
  }

  /** Undefined: a certificate for this identity; else why not. */
  const wrongCertificate = ({ identity, certificate }: ConnectionRequest): string | undefined => {
    if (!certificate) return 'no certificate'
    if (!certificate.verified) return certificate.problem
    if (!certificate.names.includes(identity)) {
      return `the certificate is for ${certificate.names.join(', ') || 'nobody'}`
    }
    return site.tree.byChargePoint.has(identity) ? undefined : 'unknown charge point'
  }

  const wrongProof = (request: ConnectionRequest): string | undefined => {
    switch (request.securityProfile ?? 0) {
      case 0:
        return undefined
      case 1:
      case 2:
        return wrongKey(request)
      case 3:
        return wrongCertificate(request)
    }
  }

  return {
    admits(request) {
      const { identity, remoteAddress, securityProfile = 0 } = request
      const problem = wrongProof(request)
      if (problem !== undefined) return refused(request, problem)
      // On a listener that asks for nothing there is a word of its own for who is unknown.
      if (!site.tree.byChargePoint.has(identity)) return undefined
      const minimum = minimumProfile(site, identity)
      if (securityProfile < minimum) {
        const text = `came with security profile ${securityProfile}, must use ${minimum}`
        noteOften({ event: 'SecurityProfileTooLow', chargePointId: identity, remoteAddress, text })
        const reason = `this charge point must use security profile ${minimum}`
        return { type: 'refuse', status: 403, reason }
      }
      if (securityProfile > securityOf(site, identity).usedProfile) {
        const used = {
          type: 'profileUsed',
          chargePointId: identity,
          profile: securityProfile,
        } as const
        owner.commit([used]).catch(() => undefined)
      }
      return undefined
    },
    accepted: ({ identity, securityProfile = 0 }) => {
      if (site.tree.byChargePoint.has(identity)) profiles.set(identity, securityProfile)
    },
    isSuspect: (remoteAddress) => failures.isSuspect(remoteAddress, owner.now().nowMs),
    unidentified: (remoteAddress, text) =>
      noteOften({ event: 'TlsFailed', remoteAddress, text: text.slice(0, 200) }),
    note,
    noteOften,
    async said(chargePointId, { event, atMs, techInfo }) {
      const { nowMs, wallMs } = owner.now()
      const count = said.count(chargePointId, nowMs)
      if (count === 0) return
      const noted: SecurityEvent = {
        id: nextEventId(site, wallMs),
        wallMs,
        source: 'charge_point',
        event: event.slice(0, 50),
        critical: isCritical(event),
        chargePointId,
        remoteAddress: undefined,
        text: techInfo?.slice(0, 255),
        atWallMs: atMs,
        count,
      }
      await owner.commit([{ type: 'securityEventNoted', noted }])
    },
    profileOf: (chargePointId) => profiles.get(chargePointId),
  }
}
