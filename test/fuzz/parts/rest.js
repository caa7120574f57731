/** Requests to the REST API of a whole depot: paths, methods, headers and bodies. */
import { fuzzDepot } from '../depot.js'
import { mutateJson, mutateText, weirdValue } from '../mutate.js'

/** What was added by then is given up with the depot. */
const NEW_DEPOT_EVERY = 20_000
const ADVANCE_EVERY = 20

const BODIES = [
  [
    'POST',
    '/constraints',
    { name: 'C', type: 'constraint', max_power_kw: 100, parent_id: 'yard', priority: 1 },
  ],
  [
    'POST',
    '/constraints',
    {
      name: 'G',
      type: 'charge_group',
      max_power_kw: 50,
      parent_id: 'yard',
      schedule: [{ from: '22:00', to: '06:00', max_power_kw: 20 }],
    },
  ],
  ['PATCH', '/constraints/group', { max_power_kw: 400 }],
  [
    'PUT',
    '/constraints/group',
    { name: 'Group', type: 'charge_group', max_power_kw: 500, parent_id: 'yard' },
  ],
  ['DELETE', '/constraints/nothing', undefined],
  [
    'POST',
    '/chargers',
    {
      name: 'New',
      max_power_kw: 11,
      parent_charge_group: 'group',
      ocpp_charge_point_id: 'CP900',
      evses: [{ id: 1, max_power_kw: 11 }],
    },
  ],
  ['PATCH', '/chargers/cp007', { is_active: 'Active', priority: 3 }],
  ['PATCH', '/chargers/cp008', { evses: [{ id: 1, max_power_kw: 11, fallback_current_a: 6 }] }],
  ['GET', '/chargers', undefined],
  ['GET', '/chargers/cp001', undefined],
  ['GET', '/sessions', undefined],
  ['GET', '/sessions/live', undefined],
  ['GET', '/site', undefined],
  ['GET', '/openapi.json', undefined],
  ['POST', '/id-tags', { id_tag: 'TAG1', status: 'Accepted' }],
  [
    'POST',
    '/vehicles',
    {
      name: 'Bus 1',
      id_tags: ['CAR-CP001'],
      battery_kwh: 300,
      departures: [{ days: 'Mo-Fr', at: '06:00' }],
    },
  ],
  ['PATCH', '/sessions/1', { departure: '2026-01-05T06:00:00Z', energy_kwh: 20 }],
  [
    'PUT',
    '/constraints/yard/override',
    { max_power_kw: 50, until: '2026-01-05T06:00:00Z', reason: 'test' },
  ],
  ['POST', '/chargers/cp007/calls', { action: 'Reset', payload: { type: 'Soft' } }],
  ['POST', '/chargers/cp007/reset', { type: 'Soft' }],
  ['GET', '/schedules/preview?date=2026-01-05', undefined],
  ['GET', '/constraints/yard/schedule?date=2026-01-05', undefined],
  ['POST', '/chargers/cp007/probe', {}],
]

export async function rest(seed, pool) {
  let depot = await fuzzDepot(seed)
  let given
  return {
    async each(random, index) {
      if (index % NEW_DEPOT_EVERY === NEW_DEPOT_EVERY - 1) {
        await depot.stop()
        depot = await fuzzDepot(`${seed}/${index}`)
      }
      const made = requestOf(random, pool)
      given = made.given
      if (!made.request) return
      // One address may ask 50 times a second.
      const remoteAddress = `127.0.${random.below(250)}.${random.below(250)}`
      const answering = depot.controller.handle(made.request, { remoteAddress })
      await checked(await answered(answering, depot.clock))
      if (index % ADVANCE_EVERY === 0) await depot.clock.advance(100)
    },
    input: () => given,
    async look() {
      await depot.clock.advance(1_000)
      const request = new Request('http://localhost/api/v1/site', {
        headers: { host: 'localhost' },
      })
      const { status } = await depot.controller.handle(request, { remoteAddress: '127.9.9.9' })
      return status === 200 ? undefined : `GET /site is answered ${status}`
    },
    lookEvery: 1_000,
    growthMiB: 24,
    stop: () => depot.stop(),
  }
}

/** What asks a charge point ends with its answer or its timeout: time passes until then. */
async function answered(answering, clock) {
  const waiting = Symbol('waiting')
  for (let passedS = 0; passedS < 300; passedS++) {
    const turn = new Promise((resolve) => setImmediate(resolve, waiting))
    const answer = await Promise.race([answering, turn])
    if (answer !== waiting) return answer
    await clock.advance(passedS < 5 ? 20 : 1_000)
  }
  throw new Error('not answered within five minutes')
}

async function checked(response) {
  const { status } = response
  const text = await response.text()
  if (status === 500) throw new Error(`answered 500: ${text.slice(0, 300)}`)
  // The answer to HEAD has none.
  if (text === '') return
  if (status >= 400 && typeof JSON.parse(text).message !== 'string')
    throw new Error(`${status} without a message: ${text}`)
}

function requestOf(random, pool) {
  let [method, path, body] = random.pick(BODIES)
  if (random.chance(0.1))
    method = random.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])
  // Whoever deletes what others stand on has the right to, but ends what is looked at here.
  if (random.chance(0.15)) path = mutateText(path, random)
  const text = bodyText(body, random, pool)
  const given = { method, path, text }
  const headers = {
    host: 'localhost',
    'content-type': random.chance(0.95) ? 'application/json' : 'text/plain',
  }
  if (random.chance(0.02))
    headers.authorization = `Bearer ${String.fromCharCode(33 + random.below(90)).repeat(random.below(5_000))}`
  try {
    const hasBody = method !== 'GET' && method !== 'HEAD' && text !== undefined
    const request = new Request(
      `http://localhost/api/v1${path.startsWith('/') ? path : `/${path}`}`,
      { method, headers, body: hasBody ? text : null },
    )
    return { request, given }
  } catch {
    return { request: undefined, given }
  }
}

function bodyText(body, random, pool) {
  if (body === undefined)
    return random.chance(0.2) ? JSON.stringify(weirdValue(random, pool)) : undefined
  const which = random.next()
  if (which < 0.1) return JSON.stringify(body)
  if (which < 0.75) return JSON.stringify(mutateJson(body, random, pool))
  if (which < 0.9) return mutateText(JSON.stringify(body), random)
  if (which < 0.95) return '['.repeat(random.below(60_000))
  return JSON.stringify(weirdValue(random, pool)) ?? ''
}
