import { test } from 'tap'
import * as fc from 'fast-check'
import {
  chargerFieldsSchema,
  constraintFieldsSchema,
  idTagSchema,
} from '../../src/config/depot-schema.js'
import { evseSchema } from '../../src/config/evse-schema.js'
import { limitWindowSchema } from '../../src/config/limit-window-schema.js'
import { requestOf, testApi, withCharger } from './a-backend.js'

const CONSTRAINTS = '/api/v1/constraints'
const CHARGERS = '/api/v1/chargers'

test('a body that is not a JSON object is refused with the reason', async (t) => {
  const api = testApi()
  for (const [body, status, message] of [
    ['', 400, /body is empty/],
    ['{"name":', 400, /not JSON/],
    ['NaN', 400, /not JSON/],
    ["{'a':1}", 400, /not JSON/],
    ['[]', 422, /must be a JSON object/],
    ['null', 422, /must be a JSON object/],
    ['"text"', 422, /must be a JSON object/],
    [`{"name":${'['.repeat(16)}${']'.repeat(16)}}`, 400, /nests deeper than 16/],
    [`${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, /nests deeper than 16/],
    [`{"name":"${'x'.repeat(65_536)}"}`, 413, /at most 65536 bytes/],
  ] as const) {
    const answer = await api.send(requestOf('POST', CONSTRAINTS, body))
    t.equal(answer.status, status, body.slice(0, 20))
    t.match(answer.body, { message, problems: Array })
  }
})

test('half a character is no text: it could stand in no address', async (t) => {
  const api = testApi()
  for (const [path, body] of [
    ['/api/v1/id-tags', '{"id_tag":"\\ud800"}'],
    [CONSTRAINTS, '{"name":"Yard \\udc00","type":"constraint","max_power_kw":10}'],
  ] as const) {
    t.equal((await api.send(requestOf('POST', path, body))).status, 422, body)
  }
  t.equal(
    (await api.send(requestOf('POST', '/api/v1/id-tags', '{"id_tag":"\\ud83d\\udd0c"}'))).status,
    201,
  )
})

test('bytes that are no text are refused', async (t) => {
  const api = testApi()
  const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])
  const request = new Request(`http://localhost${CONSTRAINTS}`, { method: 'POST', body: bytes })
  t.match(await api.send(request), { status: 400, body: { message: /not UTF-8/ } })
})

test('a body is cut off at 64 KB whatever length it claims, and one that breaks off is refused', async (t) => {
  const api = testApi()
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1
      controller.enqueue(new Uint8Array(16_384).fill(0x20))
    },
  })
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error('socket hang up'))
    },
  })
  const stream = (body: ReadableStream, headers = {}) =>
    new Request(`http://localhost${CONSTRAINTS}`, { method: 'POST', body, headers, duplex: 'half' })
  t.equal((await api.send(stream(endless))).status, 413)
  t.ok(pulled < 10, `${pulled} chunks were read`)
  t.match(await api.send(stream(broken)), { status: 400, body: { message: /broke off/ } })
  const announced = requestOf('POST', CONSTRAINTS, '{}', { 'content-length': '70000' })
  t.equal((await api.send(announced)).status, 413)
})

test('only a clearly wrong content type is refused', async (t) => {
  const api = testApi()
  for (const [type, status] of [
    ['application/json', 422],
    ['APPLICATION/JSON; charset=utf-8', 422],
    ['application/merge-patch+json', 422],
    ['text/json', 422],
    ['application/x-www-form-urlencoded', 422],
    ['', 422],
    ['text/plain', 415],
    ['text/html', 415],
    ['application/xml', 415],
    ['multipart/form-data; boundary=x', 415],
  ] as const) {
    const answer = await api.send(requestOf('POST', CONSTRAINTS, '{}', { 'content-type': type }))
    t.equal(answer.status, status, type)
  }
})

test('all wrong fields are named at once, by their path on the wire', async (t) => {
  const api = testApi()
  const answer = await api.call('POST', CHARGERS, {
    name: '',
    max_power_kw: -1,
    evses: [{ id: 1, max_power_kw: -50, volts: 3 }],
    id: 'mine',
  })
  t.equal(answer.status, 422)
  t.equal(answer.body.error, 'invalid')
  t.same(answer.body.problems.map(({ field }) => field).toSorted(), [
    'evses.0.max_power_kw',
    'evses.0.volts',
    'id',
    'max_power_kw',
    'name',
    'parent_charge_group',
  ])
  t.match(answer.body.message, 'max_power_kw must be a number from 0 to 100000 (kW), got -1')
  t.same((await api.call('GET', CHARGERS)).list, [])
})

