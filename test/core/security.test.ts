import { test } from 'tap'
import { eventBuckets } from '../../src/core/security/event-buckets.js'
import { keyFromHex, keysMeantBy, keyToHex } from '../../src/core/security/key-encodings.js'
import { loginFailures } from '../../src/core/security/login-failures.js'
import type { StoredKeys } from '../../src/core/security/security-types.js'
import { afterAnswer, afterLogin, withSentKey } from '../../src/core/security/valid-keys.js'

const BINARY = Uint8Array.from({ length: 20 }, (_, index) => 240 - index * 11)

test('a key is known in each form that charge points send', async (t) => {
  const hex = keyToHex(BINARY)
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const asCharacters = bytes(String.fromCodePoint(...BINARY))
  for (const [name, password] of [
    ['the bytes', BINARY],
    ['hex text', bytes(hex)],
    ['hex text in capitals', bytes(hex.toUpperCase())],
    ['bytes as if they were characters', asCharacters],
  ] as const) {
    const meant = keysMeantBy(password).map(keyToHex)
    t.ok(meant.includes(hex), name)
  }
  const typed = bytes('T4h9sQvXk2mWbZr7LpYc')
  t.same(keysMeantBy(typed), [typed])
})

test('what is too short or too long is no key', async (t) => {
  for (const length of [0, 1, 15, 21, 31, 42, 400]) {
    t.same(keysMeantBy(new Uint8Array(length).fill(0x41)), [], `${length} bytes`)
  }
  t.equal(keyFromHex('a'.repeat(30)), undefined)
  t.equal(keyFromHex('a'.repeat(33)), undefined)
  t.equal(keyFromHex('g'.repeat(40)), undefined)
})

const key = (name: string) => ({ salt: name, hash: name })
const accepted = (name: string) => ({ ...key(name), state: 'accepted' as const })
const sent = (name: string) => ({ ...key(name), state: 'sent' as const })

test('an accepted key ends the older ones when it is used, not before', async (t) => {
  const keys = afterAnswer(withSentKey([accepted('old')], key('new')), key('new'), 'accepted')
  t.same(keys, [accepted('old'), accepted('new')])
  t.equal(afterLogin(keys, key('old')), keys, 'the charger may need a restart to take it')
  t.same(afterLogin(keys, key('new')), [accepted('new')])
})

test('a refused key is none', async (t) => {
  const keys = withSentKey([accepted('old')], key('new'))
  t.same(afterAnswer(keys, key('new'), 'refused'), [accepted('old')])
})

test('of keys that were never answered the one that is used first stays', async (t) => {
  const keys = afterAnswer(withSentKey([accepted('old')], key('new')), key('new'), 'unknown')
  t.same(afterLogin(keys, key('old')), [accepted('old')])
  t.same(afterLogin(keys, key('new')), [accepted('new')])
  const three: StoredKeys = [accepted('one'), sent('two'), accepted('three')]
  t.same(afterLogin(three, key('one')), [accepted('one'), accepted('three')])
  t.same(afterLogin(three, key('two')), [accepted('two'), accepted('three')])
  const settled = [accepted('one')]
  t.equal(afterLogin(settled, key('one')), settled, 'nothing to write')
})

test('an address is suspect after many failures, and not for ever', async (t) => {
  const failures = loginFailures()
  for (let count = 0; count < 19; count++) failures.failed('10.0.0.1', 'CP', 1000)
  t.notOk(failures.isSuspect('10.0.0.1', 1000))
  failures.failed('10.0.0.1', 'CP', 1000)
  t.ok(failures.isSuspect('10.0.0.1', 1000))
  t.notOk(failures.isSuspect('10.0.0.2', 1000))
  t.notOk(failures.isSuspect('10.0.0.1', 7000))
})

test('a flood of failures is told of once in ten minutes, with a count', async (t) => {
  const failures = loginFailures()
  t.equal(failures.failed('10.0.0.1', 'CP', 0), 1)
  for (let ms = 1; ms < 500; ms++) t.equal(failures.failed('10.0.0.1', 'CP', ms), 0)
  t.equal(failures.failed('10.0.0.1', 'CP', 600_001), 500)
})

test('a flood with many names and addresses is told of now and then, in bounded memory', async (t) => {
  const failures = loginFailures()
  let told = 0
  for (let count = 0; count < 20_000; count++) {
    told += failures.failed(`10.0.${count >> 8}.${count & 255}`, `CP${count}`, count) > 0 ? 1 : 0
  }
  t.ok(told >= 30 && told <= 40, `${told} of 20000`)
})

test('a charge point that tells of events without end is kept with a count', async (t) => {
  const buckets = eventBuckets()
  const counts = Array.from({ length: 100 }, () => buckets.count('CP', 0))
  t.equal(counts.filter((count) => count > 0).length, 30)
  t.equal(buckets.count('OTHER', 0), 1)
  t.equal(buckets.count('CP', 60_000), 71)
})
