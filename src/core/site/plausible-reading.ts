/** What a meter or a source of a limit says, as far as it can be true: what cannot be is no reading. */
import { NO_CURRENT } from '../phases.js'
import type { PhaseA } from '../phases.js'
import type { Tree, TreeNode } from './tree.js'

/** Where so much more flows than anything is made for, a fuse is gone within a second. */
const MOST_FACTOR = 3
const MOST_MORE_A = 50
/** Around 0 a phase may seem to go the other way. */
const NOISE_A = 2
const PHASE_NAMES = ['L1', 'L2', 'L3'] as const

/** Why the currents read at this node cannot be; undefined: they can. */
export function meterProblem(tree: Tree, node: TreeNode, currentA: PhaseA): string | undefined {
  const mostA = mostAt(tree, node)
  const leastA = node.meter?.exports === false ? NOISE_A : mostA
  for (const phase of [0, 1, 2] as const) {
    const phaseA = currentA[phase]
    if (phaseA >= -leastA && phaseA <= mostA) continue
    const found = `reads ${Number(phaseA.toFixed(1))} A on ${PHASE_NAMES[phase]}`
    if (!Number.isFinite(phaseA)) return `${found}: check register, type and word order`
    if (phaseA < 0 && phaseA >= -mostA) {
      return `${found}, although nothing there exports: check its current transformers, or set exports`
    }
    return `${found}, more than ${Math.round(mostA)} A cannot be: check register, type and scale`
  }
  return undefined
}

/** Why this cannot be a limit; undefined: it can. Zero is one. */
export function limitProblem(value: number | undefined): string | undefined {
  if (value === undefined || (Number.isFinite(value) && value >= 0)) return undefined
  return `states a limit of ${value}: check register, type and word order`
}

const most = new WeakMap<TreeNode, number>()

/** Far above what the node is made for, and what all that is known behind its meter takes. */
function mostAt(tree: Tree, node: TreeNode): number {
  const known = most.get(node)
  if (known !== undefined) return known
  let behindA = Math.max(...(node.meter?.worstBaseLoadA ?? NO_CURRENT))
  for (const { path, hardwareA } of tree.evses) if (path.includes(node.index)) behindA += hardwareA
  let limitA = Infinity
  for (const index of node.path) limitA = Math.min(limitA, highestOf(tree.nodes[index]))
  const mostA = MOST_MORE_A + MOST_FACTOR * Math.max(behindA, limitA < Infinity ? limitA : 0)
  most.set(node, mostA)
  return mostA
}

/** What its own figures leave to one phase at most. */
function highestOf(node: TreeNode | undefined): number {
  let highestA = Infinity
  for (const { currentA, powerA } of node?.limits ?? []) {
    highestA = Math.min(highestA, currentA ? Math.max(...currentA) : Infinity, powerA ?? Infinity)
  }
  return highestA
}
