/** The reason that goes with each figure of a plan. */
import type { Target } from '../balance/balance.js'
import { isRefusing } from '../ledger/evse-ledger.js'
import { DIMENSIONS } from '../load.js'
import type { LimitDimension, LimitSource, Reason } from '../reason.js'
import type { Connector, Site } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import type { Classes } from '../limits/class-ceilings.js'
import type { NodePlan } from './plan-types.js'

export function reasonOf(
  site: Site,
  target: Target,
  nodes: readonly NodePlan[],
  classes?: Classes,
): Reason {
  const { binding, demand } = target
  const failsafe = demand.evse.path.find((node) => nodes[node]?.base.failsafe)
  if (failsafe !== undefined && (demand.capA < demand.minA || binding.type === 'hardware')) {
    return failsafeReason(site, failsafe, demand.capA)
  }
  switch (binding.type) {
    case 'vehicle':
      return { type: 'vehicle', capA: target.targetA === 0 ? 0 : demand.capA }
    case 'hardware':
      return { type: 'hardware', maxA: demand.capA }
    case 'node':
      return { type: 'limit', ...nodeFacts(site, nodes, classes, binding.node, binding.dimension) }
    case 'waiting':
      return {
        type: 'waiting',
        ...nodeFacts(site, nodes, classes, binding.node, binding.dimension),
        charging: binding.charging,
        waiting: binding.waiting,
      }
  }
}

/** Why an EVSE is not in the balancer's hands. */
export function idleReason(item: {
  readonly evse: TreeEvse
  readonly connector: Connector | undefined
  readonly connected: boolean
  readonly exposureA: number
  readonly disobeys: boolean
}): Reason {
  const { evse, connector, exposureA } = item
  if (evse.evse.discovered === true) return { type: 'discovered' }
  if (!item.connected) return { type: 'offline' }
  if (!evse.charger.isActive) return { type: 'inactive' }
  if (connector?.transactionId === undefined) return { type: 'idle' }
  if (item.disobeys || isRefusing(connector.ledger)) return { type: 'unresponsive', exposureA }
  return connector.offerReason
}

interface NodeFacts {
  readonly nodeId: string
  readonly nodeName: string
  readonly dimension: LimitDimension
  readonly limitA: number
  readonly source: LimitSource
}

function nodeFacts(
  site: Site,
  nodes: readonly NodePlan[],
  classes: Classes | undefined,
  index: number,
  dimension: LimitDimension,
): NodeFacts {
  const room = classes?.rooms[index - nodes.length]
  const node = site.tree.nodes[room?.node ?? index]
  const d = DIMENSIONS.indexOf(dimension)
  const limit = nodes[index]?.limit
  return {
    nodeId: node?.id ?? '',
    nodeName: node?.name ?? '',
    dimension,
    limitA: room?.load[d] ?? limit?.load[d] ?? 0,
    source: room?.source ?? limit?.sources[d] ?? { type: 'configured' },
  }
}

function failsafeReason(site: Site, index: number, capA: number): Reason {
  const node = site.tree.nodes[index]
  return {
    type: 'limit',
    nodeId: node?.id ?? '',
    nodeName: node?.name ?? '',
    dimension: 'power',
    limitA: capA,
    source: { type: 'failsafe', meterId: node?.meter?.id ?? '' },
  }
}
