import { test } from 'tap'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { testApi, WALL_MS, withCharger } from './a-backend.js'
import type { TestApi } from './a-backend.js'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: { readonly content: Content; readonly required: boolean }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}
interface Content {
  readonly 'application/json': { readonly schema: object }
  readonly 'text/event-stream'?: { readonly schema: object }
}
interface Description {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

async function describedBy(api: TestApi): Promise<Description> {
  const { body } = await api.call('GET', '/api/v1/openapi.json')
  const text = JSON.stringify(body)
  return JSON.parse(text)
}

const ROUTES = [
  ...['constraints/{id}', 'site'].flatMap((node) =>
    ['get', 'put', 'delete'].map((method) => `${method} /${node}/override`),
  ),
  'get /constraints/{id}/schedule',
  'get /site/schedule',
  'get /constraints',
  'post /constraints',
  'get /constraints/{id}',
  'put /constraints/{id}',
  'patch /constraints/{id}',
  'delete /constraints/{id}',
  'get /chargers',
  'post /chargers',
  'get /chargers/{id}',
  'get /chargers/{id}/frames',
  'put /chargers/{id}',
  'patch /chargers/{id}',
  'delete /chargers/{id}',
  'get /pending-chargers',
  'get /pending-chargers/{id}',
  'patch /pending-chargers/{id}',
  'delete /pending-chargers/{id}',
  'post /pending-chargers/{id}/accept',
  'get /id-tags.csv',
  'post /id-tags.csv',
  'get /id-tags',
  'post /id-tags',
  'get /id-tags/{id}',
  'put /id-tags/{id}',
  'patch /id-tags/{id}',
  'delete /id-tags/{id}',
  'get /vehicles',
  'post /vehicles',
  'get /vehicles/{id}',
  'put /vehicles/{id}',
  'patch /vehicles/{id}',
  'delete /vehicles/{id}',
  'get /sessions',
  'post /chargers/{id}/calls',
  'post /chargers/{id}/probe',
  'get /chargers/{id}/probe',
  'delete /chargers/{id}/probe',
  'get /sessions/live',
  'get /sessions/live/{id}',
  'put /sessions/live/{id}',
  'patch /sessions/live/{id}',
  'delete /constraints/{id}/cut-off',
  'delete /site/cut-off',
  'get /chargers/{id}/configuration',
  'get /reservations',
  'post /reservations',
  'delete /reservations/{id}',
  'get /chargers/{id}/security',
  'post /chargers/{id}/authorization-key',
  'delete /chargers/{id}/authorization-key',
  'post /chargers/{id}/security-profile',
  'get /security',
  'get /security-events',
  'get /files',
  'get /files/{id}',
  'delete /files/{id}',
  'put /firmware/{id}',
  'get /site',
  'get /site/check',
  'get /live',
  'get /openapi.json',
]

test('the description names every route, and every route it names answers', async (t) => {
  const api = testApi()
  const { openapi, paths } = await describedBy(api)
  t.equal(openapi, '3.1.0')
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  t.same(operations.map(({ path, method }) => `${method} ${path}`).toSorted(), ROUTES.toSorted())
  t.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, ROUTES.length)
  for (const { path, method, operation } of operations) {
    const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
    t.same(
      named.map(({ name }) => name),
      path.includes('{id}') ? ['id'] : [],
    )
    t.equal(operation.requestBody !== undefined, ['post', 'put', 'patch'].includes(method))
    const url = `/api/v1${path.replace('{id}', 'none')}`
    if (path.endsWith('.csv') && method === 'get') {
      t.equal((await api.open(url)).status, 200, url)
      continue
    }
    const answer = await api.call(method.toUpperCase(), url, operation.requestBody && {})
    t.not(answer.status, 405, url)
    t.notMatch(answer.body, { message: /nothing at/ }, url)
  }
  t.match(paths['/sessions']?.['get']?.parameters, [
    { name: 'limit', in: 'query', required: false },
  ])
})

test('every reference in the description resolves, and every schema is used', async (t) => {
  const description = await describedBy(testApi())
  const text = JSON.stringify(description)
  const names = new Set<string | undefined>(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]),
  )
  t.equal(text.match(/"\$ref"/g)?.length, text.match(/"\$ref":"#\/components\/schemas\//g)?.length)
  t.same(names, new Set(Object.keys(description.components.schemas)))
  t.notMatch(text, /\$schema|"\$id"/)
})

