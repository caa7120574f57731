/** What a run must show, with names and times resolved. */
import type { Path } from '../../config/problem.js'
import { SITE_NODE_ID } from '../../core/site/tree.js'
import type { Settings } from '../../config/settings.js'
import type { Place } from '../../config/yaml-source.js'
import type { ExpectationKeys } from './expectation-keys.js'
import { namesOf } from './resolver.js'
import type { Resolver } from './resolver.js'
import type { Claim, Expectation } from './scenario-file.js'

const TOLERANCE_A = 0.5

export function expectationsOf(
  list: readonly ExpectationKeys[],
  options: {
    readonly settings: Settings
    readonly resolve: Resolver
    readonly place: (path: Path) => Place
  },
): readonly Expectation[] {
  const { settings, resolve, place } = options
  const nodes = [SITE_NODE_ID, ...(settings.depot?.constraints.keys() ?? [])]
  return list.map((keys, index) => {
    const path = ['expect', index]
    const { charger, node } = keys
    if (charger !== undefined) {
      resolve.charger(charger, [...path, 'charger'])
      resolve.connector(charger, keys.connector, [...path, 'connector'])
    }
    if (node !== undefined && !nodes.includes(node)) {
      const message = `the depot has no node "${node}": it has ${namesOf(nodes)}`
      resolve.problem([...path, 'node'], message)
    }
    return {
      ...place(path),
      when: whenOf(keys, path, resolve),
      charger,
      connectorId: keys.connector,
      nodeId: node,
      claims: claimsOf(keys),
    }
  })
}

function whenOf(keys: ExpectationKeys, path: Path, resolve: Resolver): Expectation['when'] {
  if (keys.at) return { type: 'at', atMs: resolve.time(keys.at, [...path, 'at']) }
  const fromMs = keys.from ? resolve.time(keys.from, [...path, 'from']) : 0
  const toMs = keys.to && resolve.time(keys.to, [...path, 'to'])
  if (toMs !== undefined && toMs < fromMs) {
    resolve.problem([...path, 'to'], 'is before "from"')
  }
  return { type: 'span', fromMs, toMs }
}

function claimsOf(keys: ExpectationKeys): readonly Claim[] {
  const claims: Claim[] = []
  const { offer_a: offerA, min_offer_a: minOfferA, max_offer_a: maxOfferA, draw_a: drawA } = keys
  if (offerA !== undefined) claims.push({ type: 'offer', ...around(offerA) })
  if ((minOfferA ?? maxOfferA) !== undefined) {
    claims.push({ type: 'offer', minA: minOfferA ?? 0, maxA: maxOfferA ?? Infinity })
  }
  if (drawA !== undefined) claims.push({ type: 'draw', ...around(drawA) })
  if (keys.reason !== undefined) claims.push({ type: 'reason', words: keys.reason })
  if (keys.connected !== undefined) claims.push({ type: 'connected', connected: keys.connected })
  if (keys.transaction !== undefined) claims.push({ type: 'transaction', runs: keys.transaction })
  if (keys.status !== undefined) claims.push({ type: 'status', status: keys.status })
  if ((keys.min_a ?? keys.max_a) !== undefined) {
    claims.push({ type: 'node', minA: keys.min_a ?? 0, maxA: keys.max_a ?? Infinity })
  }
  const { charged_kwh: kwh, max_residual_as: residual, min_transactions: transactions } = keys
  if (kwh !== undefined) claims.push({ type: 'charged', minWh: kwh * 1000 })
  if (residual !== undefined) claims.push({ type: 'residual', maxAmpereSeconds: residual })
  if (transactions !== undefined) claims.push({ type: 'transactions', min: transactions })
  return claims
}

function around(currentA: number): { readonly minA: number; readonly maxA: number } {
  return { minA: currentA - TOLERANCE_A, maxA: currentA + TOLERANCE_A }
}
