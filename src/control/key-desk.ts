/**
 * Gives charge points their authorization keys: by hand, or over OCPP in place of the one they have.
 * A new key is on disk before it is sent, so whatever happens on the way, the charge point can log in
 * with the one it has.
 */
import { isText, keyFromHex, keyToHex } from '../core/security/key-encodings.js'
import type { KeyOrder, KeyOutcome } from '../core/security/key-order.js'
import { securityOf } from '../core/security/security-state.js'
import type { KeyHash, StoredKeys } from '../core/security/security-types.js'
import { afterAnswer, KEYS_MAX, withSentKey } from '../core/security/valid-keys.js'
import type { KeyAnswer } from '../core/security/valid-keys.js'
import type { JournalEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import { changeConfiguration } from '../ocpp/v16/outbound.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { KeySecrets, Log } from '../ports.js'
import type { SecurityDesk } from './security-desk.js'
import type { Sessions } from './sessions.js'

export interface KeyDesk {
  /** Rejects when the disk refuses; nothing has changed then. */
  order(chargePointId: string, order: KeyOrder): Promise<KeyOutcome>
  /** All keys end. */
  revoke(chargePointId: string): Promise<void>
}

export interface KeyDeskOwner {
  readonly site: Site
  readonly sessions: Sessions
  readonly keys: KeySecrets | undefined
  readonly security: SecurityDesk
  readonly timeoutMs: number
  /** Resolves when it is on disk and in force; rejects when it is neither. */
  durable(event: JournalEvent): Promise<void>
  wake(): void
}

const KEY = 'AuthorizationKey'

export function createKeyDesk(owner: KeyDeskOwner, log: Log): KeyDesk {
  const { site, sessions, keys: secrets, security } = owner
  /** Charge points that are being sent one. */
  const underWay = new Set<string>()

  const keysOf = (chargePointId: string): StoredKeys => securityOf(site, chargePointId).keys

  const keep = (chargePointId: string, keys: StoredKeys): Promise<void> =>
    owner.durable({ type: 'keysChanged', chargePointId, keys })

  const told = (chargePointId: string, text: string): void => {
    security.note({ event: 'AuthorizationKeyChanged', chargePointId, text }).catch(() => undefined)
  }

  /** Whoever came with a key that is revoked must show a valid one. */
  const hangUp = (chargePointId: string): void => {
    const profile = security.profileOf(chargePointId)
    if (profile !== 1 && profile !== 2) return
    sessions.get(chargePointId)?.abandon(1008, 'The authorization key was revoked')
  }

  const byHand = async (
    chargePointId: string,
    key: Uint8Array,
    hash: KeyHash,
    revokesOthers: boolean,
  ): Promise<KeyOutcome> => {
    const others = revokesOthers ? [] : keysOf(chargePointId)
    await keep(chargePointId, [...others, { ...hash, state: 'accepted' }])
    if (revokesOthers) hangUp(chargePointId)
    told(chargePointId, revokesOthers ? 'made anew, the others revoked' : 'made')
    const text = isText(key) ? String.fromCodePoint(...key) : undefined
    return { type: 'made', hex: keyToHex(key), text }
  }

  const settle = async (chargePointId: string, sent: KeyHash, answer: KeyAnswer): Promise<void> => {
    const before = keysOf(chargePointId)
    const after = afterAnswer(before, sent, answer)
    if (after !== before) await keep(chargePointId, after)
  }

  const overOcpp = async (
    chargePointId: string,
    key: Uint8Array,
    hash: KeyHash,
  ): Promise<KeyOutcome> => {
    const session = sessions.get(chargePointId)
    if (!session) {
      const message = 'the charge point is not connected: connect it, or make a key by hand'
      return { type: 'conflict', message }
    }
    await keep(chargePointId, withSentKey(keysOf(chargePointId), hash))
    const end = await new Promise<CallEnd>((resolve) => {
      let isAnswered = false
      const ended = (given: CallEnd): void => {
        // An answer after the timeout settles it, too.
        if (isAnswered) settleLate(chargePointId, hash, given)
        isAnswered = true
        resolve(given)
      }
      const call = changeConfiguration(KEY, keyToHex(key))
      const taken = session.enqueue({ call, timeoutMs: owner.timeoutMs, ended })
      if (taken) owner.wake()
      else resolve({ type: 'notSent', reason: 'too many calls wait for this charge point' })
    })
    const { answer, why } = answerOf(end)
    await settle(chargePointId, hash, answer)
    told(chargePointId, `sent over OCPP: ${answer === 'unknown' ? 'unanswered' : answer}`)
    switch (answer) {
      case 'accepted':
        return { type: 'accepted' }
      case 'refused':
        return { type: 'refused', why }
      case 'unknown':
        return { type: 'unanswered', why }
    }
  }

  const settleLate = (chargePointId: string, hash: KeyHash, end: CallEnd): void => {
    settle(chargePointId, hash, answerOf(end).answer).catch((error: unknown) => {
      log.error('authorizationKeyNotSettled', { chargePoint: chargePointId, error: String(error) })
    })
  }

  return {
    async order(chargePointId, { via, key: given, revokesOthers = false }) {
      if (!secrets) return { type: 'conflict', message: 'this controller keeps no keys' }
      const key = given === undefined ? secrets.newKey() : keyFromHex(given)
      if (!key) {
        return { type: 'invalid', message: 'must be 32 to 40 hex digits (16 to 20 bytes)' }
      }
      if (given !== undefined && isText(key)) {
        const message = 'is text in hex: somebody thought it up. Leave it out for a random one'
        return { type: 'invalid', message }
      }
      if (underWay.has(chargePointId)) {
        return { type: 'conflict', message: 'another key is on its way to this charge point' }
      }
      if (keysOf(chargePointId).length >= KEYS_MAX && !revokesOthers) {
        const message =
          `${KEYS_MAX} keys are valid until the charge point connects with one of them: reset it, ` +
          'or make one by hand that revokes the others'
        return { type: 'conflict', message }
      }
      underWay.add(chargePointId)
      try {
        const hash = secrets.hash(key)
        return via === 'hand'
          ? await byHand(chargePointId, key, hash, revokesOthers)
          : await overOcpp(chargePointId, key, hash)
      } finally {
        underWay.delete(chargePointId)
      }
    },

    async revoke(chargePointId) {
      await keep(chargePointId, [])
      hangUp(chargePointId)
      told(chargePointId, 'revoked')
    },
  }
}

function answerOf(end: CallEnd): { readonly answer: KeyAnswer; readonly why: string } {
  switch (end.type) {
    case 'answered': {
      const decoded = decodeResult('ChangeConfiguration', end.payload)
      if (!decoded.ok) return { answer: 'unknown', why: decoded.reason }
      const { status } = decoded.result
      // It takes it with its next start: until then it has the old one.
      if (status === 'Accepted' || status === 'RebootRequired') {
        return { answer: 'accepted', why: status }
      }
      return { answer: 'refused', why: status }
    }
    case 'refused': {
      // Of its own trouble nobody knows how far it came.
      const isTrouble = end.code === 'InternalError' || end.code === 'GenericError'
      return { answer: isTrouble ? 'unknown' : 'refused', why: `${end.code} ${end.description}` }
    }
    case 'notSent':
      return { answer: 'refused', why: end.reason }
    case 'timedOut':
      return { answer: 'unknown', why: 'no answer in time' }
    case 'disconnected':
      return { answer: 'unknown', why: 'the connection ended before the answer' }
  }
}
