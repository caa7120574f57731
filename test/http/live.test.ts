import { test } from 'tap'
import { testApi, withCharger } from './a-backend.js'
import type { TestApi } from './a-backend.js'

interface LiveEvent {
  readonly all: boolean
  readonly site: { readonly at: string; readonly chargers: number }
  readonly constraints: readonly { readonly id: string }[]
  readonly chargers: readonly { readonly id: string; readonly name: string }[]
  readonly sessions: readonly unknown[]
  readonly removed: readonly { readonly kind: string; readonly id: string }[]
}

async function follow(api: TestApi) {
  const response = await api.open('/api/v1/live')
  if (!response.body) throw new Error('there is no stream')
  const reader = response.body.getReader()
  return {
    status: response.status,
    next: async (): Promise<LiveEvent> => {
      const { value } = await reader.read()
      const [, data = '{}'] = /^data: (.*)\n\n$/.exec(new TextDecoder().decode(value)) ?? []
      return JSON.parse(data)
    },
    leave: () => reader.cancel(),
  }
}

test('who follows gets all there is, then only what changed', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const { next } = await follow(api)
  t.match(await next(), { all: true, chargers: [{ id: charger }], removed: [] })

  api.round()
  const quiet = await next()
  t.match(quiet, { all: false, site: { chargers: 1 } })
  t.same([quiet.constraints, quiet.chargers, quiet.sessions], [[], [], []], 'only the site')

  await api.call('PUT', `/api/v1/chargers/${charger}`, { name: 'Gate' })
  api.round()
  t.match((await next()).chargers, [{ id: charger, name: 'Gate' }])

  await api.call('DELETE', `/api/v1/chargers/${charger}`)
  api.round()
  t.match(await next(), { chargers: [], removed: [{ kind: 'chargers', id: charger }] })
})

test('who is slow gets what he missed in one, and nothing is kept for him', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const { next } = await follow(api)
  await next()
  api.round()
  for (let second = 0; second < 20; second++) {
    await api.call('PUT', `/api/v1/chargers/${charger}`, { name: `Name ${second}` })
    api.round()
  }
  t.same((await next()).chargers, [], 'what was waiting')
  api.round()
  t.match((await next()).chargers, [{ name: 'Name 19' }])
})

test('who reads nothing for half a minute is let go', async (t) => {
  const api = testApi()
  const { next } = await follow(api)
  for (let second = 0; second < 29; second++) api.round()
  t.equal(api.followers(), 1)
  for (let second = 0; second < 3; second++) api.round()
  t.equal(api.followers(), 0)
  await t.rejects(next(), /nothing was read for 30 s/)
})

test('nothing is made while nobody looks, and there are places for 32', async (t) => {
  const api = testApi()
  const readers = []
  for (let count = 0; count < 32; count++) readers.push(await follow(api))
  t.equal(api.followers(), 1, 'one look at the site for all')
  const tooMany = await api.call('GET', '/api/v1/live')
  t.match(tooMany, { status: 503, body: { error: 'unavailable', message: /32 are following/ } })
  for (const { leave } of readers) await leave()
  t.equal(api.followers(), 0)
  t.equal((await follow(api)).status, 200)
})

test('a stream needs the token as all else does', async (t) => {
  const request = new Request('http://10.0.0.1:8000/api/v1/live', { headers: { host: '10.0.0.1' } })
  t.equal((await testApi().send(request, '10.0.0.9')).status, 401)
})

test('the check shows the arithmetic of the dead-man rule for each node', async (t) => {
  const api = testApi({
    rules: {
      fuseA: 30,
      meters: [{ id: 'main', constraintId: undefined, worstBaseLoadA: [10, 12, 10] }],
    },
  })
  const { group } = await withCharger(api)
  const { body } = await api.call('GET', '/api/v1/site/check')
  t.match(body, {
    fits: true,
    nodes: [
      {
        node_id: 'site',
        lowest_limit_a: { l1: 30, l2: 30, l3: 30 },
        worst_base_load_a: { l1: 10, l2: 12, l3: 10 },
        fallbacks_a: { l1: 6, l2: 6, l3: 6 },
        left_a: { l1: 14, l2: 12, l3: 14 },
        lowest_limit_kw: null,
        evses: 1,
        evses_with_fallback: 1,
        fits: true,
      },
      { lowest_limit_kw: 1000, left_kw: 995.86 },
      { node_id: group },
    ],
    problems: [],
  })
})

test('a site that could not stand alone is told so, with the figures', async (t) => {
  const api = testApi({ rules: { fuseA: 10 } })
  const { charger } = await withCharger(api)
  await api.call('PUT', `/api/v1/chargers/${charger}`, {
    evses: [{ id: 1, fallback_current_a: 16 }],
  })
  const { body } = await api.call('GET', '/api/v1/site/check')
  t.match(body, {
    fits: false,
    nodes: [{ node_id: 'site', fits: false, left_a: { l1: -6 } }, { fits: true }, { fits: true }],
    problems: [{ node_id: 'site', message: /16.0 A .* leaves 10.0 A: 6.0 A too much/ }],
  })
})

test('an operator ends what the watchdog did, at a constraint or everywhere', async (t) => {
  const api = testApi()
  const { group } = await withCharger(api)
  t.equal((await api.call('DELETE', `/api/v1/constraints/${group}/cut-off`)).status, 204)
  t.equal((await api.call('DELETE', '/api/v1/site/cut-off')).status, 204)
  t.same(api.restored, [group, 'site'])
  t.equal((await api.call('DELETE', '/api/v1/constraints/none/cut-off')).status, 404)
})
