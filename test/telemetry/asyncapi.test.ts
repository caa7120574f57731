import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { test } from 'tap'
import { parse } from 'yaml'
import type { UpstreamMessage } from '../../src/ports.js'
import { ackMessage } from '../../src/telemetry/ack-message.js'
import { authorisationMessage } from '../../src/telemetry/authorisation-messages.js'
import { parseCommand } from '../../src/telemetry/commands.js'
import { eventMessage } from '../../src/telemetry/event-message.js'
import { stateMessages } from '../../src/telemetry/state-messages.js'
import { infoMessage, statusMessage, willMessage } from '../../src/telemetry/status-messages.js'
import { siteTopics } from '../../src/telemetry/topics.js'
import { AT_MS, fullView, sampleView } from './sample-view.js'

interface Reference {
  readonly $ref: string
}

interface Described {
  readonly channels: Readonly<
    Record<string, { readonly address: string; readonly messages: Record<string, Reference> }>
  >
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly action: 'send' | 'receive'
        readonly channel: Reference
        readonly bindings: {
          readonly mqtt: { qos: number; retain: boolean; messageExpiryInterval?: number }
        }
      }
    >
  >
  readonly components: {
    readonly messages: Readonly<
      Record<
        string,
        { readonly payload?: Reference; readonly examples?: { readonly payload: object }[] }
      >
    >
    readonly schemas: Readonly<Record<string, unknown>>
  }
}

const text = readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8')
const described: Described = parse(text)
const topics = siteTopics('depot/v1', 'north')

const published: readonly UpstreamMessage[] = [
  willMessage(topics, 'b1'),
  ...(['start', 'reconnect'] as const).map((reason) =>
    statusMessage(topics, { online: true, reason, ts: AT_MS, boot: 'b1', version: '1.0.0' }),
  ),
  statusMessage(topics, { online: false, reason: 'stop', ts: AT_MS, boot: 'b1', version: '1' }),
  infoMessage(topics, {
    ts: AT_MS,
    boot: 'b1',
    version: '1.0.0',
    siteName: 'North',
    timezone: 'Europe/Berlin',
    commands: 'lower-only',
    constraints: 2,
    chargers: 3,
    eventsPending: 0,
    eventsDropped: 0,
  }),
  ...stateMessages(topics, fullView()),
  ...stateMessages(topics, sampleView()),
  ...(['session', 'limit', 'fault', 'config', 'audit'] as const).map((type, seq) =>
    eventMessage(topics, { id: `e${seq}`, seq, atMs: AT_MS, type, data: { any: 1 } }),
  ),
  ...(['accepted', 'done', 'rejected', 'failed', 'expired', 'duplicate'] as const).map((status) =>
    ackMessage({ topics, name: 'limit', id: 'c1', status, ts: AT_MS, reason: 'so', result: {} }),
  ),
  authorisationMessage(topics, {
    requestId: 'r1',
    chargePointId: 'CP 1',
    idTag: 'A',
    atMs: AT_MS,
    untilMs: AT_MS + 2_000,
  }),
  ackMessage({ topics, name: 'limit', id: undefined, status: 'rejected', ts: AT_MS }),
]

