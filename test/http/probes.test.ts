import { test } from 'tap'
import type { ProbeWish } from '../../src/http/backend.js'
import { testApi, WALL_MS, withCharger } from './a-backend.js'

test('a probe is started with consent, and shown as it goes', async (t) => {
  const wishes: ProbeWish[] = []
  const aborted: string[] = []
  const api = testApi({
    probes: {
      start(_id, wish) {
        wishes.push(wish)
        return { ok: true }
      },
      abort: (id) => void aborted.push(id),
      view: () => ({
        state: 'running',
        connectorId: 1,
        steps: ['units', 'expiry'],
        outcomes: [{ step: 'units', isClear: true, findings: { units: ['A'], notes: ['n'] } }],
        step: 'expiry',
        doing: 'waiting for the limit of 10 A to expire',
        leftMs: 39_200,
        why: undefined,
        startedAtMs: WALL_MS,
        endedAtMs: undefined,
      }),
    },
  })
  const { charger } = await withCharger(api)
  const path = `/api/v1/chargers/${charger}/probe`
  const started = await api.call('POST', path, {
    consent: true,
    steps: ['expiry', 'units'],
    connector_id: 1,
  })
  t.equal(started.status, 201)
  t.same(wishes, [{ steps: ['expiry', 'units'], connectorId: 1 }])
  const shown = {
    charger_id: charger,
    state: 'running',
    words: 'step 2 of 2: waiting for the limit of 10 A to expire, at most 40 s',
    step: 'expiry',
    step_number: 2,
    left_s: 40,
    outcomes: [{ step: 'units', clear: true, notes: ['n'] }],
    started_at: '2026-03-01T12:00:00Z',
    ended_at: null,
    expiry_verified: false,
    result: null,
  }
  t.match(started.body, shown)
  t.match((await api.call('GET', path)).body, shown)
  t.equal((await api.call('DELETE', path)).status, 200)
  t.same(aborted, [charger])
})

test('without consent, with unknown steps or for nobody nothing is started', async (t) => {
  const api = testApi({
    probes: {
      start() {
        throw new Error('started')
      },
    },
  })
  const { charger } = await withCharger(api)
  const path = `/api/v1/chargers/${charger}/probe`
  for (const [body, field] of [
    [{}, 'consent'],
    [{ consent: 'yes' }, 'consent'],
    [{ consent: true, steps: [] }, 'steps'],
    [{ consent: true, steps: ['fly'] }, 'steps.0'],
    [{ consent: true, connector_id: 0 }, 'connector_id'],
    [{ consent: true, limit_a: 32 }, 'limit_a'],
  ] as const) {
    const answer = await api.call('POST', path, body)
    t.equal(answer.status, 422, JSON.stringify(body))
    t.match(answer.body.problems, [{ field }])
  }
  for (const method of ['GET', 'POST', 'DELETE']) {
    const body = method === 'POST' ? { consent: true } : undefined
    t.equal((await api.call(method, '/api/v1/chargers/none/probe', body)).status, 404)
  }
})

test('what the probe desk refuses is a conflict in its words', async (t) => {
  const message = '"Gate" is being probed: one at a time'
  const api = testApi({ probes: { start: () => ({ ok: false, kind: 'conflict', message }) } })
  const { charger } = await withCharger(api)
  const answer = await api.call('POST', `/api/v1/chargers/${charger}/probe`, { consent: true })
  t.equal(answer.status, 409)
  t.equal(answer.body.message, message)
})