test('what the depot does not allow names the field', async (t) => {
  const api = testApi()
  const { group, charger } = await withCharger(api)
  const depot = `${CONSTRAINTS}/id-1`
  const own = `${CHARGERS}/${charger}`
  const second = {
    name: 'Second',
    max_power_kw: 1,
    parent_charge_group: group,
    ocpp_charge_point_id: 'CP_001',
  }
  for (const [method, path, body, status, field, message] of [
    ['PUT', depot, { parent_id: group }, 422, 'parent_id', /cycle/],
    ['PUT', depot, { parent_id: 'id-1' }, 422, 'parent_id', /own parent/],
    ['PUT', depot, { parent_id: 'nobody' }, 422, 'parent_id', /no constraint has the id "nobody"/],
    ['PUT', depot, { id: 'other' }, 422, 'id', /cannot be changed/],
    ['PUT', depot, { name: null }, 422, 'name', /1 to 200 characters/],
    ['PUT', `${CONSTRAINTS}/${group}`, { type: 'constraint' }, 409, 'type', /Test Charger/],
    ['POST', CHARGERS, second, 409, 'ocpp_charge_point_id', /belongs to charger "Test Charger"/],
    ['PUT', own, { parent_charge_group: 'id-1' }, 422, 'parent_charge_group', /charge_group/],
    ['PUT', own, { parent_charge_group: 'x' }, 422, 'parent_charge_group', /no charge group/],
    ['PUT', own, { evses: [{ id: 1 }, { id: 1 }] }, 422, 'evses.1.id', /there twice/],
    ['PUT', own, { evses: [{ id: 2 }] }, 422, 'evses.0.max_power_kw', /is missing/],
    ['PUT', own, { evses: [7] }, 422, 'evses.0', /must be an object, got 7/],
    ['PUT', own, { evses: [{ id: 1, min_current_a: 99 }] }, 422, 'evses.0.min_current_a', /above/],
    [
      'PUT',
      own,
      { evses: [{ id: 1, fallback_current_a: 3 }] },
      422,
      'evses.0.fallback_current_a',
      /must be 0 or from/,
    ],
    ['PUT', own, { id: 'other' }, 422, 'id', /cannot be changed/],
    ['POST', '/api/v1/id-tags', { id_tag: 'x'.repeat(21) }, 422, 'id_tag', /CiString20/],
    ['GET', '/api/v1/sessions?limit=0', undefined, 422, 'limit', /1 to 1000/],
    ['GET', '/api/v1/sessions?limit=many', undefined, 422, 'limit', /1 to 1000/],
    ['GET', '/api/v1/sessions?limit=1001', undefined, 422, 'limit', /1 to 1000/],
  ] as const) {
    const answer = await api.call(method, path, body)
    const what = `${method} ${path} ${JSON.stringify(body)}`
    t.equal(answer.status, status, what)
    t.match(answer.body, { problems: [{ field, message }] }, what)
    t.equal(answer.body.problems.length, 1, what)
  }
})

