import { test } from 'tap'
import type { Test } from 'tap'
import { createController } from '../../src/controller.js'
import type {
  Admission,
  ChargePointHandler,
  ConnectionHandler,
  ConnectionRequest,
  KeySecrets,
} from '../../src/ports.js'
import { countingIds } from '../../src/testing/counting-ids.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import { memoryUpstream } from '../../src/testing/memory-upstream.js'
import { depotYaml, settingsFrom } from './a-site.js'

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Keys that can be told apart: `key00000000000000001` and on. */
function countingKeys(): KeySecrets {
  let made = 0
  return {
    newKey: () => Buffer.from(`key${String((made += 1)).padStart(17, '0')}`),
    hash: (key) => ({ salt: 'salt', hash: hexOf(key) }),
    matches: (key, kept) => hexOf(key) === kept.hash,
  }
}

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>> & readonly Readonly<Record<string, unknown>>[]
}

interface Line {
  readonly admission: Admission
  /** How it was closed. */
  readonly closed: string[]
  /** Values of AuthorizationKey that were sent to it. */
  readonly keys: string[]
  drop(): void
  say(action: string, payload: object): void
}

interface Secured {
  readonly clock: ManualClock
  readonly log: ReturnType<typeof memoryLog>
  readonly upstream: ReturnType<typeof memoryUpstream>
  rest(method: string, path: string, body?: object): Promise<Answer>
  admit(request: Partial<ConnectionRequest>): Admission
  /** Connects and boots when it is let in; `answers` says what it replies to a new key. */
  dial(request: Partial<ConnectionRequest>, answers?: string): Promise<Line>
  login(password: string | undefined, more?: Partial<ConnectionRequest>): Admission
  crash(): Promise<void>
  isSuspect(address: string): boolean
}

const HELD = 'held'

