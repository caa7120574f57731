/** /constraints/{id}/cut-off and /site/cut-off: an operator puts back what the watchdog took out. */
import { SITE_NODE_ID } from '../core/site/tree.js'
import type { Backend } from './backend.js'
import type { Endpoint } from './endpoint.js'
import { refusal } from './refusal.js'

export function cutOffEndpoints(backend: Backend): Endpoint[] {
  const end = (id: string): Response => {
    const isKnown =
      id === SITE_NODE_ID ||
      backend.view().constraints.some(({ constraint }) => constraint.id === id)
    if (!isKnown) return refusal(404, `no constraint has the id ${JSON.stringify(id)}`)
    backend.restore(id)
    return new Response(null, { status: 204 })
  }
  const common = {
    method: 'delete',
    summary: 'The cause is removed: relays close and chargers below serve again',
    success: { status: 204 },
  } as const
  return [
    {
      ...common,
      tag: 'constraints',
      path: '/constraints/{id}/cut-off',
      answer: ({ id }) => end(id),
    },
    { ...common, tag: 'site', path: '/site/cut-off', answer: () => end(SITE_NODE_ID) },
  ]
}
