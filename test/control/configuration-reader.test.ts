import { test } from 'tap'
import { readConfiguration } from '../../src/control/configuration-reader.js'
import type { CallEnd } from '../../src/ocpp/call-end.js'

const SETTINGS: Readonly<Record<string, string>> = {
  HeartbeatInterval: '300',
  NumberOfConnectors: '2',
  GetConfigurationMaxKeys: '4',
  SupportedFeatureProfiles: 'Core, SmartCharging',
}

const answer = (keys: readonly string[]): CallEnd => ({
  type: 'answered',
  late: false,
  payload: {
    configurationKey: keys
      .filter((key) => Object.hasOwn(SETTINGS, key))
      .map((key) => ({ key, readonly: false, value: SETTINGS[key] })),
    unknownKey: keys.filter((key) => !Object.hasOwn(SETTINGS, key)),
  },
})
const error: CallEnd = { type: 'refused', code: 'InternalError', description: '', late: false }
const nothing: CallEnd = { type: 'answered', payload: {}, late: false }

const all = Object.keys(SETTINGS).toSorted()

for (const [title, reply, most] of [
  ['answers all at once', (keys: readonly string[]) => answer(keys.length ? keys : all), 1],
  [
    'fails at a question for all',
    (keys: readonly string[]) => (keys.length ? answer(keys) : error),
    4,
  ],
  ['says nothing to it', (keys: readonly string[]) => (keys.length ? answer(keys) : nothing), 4],
  [
    'does not answer it in time',
    (keys: readonly string[]): CallEnd => (keys.length ? answer(keys) : { type: 'timedOut' }),
    4,
  ],
  [
    'takes one key at a time',
    (keys: readonly string[]) => (keys.length === 1 ? answer(keys) : error),
    4,
  ],
  [
    'tells nothing when asked for several',
    (keys: readonly string[]) => (keys.length === 1 ? answer(keys) : nothing),
    4,
  ],
] as const) {
  test(`the settings of a charge point that ${title} are read`, async (t) => {
    const asked: number[] = []
    const read = await readConfiguration(async ({ payload }) => {
      const { key } = payload
      const keys: readonly string[] = Array.isArray(key) ? key.map(String) : []
      asked.push(keys.length)
      return reply(keys)
    })
    t.same(read.ok && read.keys.map(({ key }) => key).toSorted(), all)
    t.ok(Math.max(...asked) <= most, 'never more keys at once than it takes')
  })
}

test('it stops asking when the connection goes', async (t) => {
  let count = 0
  const read = await readConfiguration(async () => {
    count += 1
    return { type: 'disconnected' }
  })
  t.match(read, { ok: false, end: { type: 'disconnected' } })
  t.equal(count, 1)
})