async function secured(t: Test): Promise<Secured> {
  const clock = manualClock()
  const log = memoryLog()
  const upstream = memoryUpstream({ clock })
  let handler: ChargePointHandler | undefined
  let store = memoryStore()
  const keys = countingKeys()
  const settings = settingsFrom(depotYaml(2))
  const make = () =>
    createController(settings, {
      clock,
      ids: countingIds(),
      keys,
      log,
      upstream,
      store,
      chargePoints: {
        listen: async (given) => void (handler = given),
        close: async () => undefined,
      },
    })
  let controller = make()
  await controller.start()
  t.teardown(() => controller.stop())
  const request = (more: Partial<ConnectionRequest>): ConnectionRequest => ({
    identity: 'CP001',
    remoteAddress: '10.0.0.1',
    ...more,
  })
  const admit = (more: Partial<ConnectionRequest>): Admission => {
    if (!handler) throw new Error('not started')
    return handler.admit(request(more))
  }
  const site: Secured = {
    clock,
    log,
    upstream,
    admit,
    login: (password, more = {}) =>
      admit({
        securityProfile: 2,
        ...(password !== undefined && {
          credentials: { user: 'CP001', password: Buffer.from(password) },
        }),
        ...more,
      }),
    async rest(method, path, body) {
      const response = await controller.handle(
        new Request(`http://localhost/api/v1${path}`, {
          method,
          headers: { host: 'localhost', 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
        }),
        { remoteAddress: '127.0.0.1' },
      )
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    },
    async dial(more, answers = 'Accepted') {
      const admission = admit(more)
      const sentKeys: string[] = []
      const closed: string[] = []
      let connection: ConnectionHandler | undefined
      const line: Line = {
        admission,
        keys: sentKeys,
        closed,
        drop: () => connection?.closed(1006, ''),
        say: (action, payload) =>
          connection?.received(JSON.stringify([2, `say-${action}`, action, payload])),
      }
      if (admission.type !== 'accept' || !handler) return line
      connection = handler.opened({
        identity: 'CP001',
        remoteAddress: request(more).remoteAddress,
        send(text) {
          const [type, id, action, payload] = JSON.parse(text)
          if (type !== 2) return
          const isKey = action === 'ChangeConfiguration' && payload.key === 'AuthorizationKey'
          if (isKey) sentKeys.push(payload.value)
          if (isKey && answers === HELD) return
          const reply = JSON.stringify([3, id, { status: isKey ? answers : 'Accepted' }])
          clock.soon(() => connection?.received(reply))
        },
        ping: () => clock.soon(() => connection?.pong()),
        bufferedBytes: () => 0,
        close: (code, reason) => void closed.push(`${code} ${reason}`),
        terminate() {},
        pause() {},
        resume() {},
      })
      const boot = { chargePointVendor: 'V', chargePointModel: 'M' }
      connection.received(JSON.stringify([2, 'boot', 'BootNotification', boot]))
      await clock.advance(2_000)
      return line
    },
    async crash() {
      const survived = store.crash()
      await controller.stop()
      store = survived
      controller = make()
      await controller.start()
    },
    isSuspect: (address) => handler?.isSuspect?.(address) ?? false,
  }
  return site
}

const REFUSED = { type: 'refuse', status: 401 } as const
const ACCEPTED = { type: 'accept' } as const
const KEY = '/chargers/cp001/authorization-key'

async function keyByHand(site: Secured, more: object = {}): Promise<string> {
  const { body } = await site.rest('POST', KEY, { via: 'hand', ...more })
  return String(body['authorization_key_text'])
}

test('a charger logs in with the key it was given, in each of its forms, and with no other', async (t) => {
  const site = await secured(t)
  t.match(site.login('anything at all 1234'), REFUSED, 'nobody has a key yet')
  const made = await site.rest('POST', KEY, { via: 'hand' })
  t.equal(made.status, 201)
  const key = String(made.body['authorization_key_text'])
  t.equal(made.body['authorization_key'], hexOf(Buffer.from(key)))
  t.same(site.login(key), ACCEPTED)
  t.same(site.login(hexOf(Buffer.from(key))), ACCEPTED)
  t.match(site.login(key, { credentials: { user: 'CP002', password: Buffer.from(key) } }), REFUSED)
  t.match(site.login(undefined), REFUSED)
  t.match(site.login('key00000000000000009'), REFUSED)
  t.match(site.login(key, { identity: 'CP002' }), REFUSED, 'the key of another')
  t.same((await site.rest('GET', '/chargers/cp001/security')).body, {
    security_profile: 2,
    connected_with: null,
    authorization_keys: 1,
  })
})

test('an unknown charger is told the same as one with a wrong key', async (t) => {
  const site = await secured(t)
  await keyByHand(site)
  const wrong = site.login('key00000000000000009')
  const user = (name: string) => ({
    identity: name,
    credentials: { user: name, password: Buffer.from('key00000000000000009') },
  })
  t.same(site.login('', user('CP999')), wrong)
  t.same(site.login('', user('CP002')), wrong, 'one without a key')
  t.same(site.admit({ securityProfile: 3, identity: 'CP999' }), wrong)
  t.same(
    site.admit({ identity: 'CP999' }).type,
    'close',
    'on a listener that asks for nothing: 1008',
  )
})

test('a certificate must be good, and of this charger', async (t) => {
  const site = await secured(t)
  const show = (certificate: ConnectionRequest['certificate']): Admission =>
    site.admit({ securityProfile: 3, ...(certificate && { certificate }) })
  t.match(show(undefined), REFUSED)
  t.match(show({ verified: false, problem: 'CERT_HAS_EXPIRED' }), REFUSED)
  t.match(show({ verified: true, names: ['CP002'] }), REFUSED)
  t.match(show({ verified: true, names: [] }), REFUSED)
  t.same(show({ verified: true, names: ['CP001'] }), ACCEPTED)
  t.same(show({ verified: true, names: ['Charger 1', 'CP001'] }), ACCEPTED)
  await site.clock.advance(1)
  const events = (await site.rest('GET', '/security-events')).body
  t.equal(events[0]?.['event'], 'LoginRefused')
  t.equal(events[0]?.['ocpp_charge_point_id'], 'CP001')
})

test('a charger that has used a profile is taken with no lower one, also after a restart', async (t) => {
  const site = await secured(t)
  t.same(site.admit({}), ACCEPTED)
  const key = await keyByHand(site)
  t.same(site.login(key), ACCEPTED)
  t.match(site.admit({}), { type: 'refuse', status: 403 })
  t.match(site.login(key, { securityProfile: 1 }), { type: 'refuse', status: 403 })
  await site.clock.advance(10)
  await site.crash()
  t.match(site.admit({}), { type: 'refuse', status: 403 })
  t.same(site.login(key), ACCEPTED)
  const [event] = (await site.rest('GET', '/security-events')).body
  t.match(event, { event: 'SecurityProfileTooLow', critical: true, remote_address: '10.0.0.1' })
})

test('only an operator with a clear word lowers a profile', async (t) => {
  const site = await secured(t)
  const path = '/chargers/cp001/security-profile'
  t.equal((await site.rest('PATCH', '/chargers/cp001', { security_profile: 2 })).status, 200)
  t.match(site.admit({}), { type: 'refuse', status: 403 })
  t.equal((await site.rest('PATCH', '/chargers/cp001', { security_profile: 1 })).status, 409)
  t.equal((await site.rest('PATCH', '/chargers/cp001', { security_profile: null })).status, 409)
  const unclear = await site.rest('POST', path, { security_profile: 0 })
  t.equal(unclear.status, 409)
  t.match(unclear.body['message'], /"lower": true/)
  const calls = '/chargers/cp001/calls'
  const change = (key: string, value: string) =>
    site.rest('POST', calls, { action: 'ChangeConfiguration', key, value })
  const lowered = await change('SecurityProfile', '1')
  t.equal(lowered.status, 409)
  t.match(lowered.body['message'], /never lowered over OCPP/)
  t.match((await change('securityprofile', '3')).body['message'], /not connected/)
  t.match((await change('AuthorizationKey', 'aa')).body['message'], /POST authorization-key/)
  t.equal((await site.rest('POST', path, { security_profile: 0, lower: true })).status, 200)
  t.same(site.admit({}), ACCEPTED)
  await site.crash()
  t.same(site.admit({}), ACCEPTED, 'for good')
  const events = (await site.rest('GET', '/security-events')).body
  t.ok(events.some(({ event }) => event === 'SecurityProfileLowered'))
})

test('a new key goes out over OCPP; the old one ends when the new one is used', async (t) => {
  const site = await secured(t)
  const old = await keyByHand(site)
  const line = await site.dial({
    securityProfile: 2,
    credentials: { user: 'CP001', password: Buffer.from(old) },
  })
  t.same(line.admission, ACCEPTED)
  const asked = site.rest('POST', KEY, { via: 'ocpp' })
  await site.clock.advance(3_000)
  t.match(await asked, { status: 201, body: { status: 'accepted' } })
  t.notOk('authorization_key' in (await asked).body, 'nobody else needs to know it')
  t.match(line.keys, [/^[0-9a-f]{40}$/])
  const fresh = Buffer.from(line.keys[0] ?? '', 'hex').toString()
  t.same(site.login(old), ACCEPTED, 'a charger may take it with its next start only')
  t.same(site.login(fresh), ACCEPTED)
  t.match(site.login(old), REFUSED)
  await site.clock.advance(10)
  await site.crash()
  t.same(site.login(fresh), ACCEPTED)
  t.match(site.login(old), REFUSED)
})

for (const answer of ['Rejected', 'NotSupported']) {
  test(`a charger that answers ${answer} keeps its key, alone`, async (t) => {
    const site = await secured(t)
    const old = await keyByHand(site)
    const line = await site.dial({}, answer)
    const asked = site.rest('POST', KEY, { via: 'ocpp' })
    await site.clock.advance(3_000)
    t.match(await asked, { status: 201, body: { status: 'refused' } })
    t.match(site.login(Buffer.from(line.keys[0] ?? '', 'hex').toString()), REFUSED)
    t.same(site.login(old), ACCEPTED)
  })
}

for (const used of ['old', 'new']) {
  test(`a key that is under way at a crash: both are valid until the ${used} one is used`, async (t) => {
    const site = await secured(t)
    const old = await keyByHand(site)
    const line = await site.dial({}, HELD)
    site.rest('POST', KEY, { via: 'ocpp' }).catch(() => undefined)
    await site.clock.advance(3_000)
    const fresh = Buffer.from(line.keys[0] ?? '', 'hex').toString()
    t.equal(line.keys.length, 1)
    await site.crash()
    const [first, other] = used === 'old' ? [old, fresh] : [fresh, old]
    t.same(site.login(first), ACCEPTED)
    t.match(site.login(other), REFUSED)
    await site.clock.advance(10)
    await site.crash()
    t.same(site.login(first), ACCEPTED)
    t.match(site.login(other), REFUSED)
  })
}

test('a connection that ends before the answer leaves both valid', async (t) => {
  const site = await secured(t)
  const old = await keyByHand(site)
  const line = await site.dial({}, HELD)
  const asked = site.rest('POST', KEY, { via: 'ocpp' })
  await site.clock.advance(1_000)
  line.drop()
  t.match(await asked, { body: { status: 'unanswered' } })
  t.equal((await site.rest('GET', '/chargers/cp001/security')).body['authorization_keys'], 2)
  t.same(site.login(old), ACCEPTED)
})

test('keys that people think up are not taken; random ones of another backend are', async (t) => {
  const site = await secured(t)
  const thought = hexOf(Buffer.from('MyDepotPassword1'))
  t.equal((await site.rest('POST', KEY, { via: 'hand', key: thought })).status, 422)
  t.equal((await site.rest('POST', KEY, { via: 'hand', key: 'abc' })).status, 422)
  const random = '8f3c01d2e4a5b69788f90a1b2c3d4e5f60718293'
  const made = await site.rest('POST', KEY, { via: 'hand', key: random })
  t.equal(made.status, 201)
  t.notOk('authorization_key_text' in made.body)
  t.same(site.login(random), ACCEPTED)
  const password = Buffer.from(random, 'hex')
  t.same(site.login('', { credentials: { user: 'CP001', password } }), ACCEPTED)
})

test('a key that is known to others is revoked at once', async (t) => {
  const site = await secured(t)
  const old = await keyByHand(site)
  const credentials = { user: 'CP001', password: Buffer.from(old) }
  const line = await site.dial({ securityProfile: 2, credentials })
  const fresh = await keyByHand(site, { revoke_others: true })
  t.same(line.closed, ['1008 The authorization key was revoked'], 'who came with it must go')
  t.match(site.login(old), REFUSED)
  t.same(site.login(fresh), ACCEPTED)
  t.equal((await site.rest('DELETE', KEY)).status, 204)
  t.match(site.login(fresh), REFUSED)
})

test('without a connection a key cannot be sent, and nothing is changed', async (t) => {
  const site = await secured(t)
  const old = await keyByHand(site)
  t.equal((await site.rest('POST', KEY, { via: 'ocpp' })).status, 409)
  t.same(site.login(old), ACCEPTED)
  t.equal(
    (await site.rest('POST', '/chargers/none/authorization-key', { via: 'hand' })).status,
    404,
  )
})

test('a flood of wrong logins neither keeps an honest charger out nor fills the list', async (t) => {
  const site = await secured(t)
  const key = await keyByHand(site)
  for (let count = 0; count < 5_000; count++) {
    site.login(`wrong${String(count).padStart(15, '0')}`)
    site.login('x'.repeat(20), { identity: `GUESS${count}` })
    if (count % 500 === 0) t.same(site.login(key), ACCEPTED)
  }
  t.ok(site.isSuspect('10.0.0.1'))
  t.notOk(site.isSuspect('10.0.0.2'))
  const events = (await site.rest('GET', '/security-events?limit=1000')).body
  t.ok(events.length < 50, `${events.length} events`)
})

test('what a charger tells of is kept, shown and sent to the backend', async (t) => {
  const site = await secured(t)
  const line = await site.dial({})
  const timestamp = '2026-03-01T00:00:00Z'
  line.say('SecurityEventNotification', { type: 'TamperDetectionActivated', timestamp })
  await site.clock.advance(3_000)
  const expected = {
    source: 'charge_point',
    event: 'TamperDetectionActivated',
    critical: true,
    ocpp_charge_point_id: 'CP001',
    happened_at: timestamp,
    count: 1,
  }
  const [event] = (await site.rest('GET', '/security-events')).body
  t.match(event, expected)
  const sent = site.upstream.published().filter(({ topic }) => topic.endsWith('/event/security'))
  t.equal(sent.length, 1)
  t.match(JSON.parse(sent[0]?.payload ?? ''), {
    id: event?.['id'],
    type: 'security',
    data: { event: 'TamperDetectionActivated', critical: true, chargePointId: 'CP001' },
  })
  await site.crash()
  t.match((await site.rest('GET', '/security-events')).body, [expected])
})