/** Schemas as tolerant as readers should be, made strict: nothing may be published undescribed. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const inside = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  )
  return 'properties' in schema ? { ...inside, additionalProperties: false } : inside
}

const ajv = new Ajv({ strict: false, allErrors: true })
ajv.addSchema({ $id: 'asyncapi', components: { schemas: closed(described.components.schemas) } })

function validator(message: string): ReturnType<typeof ajv.compile> {
  const payload = described.components.messages[message]?.payload
  if (!payload) throw new Error(`docs/asyncapi.yaml does not describe the payload of ${message}`)
  return ajv.compile({ $ref: `asyncapi${payload.$ref}` })
}

function channelsOf(topic: string): string[] {
  return Object.entries(described.channels)
    .filter(([, { address }]) => addressPattern(address).test(topic))
    .map(([name]) => name)
}

function addressPattern(address: string): RegExp {
  const pattern = address.replace('{root}', 'depot/v1').replaceAll(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${pattern}$`)
}

const messageOf: Readonly<Record<string, string>> = {
  status: 'status',
  info: 'info',
  stateSite: 'stateSite',
  stateGroup: 'stateGroup',
  stateCharger: 'stateCharger',
  authorize: 'authorize',
  event: 'event',
  ack: 'ack',
}

test('every published message is described: topic, QoS, retain, expiry and each field', async (t) => {
  for (const message of published) {
    const [channel = 'none', ...others] = channelsOf(message.topic)
    t.same(others, [], `${message.topic} belongs to one channel`)
    const operation = Object.values(described.operations).find(
      ({ action, channel: of }) => action === 'send' && of.$ref === `#/channels/${channel}`,
    )
    const { qos, retain, messageExpiryInterval } = operation?.bindings.mqtt ?? {}
    t.same(
      { qos, retain, expiryS: messageExpiryInterval },
      { qos: message.qos, retain: message.retain, expiryS: message.expiryS },
      `${message.topic} is sent as described`,
    )
    const validate = validator(messageOf[channel] ?? channel)
    t.ok(validate(JSON.parse(message.payload)), message.topic, { errors: validate.errors })
  }
})

test('every described field is really published by something', async (t) => {
  const said = new Set<string>()
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(collect)
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      said.add(key)
      collect(inner)
    }
  }
  for (const { payload } of published) collect(JSON.parse(payload))
  const received = new Set([
    'RequestHeaders',
    'ReplyHeaders',
    'AuthorizeCommand',
    'CallCommand',
    'LimitCommand',
    'OverrideCommand',
    'SessionCommand',
    'VehicleCommand',
  ])
  for (const [name, schema] of Object.entries(described.components.schemas)) {
    if (received.has(name)) continue
    const properties = Object(schema).properties ?? {}
    t.same(
      Object.keys(properties).filter((key) => !said.has(key)),
      [],
      name,
    )
  }
})

test('every channel has an operation, and every reference leads somewhere', async (t) => {
  for (const channel of Object.keys(described.channels)) {
    t.ok(
      Object.values(described.operations).some(
        ({ channel: of }) => of.$ref === `#/channels/${channel}`,
      ),
      channel,
    )
  }
  for (const [, reference = ''] of text.matchAll(/\$ref: '#\/([^']+)'/g)) {
    let at: unknown = described
    for (const step of reference.split('/')) at = Object(at)[step]
    t.ok(at, reference)
  }
})

const base = { id: 'c1', ts: AT_MS, expiresAt: AT_MS + 1000 }

for (const [name, others, expected] of [
  [
    'limit',
    [
      { ...base, args: { limitA: 0 } },
      { ...base, args: { limitA: [1, 2, 3], limitKw: 5, validForS: 0.5 } },
      { ...base, args: {} },
      { ...base, args: { limitA: [1, 2] } },
      { ...base, args: { limitA: -1 } },
      { ...base, args: { limitKw: 1, validForS: 0 } },
      { ...base, args: { limitKw: 1, validForS: 86_401 } },
      { ...base, args: { limitKw: 1, constraintId: '' } },
      { ...base, args: { limitKw: 1, more: 1 } },
      { ...base, args: { clear: true, limitKw: 1 } },
      { ...base, args: { clear: false } },
      { ...base, id: 'a b', args: { limitKw: 1 } },
      { ...base, id: 7, args: { limitKw: 1 } },
      { id: 'c1', args: { limitKw: 1 } },
      { ...base, more: 1, args: { limitKw: 1 } },
    ],
    5,
  ],
  [
    'authorize',
    [
      { ...base, args: { requestId: 'r', status: 'Invalid', parentIdTag: null, expiresTs: null } },
      { ...base, args: { requestId: 'r', status: 'accepted' } },
      { ...base, args: { requestId: '', status: 'Accepted' } },
      { ...base, args: { status: 'Accepted' } },
      { ...base, args: { requestId: 'r', status: 'Accepted', parentIdTag: 'x'.repeat(21) } },
      { ...base, args: { requestId: 'r', status: 'Accepted', expiresTs: 1.5 } },
      { ...base, args: { requestId: 'r', status: 'Accepted', idTag: 'A' } },
    ],
    3,
  ],
  [
    'override',
    [
      { ...base, args: { limitKw: 1, validForS: 604_800, reason: 'r', by: 'b' } },
      { ...base, args: { limitKw: 1, validForS: 604_801, reason: 'r' } },
      { ...base, args: { limitKw: 1, validForS: 60 } },
      { ...base, args: { limitKw: 1, reason: 'r' } },
      { ...base, args: { limitKw: 1, validForS: 60, until: '22:00', reason: 'r' } },
      { ...base, args: { limitKw: 1, until: '24:00', reason: 'r' } },
      { ...base, args: { until: '22:00', reason: 'r' } },
      { ...base, args: { ignoreSchedule: false, until: '22:00', reason: 'r' } },
      { ...base, args: { clear: true, reason: 'r' } },
    ],
    4,
  ],
  [
    'session',
    [
      { ...base, args: { sessionId: '17', targetSoc: 80 } },
      { ...base, args: { chargePointId: 'CP 1', evseId: 2, departureTs: null } },
      { ...base, args: { evseId: 2, departureTs: null } },
      { ...base, args: { sessionId: '17' } },
      { ...base, args: { targetSoc: 80 } },
      { ...base, args: { sessionId: '17', vehicleId: 'b', targetSoc: 80 } },
      { ...base, args: { sessionId: '17', vehicleId: 'b', evseId: 1, targetSoc: 80 } },
      { ...base, args: { sessionId: 'a b', targetSoc: 80 } },
      { ...base, args: { sessionId: '17', targetSoc: 101 } },
      { ...base, args: { sessionId: '17', priority: 3, priorityUntilTs: AT_MS } },
      { ...base, args: { sessionId: '17', priority: 1.5 } },
      { ...base, args: { sessionId: '17', energyKwh: '5' } },
      { ...base, args: { sessionId: '17', departureTs: 1.5 } },
      { ...base, args: { sessionId: '17', target_soc: 80 } },
      { id: 'c1', args: { sessionId: '17', targetSoc: 80 } },
    ],
    5,
  ],
  [
    'vehicle',
    [
      { ...base, args: { vehicleId: 'b14', name: 'Bus 14', phases: 3, targetSoc: null } },
      { ...base, args: { vehicleId: 'b14', oneOffDepartures: [{ date: '2026-12-24' }] } },
      { ...base, args: { vehicleId: 'b14', departures: [{ days: [], time: '05:30' }] } },
      { ...base, args: { vehicleId: 'b14', departures: [{ time: '24:00' }] } },
      { ...base, args: { vehicleId: 'b14', departures: [{ time: '05:30', target_soc: 3 }] } },
      { ...base, args: { vehicleId: 'b14', delete: true, name: 'Bus 14' } },
      { ...base, args: { vehicleId: 'b14', delete: false } },
      { ...base, args: { name: 'Bus 14' } },
      { ...base, args: { vehicleId: 'b14', batteryKwh: 0 } },
      { ...base, args: { vehicleId: 'b14', battery_kwh: 5 } },
      { ...base, args: { vehicleId: 'b14', idTags: [''] } },
      { ...base, args: { vehicleId: 'b14', phases: 4 } },
    ],
    4,
  ],
] as const) {
  test(`the ${name} commands of the description are taken, and what it forbids is refused`, async (t) => {
    const message = `${name}Command`
    const validate = validator(message)
    const topic = `${topics.base}/cmd/${name}`
    t.same(channelsOf(topic), ['command'])
    const { examples = [] } = described.components.messages[message] ?? {}
    let taken = 0
    for (const candidate of [...examples.map(({ payload }) => payload), ...others]) {
      const payload = JSON.stringify(candidate)
      const { ok } = parseCommand(topics, { topic, payload, retained: false }, AT_MS)
      t.equal(validate(candidate), ok, payload)
      if (ok) taken += 1
    }
    t.equal(taken, expected)
  })
}