test('answers have the shape the description gives them', async (t) => {
  const api = testApi({
    rules: {
      fuseA: 100,
      meters: [{ id: 'main', constraintId: undefined, worstBaseLoadA: [10, 10, 10] }],
    },
  })
  const description = await describedBy(api)
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTuples: false })
  ajv.addSchema({ ...description, $id: 'api' }, 'api')
  ajv.addVocabulary(['openapi', 'info', 'servers', 'security', 'components', 'paths', 'webhooks'])
  const fits = (schema: object | undefined, value: unknown, what: string): void => {
    const local = JSON.parse(JSON.stringify(schema ?? false).replaceAll('"#/', '"api#/'))
    const validate = ajv.compile(local)
    t.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`)
  }

  const { charger, group } = await withCharger(api)
  const chargePointId = 'CP_001'
  const startAt = (transactionId: number, connectorId: number) =>
    ({
      type: 'transactionStarted',
      transactionId,
      chargePointId,
      connectorId,
      idTag: 'T',
      idTagStatus: 'Accepted',
      meterStartWh: 0,
      startedWallMs: WALL_MS,
      receivedWallMs: WALL_MS,
      startKey: `k${transactionId}`,
    }) as const
  await api.call('PUT', `/api/v1/chargers/${charger}`, {
    evses: [{ id: 1 }, { id: 2, max_power_kw: 11 }],
  })
  api.happen(
    { type: 'connected', chargePointId },
    { type: 'spoke', chargePointId },
    startAt(1, 1),
    startAt(2, 2),
    {
      type: 'transactionStopped',
      transactionId: 2,
      meterStopWh: 1,
      stoppedWallMs: WALL_MS,
      receivedWallMs: WALL_MS,
      reason: 'Local',
    },
  )
  const tag = { id_tag: 'A' }
  const plan = { energy_kwh: 20, departure: '2026-03-02T05:30:00+01:00' }
  const bus = {
    name: 'Bus 14',
    battery_kwh: 300,
    departures: [{ days: ['mon'], time: '05:30', target_soc: 80 }],
    one_off_departures: [{ date: '2026-12-24', time: '12:00', target_kwh: 40 }],
  }
  const window = { from: '07:00', to: '09:00', max_power_kw: 10 }
  for (const [method, path, id, body] of [
    ['patch', '/constraints/{id}', group, { classes: [{ from_priority: 5, min_current_a: 20 }] }],
    ['put', '/constraints/{id}', group, { schedule: [window], max_current_a: 50 }],
    ['get', '/constraints/{id}', group, undefined],
    ['get', '/constraints', '', undefined],
    ['get', '/constraints/{id}/schedule', group, undefined],
    ['get', '/site/schedule', '', undefined],
    ['put', '/constraints/{id}/override', group, { max_current_a: 5, for_s: 9, reason: 'r' }],
    ['get', '/chargers/{id}', charger, undefined],
    ['get', '/chargers', '', undefined],
    ['patch', '/chargers/{id}', charger, { evses: [{ id: 1 }, { id: 2 }], priority: null }],
    ['post', '/id-tags', '', tag],
    ['get', '/id-tags', '', undefined],
    ['post', '/vehicles', '', bus],
    ['get', '/vehicles', '', undefined],
    ['get', '/sessions', '', undefined],
    ['get', '/sessions/live', '', undefined],
    ['patch', '/sessions/live/{id}', '1', plan],
    ['get', '/sessions/live/{id}', '1', undefined],
    ['get', '/site', '', undefined],
    ['get', '/site/check', '', undefined],
    ['get', '/live', '', undefined],
    ['get', '/openapi.json', '', undefined],
  ] as const) {
    const operation = description.paths[path]?.[method]
    const answer = await api.call(method.toUpperCase(), `/api/v1${path.replace('{id}', id)}`, body)
    const described = operation?.responses[String(answer.status)]
    const what = `${method} ${path} ${answer.status}`
    const content = described?.content
    const media = content?.['text/event-stream'] ?? content?.['application/json']
    fits(media?.schema, answer.body, what)
    if (body) fits(operation?.requestBody?.content['application/json'].schema, body, `${what} body`)
    if (Array.isArray(answer.body)) t.not(answer.body.length, 0, what)
  }
  const refused = await api.call('POST', '/api/v1/chargers', {})
  const refusal = description.paths['/chargers']?.['post']?.responses['default']
  fits(refusal?.content?.['application/json'].schema, refused.body, 'refusal')
})

test('the description asks of a body what the API asks', async (t) => {
  const api = testApi()
  const { group } = await withCharger(api)
  const description = await describedBy(api)
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema({ ...description, $id: 'api' }, 'api')
  const validate = ajv.compile({ $ref: 'api#/components/schemas/ChargerFields' })
  const charger = { name: 'C', max_power_kw: 22, parent_charge_group: group }
  for (const change of [
    {},
    { name: '' },
    { name: ' C' },
    { name: 5 },
    { colour: 'red' },
    { max_power_kw: -1 },
    { priority: 1.5 },
    { priority: null },
    { is_active: 'Active' },
    { is_active: 'yes' },
    { is_active: true },
    { ocpp_charge_point_id: 'a\nb' },
    { evses: [{ id: 1, max_power_kw: 22, phases: 1 }] },
    { evses: [{ id: 1, max_power_kw: 22, phases: 3 }] },
    { evses: [{ id: 1, max_power_kw: 22, phases: 2 }] },
    { evses: [{ id: 0, max_power_kw: 22 }] },
    { evses: [{ id: 1 }] },
    { evses: [{ id: 1, max_power_kw: 22, fallback_current_a: 'auto' }] },
    { evses: [{ id: 1, max_power_kw: 22, fallback_current_a: 'none' }] },
  ]) {
    const body = { ...charger, ...change }
    const { status } = await api.call('POST', '/api/v1/chargers', body)
    t.equal(validate(body), status === 201, JSON.stringify(change))
  }
})