test('an unknown id or path is not found, another method is not allowed', async (t) => {
  const api = testApi()
  for (const [method, path] of [
    ['GET', `${CONSTRAINTS}/none`],
    ['PUT', `${CONSTRAINTS}/none`],
    ['PATCH', `${CHARGERS}/none`],
    ['DELETE', `${CHARGERS}/none`],
    ['GET', `${CHARGERS}/none`],
    ['GET', '/api/v1'],
    ['GET', '/api/v1/drivers'],
    ['GET', `${CHARGERS}/a/b`],
    ['GET', `${CHARGERS}/%E0%A4%A`],
    ['GET', '/'],
    ['GET', '/api/v2/chargers'],
    ['GET', '/api/v1/__proto__'],
  ] as const) {
    const answer = await api.call(
      method,
      path,
      method === 'GET' || method === 'DELETE' ? undefined : {},
    )
    t.match(answer, { status: 404, body: { error: 'not_found', message: /./, problems: [] } }, path)
  }
  for (const [method, path, allow] of [
    ['DELETE', CHARGERS, 'GET, POST, HEAD, OPTIONS'],
    ['POST', `${CHARGERS}/x`, 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS'],
    ['PUT', '/api/v1/sessions/live', 'GET, HEAD, OPTIONS'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const answer = await api.call(method, path, method === 'DELETE' ? undefined : {})
    t.equal(answer.status, 405)
    t.equal(answer.headers.get('allow'), allow)
  }
})

test('no key of a body reaches a prototype, and a repeated key is the last one', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
    const text = `{"name":"x","evses":[{"id":1,"${key}":{"polluted":1}}],"${key}":{"polluted":1}}`
    for (const [method, path] of [
      ['POST', CHARGERS],
      ['PUT', `${CHARGERS}/${charger}`],
      ['PUT', `${CONSTRAINTS}/id-1`],
      ['POST', '/api/v1/id-tags'],
    ] as const) {
      const answer = await api.send(requestOf(method, path, text))
      t.equal(answer.status, 422, `${method} ${key}`)
      t.ok(
        answer.body.problems.some(({ field }) => field === key),
        key,
      )
    }
  }
  t.notOk('polluted' in {})
  const twice = await api.send(
    requestOf('PUT', `${CHARGERS}/${charger}`, '{"name":"one","name":"two"}'),
  )
  t.match(twice, { status: 200, body: { name: 'two' } })
})

test('a change that cannot be written is refused, and the next one is tried', async (t) => {
  let isFull = true
  const api = testApi({
    change: async () => {
      if (isFull) throw new Error('ENOSPC')
      return { ok: false, problem: { kind: 'conflict', field: undefined, message: 'too tight' } }
    },
  })
  const group = { name: 'G', max_power_kw: 1, type: 'charge_group' }
  const failed = await api.call('POST', CONSTRAINTS, group)
  t.match(failed, {
    status: 503,
    body: { error: 'unavailable', message: /not written|not be written/ },
  })
  t.match(api.failures, [{ message: 'ENOSPC' }])
  isFull = false
  const refused = await api.call('POST', CONSTRAINTS, group)
  t.match(refused, { status: 409, body: { message: 'too tight', problems: [] } })
})

test('a disk that hangs does not gather changes without end', async (t) => {
  let release = (): void => {}
  const hanging = new Promise<void>((resolve) => {
    release = resolve
  })
  const api = testApi({
    change: async () => {
      await hanging
      return { ok: false, problem: { kind: 'conflict', field: undefined, message: 'late' } }
    },
  })
  const group = { name: 'G', max_power_kw: 1, type: 'charge_group' }
  const answers = Array.from({ length: 120 }, () => api.call('POST', CONSTRAINTS, group))
  const turnedAway = await Promise.race(answers)
  t.equal(turnedAway.status, 503)
  t.equal(turnedAway.headers.get('retry-after'), '5')
  t.equal((await api.call('GET', CONSTRAINTS)).status, 200, 'reading goes on')
  release()
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  t.equal(statuses.filter((status) => status === 503).length, 20)
  t.equal(statuses.filter((status) => status === 409).length, 100)
})

test('a fault inside is a 500 that tells nobody outside what it is', async (t) => {
  const api = testApi()
  api.backend.view = () => {
    throw new Error('secret detail')
  }
  const answer = await api.call('GET', CHARGERS)
  t.match(answer, { status: 500, body: { error: 'internal' } })
  t.notMatch(answer.body.message, /secret/)
  t.match(api.failures, [{ message: 'secret detail' }])
  t.equal((await api.call('PUT', `${CHARGERS}/x`, {})).status, 500)
})

test('whatever JSON arrives, the answer is a success or names what is wrong', async (t) => {
  const api = testApi({ rules: { fuseA: 100 } })
  const { charger, group } = await withCharger(api)
  const text = fc.constantFrom('', 'x', 'CP_001', group, 'id-1', 'charge_group', '07:00', '\u0000')
  const value = fc.oneof(fc.jsonValue(), fc.nat(100), text, fc.constant(null), fc.boolean())
  const fields = fc.constantFrom(
    ...Object.keys(chargerFieldsSchema.shape),
    ...Object.keys(constraintFieldsSchema.shape),
    ...Object.keys(evseSchema.shape),
    ...Object.keys(limitWindowSchema.shape),
    ...Object.keys(idTagSchema.shape),
    '__proto__',
    'reason',
  )
  const object = fc.dictionary(fields, value)
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .tuple(object, fc.option(fc.array(object, { maxLength: 3 })))
      .map(([own, evses]) => JSON.stringify({ ...own, ...(evses && { evses, schedule: evses }) })),
  )
  const target = fc.constantFrom(
    ...(['POST', 'PUT'] as const).map((method) => [method, CONSTRAINTS] as const),
    ['PUT', `${CONSTRAINTS}/${group}`] as const,
    ['PATCH', `${CONSTRAINTS}/id-1`] as const,
    ['POST', CHARGERS] as const,
    ['PUT', `${CHARGERS}/${charger}`] as const,
    ['POST', '/api/v1/id-tags'] as const,
    ['PUT', '/api/v1/id-tags/x'] as const,
  )
  await fc.assert(
    fc.asyncProperty(target, body, async ([method, path], given) => {
      api.advance(1000)
      const { status, body: answer } = await api.send(requestOf(method, path, given))
      return status < 300 || (status < 500 && answer.message.length > 0)
    }),
    { numRuns: 500 },
  )
  t.same(api.failures, [])
  t.equal((await api.call('GET', CHARGERS)).status, 200)
})

test('every answer keeps itself to the one who asked', async (t) => {
  const api = testApi()
  for (const [method, path] of [
    ['GET', CHARGERS],
    ['GET', '/nowhere'],
    ['OPTIONS', CHARGERS],
    ['HEAD', '/healthz'],
    ['DELETE', CHARGERS],
  ] as const) {
    const { headers } = await api.call(method, path)
    t.equal(headers.get('cache-control'), 'no-store')
    t.equal(headers.get('x-content-type-options'), 'nosniff')
    t.equal(headers.get('access-control-allow-origin'), null)
  }
})
