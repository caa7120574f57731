/**
 * Which authorization keys of a charge point are valid. A new one counts beside the old ones from
 * before it is sent, so that neither a lost answer nor the end of this process locks a charger out;
 * the older ones end when the charge point has shown that it has a newer one.
 */
import type { KeyHash, StoredKeys } from './security-types.js'

/** Further ones wait until the charge point has connected with one of them. */
export const KEYS_MAX = 4

export type KeyAnswer = 'accepted' | 'refused' | 'unknown'

export function withSentKey(keys: StoredKeys, { salt, hash }: KeyHash): StoredKeys {
  return [...keys, { salt, hash, state: 'sent' }]
}

/** What the charge point has said to the key that was sent to it. */
export function afterAnswer(keys: StoredKeys, sent: KeyHash, answer: KeyAnswer): StoredKeys {
  switch (answer) {
    case 'accepted':
      return keys.map((key) => (isSame(key, sent) ? { ...key, state: 'accepted' } : key))
    case 'refused':
      return keys.filter((key) => !isSame(key, sent))
    case 'unknown':
      return keys
  }
}

/**
 * The charge point has connected with one of its keys: older ones end. So do newer ones that it never
 * answered, for it would have used them.
 */
export function afterLogin(keys: StoredKeys, used: KeyHash): StoredKeys {
  const at = keys.findIndex((key) => isSame(key, used))
  const kept = keys.filter(
    (key, index) => index >= at && (index === at || key.state === 'accepted'),
  )
  const first = kept[0]
  if (!first || (kept.length === keys.length && first.state === 'accepted')) return keys
  return [{ ...first, state: 'accepted' }, ...kept.slice(1)]
}

export function isSame(one: KeyHash, other: KeyHash): boolean {
  return one.hash === other.hash && one.salt === other.salt
}
