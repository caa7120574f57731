/**
 * The depot as the planner sees it: a flat array of nodes (site, constraints, chargers; parents
 * before children) and of EVSEs with their way up. Built anew whenever the depot changes.
 */
import { FINEST_STEPS_PER_A, upToStep } from '../current-steps.js'
import { unitLoad } from '../load.js'
import type { Load } from '../load.js'
import type { PhaseA, PhaseMask } from '../phases.js'
import type { LimitSource } from '../reason.js'
import { withHolidays } from '../schedule/windows.js'
import type { LimitWindow } from '../schedule/windows.js'
import type { Charger, Constraint, Depot, Evse, PhaseRotation, PriorityClass } from './depot.js'
import { NO_QUIRKS } from './quirks.js'
import type { EffectiveQuirks, Quirks } from './quirks.js'
import type { LimitSourceRule, MeterRule, SiteRules } from './rules.js'

export const SITE_NODE_ID = 'site'

export interface StaticLimit {
  readonly source: LimitSource
  readonly currentA: PhaseA | undefined
  /** Power as the sum of phase currents, A. */
  readonly powerA: number | undefined
}

export interface TreeNode {
  readonly index: number
  readonly id: string
  readonly name: string
  readonly kind: 'site' | 'constraint' | 'charger'
  /** This node and all above it, ending with the site. */
  readonly path: readonly number[]
  readonly limits: readonly StaticLimit[]
  /** With the dates of the holidays they name. */
  readonly windows: readonly LimitWindow[]
  /** IANA zone that the times of the windows are in. */
  readonly zone: string
  readonly baseLoadA: number
  readonly meter: MeterRule | undefined
  readonly limitSources: readonly LimitSourceRule[]
  readonly priority: number
  readonly classes: readonly PriorityClass[]
}

const NO_CLASSES: readonly PriorityClass[] = []

export interface TreeEvse {
  readonly index: number
  /** Unique over the depot: charger id and connector. */
  readonly key: string
  readonly charger: Charger
  /** As configured; its minimum as its quirks make it. */
  readonly evse: Evse
  readonly chargePointId: string | undefined
  /** The charger's node and all above it. */
  readonly path: readonly number[]
  readonly priority: number
  /** The most it could ever draw per phase: h of the exposure rules. */
  readonly hardwareA: number
  /** The most it is ever offered: hardware and its own kW limit. */
  readonly capA: number
  /** In what steps it can be told. */
  readonly stepsPerA: number
  /** An offer of 0 ends its session: it keeps its minimum before others get theirs. */
  readonly cannotPause: boolean
  /** Site phase of the EVSE's L1, L2, L3. */
  readonly wiring: readonly [number, number, number]
  /** Site phases it is wired to. */
  readonly mask: PhaseMask
  readonly unit: Load
}

export interface Tree {
  readonly nodes: readonly TreeNode[]
  readonly evses: readonly TreeEvse[]
  /** EVSEs by charge point id, then connector id. */
  readonly byChargePoint: ReadonlyMap<string, ReadonlyMap<number, TreeEvse>>
  /** The site and the constraints; chargers have ids of their own kind. */
  readonly nodeById: ReadonlyMap<string, TreeNode>
}

/** Of a charge point. */
export type QuirksOf = (chargePointId: string) => EffectiveQuirks

export function buildTree(
  depot: Depot,
  rules: SiteRules,
  quirksOf: QuirksOf = () => NO_QUIRKS,
): Tree {
  const nodes: TreeNode[] = []
  const nodeById = new Map<string, TreeNode>()
  const add = (node: Omit<TreeNode, 'index' | 'path'>, parent: TreeNode | undefined): TreeNode => {
    const index = nodes.length
    const made = { index, path: [index, ...(parent?.path ?? [])], ...node }
    nodes.push(made)
    if (made.kind !== 'charger') nodeById.set(node.id, made)
    return made
  }

  const site = add(siteNode(rules, depot), undefined)
  const children = childrenOf(depot)
  const addBelow = (parentId: string | undefined, parent: TreeNode): void => {
    for (const constraint of children.get(parentId) ?? []) {
      addBelow(constraint.id, add(constraintNode(constraint, parent.priority, rules), parent))
    }
  }
  addBelow(undefined, site)

  const evses: TreeEvse[] = []
  const byChargePoint = new Map<string, Map<number, TreeEvse>>()
  for (const charger of depot.chargers.values()) {
    const group = nodeById.get(charger.parentChargeGroup) ?? site
    const node = add(chargerNode(charger, group.priority, rules), group)
    const connectors = new Map<number, TreeEvse>()
    const { ocppChargePointId } = charger
    const { values } = ocppChargePointId === undefined ? NO_QUIRKS : quirksOf(ocppChargePointId)
    for (const evse of charger.evses) {
      const treeEvse = evseOf(evses.length, charger, withQuirks(evse, values, rules), node, rules)
      evses.push(treeEvse)
      connectors.set(evse.id, treeEvse)
    }
    if (ocppChargePointId !== undefined) byChargePoint.set(ocppChargePointId, connectors)
  }
  return { nodes, evses, byChargePoint, nodeById }
}

function childrenOf(depot: Depot): Map<string | undefined, Constraint[]> {
  const children = new Map<string | undefined, Constraint[]>()
  for (const constraint of depot.constraints.values()) {
    const siblings = children.get(constraint.parentId)
    if (siblings) siblings.push(constraint)
    else children.set(constraint.parentId, [constraint])
  }
  return children
}

function siteNode(rules: SiteRules, depot: Depot): Omit<TreeNode, 'index' | 'path'> {
  const limits: StaticLimit[] = []
  if (rules.fuseA !== undefined) {
    const { fuseA } = rules
    limits.push({ source: { type: 'fuse' }, currentA: [fuseA, fuseA, fuseA], powerA: undefined })
  }
  if (rules.contractKw !== undefined) {
    const powerA = (rules.contractKw * 1000) / rules.nominalVoltageV
    limits.push({ source: { type: 'contract' }, currentA: undefined, powerA })
  }
  return {
    id: SITE_NODE_ID,
    name: rules.siteName,
    kind: 'site',
    limits,
    windows: [],
    zone: rules.timezone,
    baseLoadA: 0,
    meter: rules.meters.find((meter) => meter.constraintId === undefined),
    // A limit whose constraint is gone must not vanish with it: it holds for the whole site.
    limitSources: rules.limitSources.filter(
      ({ constraintId }) => constraintId === undefined || !depot.constraints.has(constraintId),
    ),
    priority: 0,
    classes: NO_CLASSES,
  }
}

function constraintNode(
  constraint: Constraint,
  parentPriority: number,
  rules: SiteRules,
): Omit<TreeNode, 'index' | 'path'> {
  return {
    id: constraint.id,
    name: constraint.name,
    kind: 'constraint',
    limits: [
      {
        source: { type: 'configured' },
        currentA: constraint.maxCurrentA,
        powerA: (constraint.maxPowerKw * 1000) / rules.nominalVoltageV,
      },
    ],
    windows: constraint.schedule.map((window) => withHolidays(window, rules.holidays)),
    zone: constraint.scheduleTimezone ?? rules.timezone,
    baseLoadA: constraint.baseLoadA,
    meter: rules.meters.find((meter) => meter.constraintId === constraint.id),
    limitSources: rules.limitSources.filter((source) => source.constraintId === constraint.id),
    priority: constraint.priority ?? parentPriority,
    classes: constraint.classes ?? NO_CLASSES,
  }
}

function chargerNode(
  charger: Charger,
  groupPriority: number,
  rules: SiteRules,
): Omit<TreeNode, 'index' | 'path'> {
  const powerA = (charger.maxPowerKw * 1000) / rules.nominalVoltageV
  return {
    id: charger.id,
    name: charger.name,
    kind: 'charger',
    limits: [{ source: { type: 'configured' }, currentA: undefined, powerA }],
    windows: [],
    zone: rules.timezone,
    baseLoadA: 0,
    meter: undefined,
    limitSources: [],
    priority: charger.priority ?? groupPriority,
    classes: NO_CLASSES,
  }
}

type QuirkyEvse = Pick<TreeEvse, 'evse' | 'stepsPerA' | 'cannotPause'>

function withQuirks(evse: Evse, quirks: Quirks, { nominalVoltageV }: SiteRules): QuirkyEvse {
  const { limitRounding = 0, minCurrentA = 0, minPowerW = 0, pauseMethod = 'zero' } = quirks
  const stepA = Math.max(evse.currentStepA ?? 0, limitRounding, 1 / FINEST_STEPS_PER_A)
  const stepsPerA = 1 / stepA
  const leastW = evse.currentType === 'DC' ? minPowerW : 0
  const leastA = Math.max(
    evse.minCurrentA,
    minCurrentA,
    leastW / (nominalVoltageV * Math.max(1, evse.phases)),
  )
  // The least it can be told that is no pause.
  const minA = upToStep(leastA, stepsPerA)
  const cannotPause = pauseMethod !== 'zero'
  const isAsConfigured = minA === evse.minCurrentA
  return { evse: isAsConfigured ? evse : { ...evse, minCurrentA: minA }, stepsPerA, cannotPause }
}

function evseOf(
  index: number,
  charger: Charger,
  { evse, stepsPerA, cannotPause }: QuirkyEvse,
  node: TreeNode,
  rules: SiteRules,
): TreeEvse {
  const wiring = wiringOf(evse.phaseRotation)
  const mask: [boolean, boolean, boolean] = [false, false, false]
  for (const phase of wiring.slice(0, evse.phases)) mask[phase] = true
  const powerCapA = (evse.maxPowerKw * 1000) / (rules.nominalVoltageV * evse.phases)
  return {
    index,
    key: `${charger.id}/${evse.id}`,
    charger,
    evse,
    chargePointId: charger.ocppChargePointId,
    path: node.path,
    priority: node.priority,
    hardwareA: evse.maxCurrentA,
    capA: Math.min(evse.maxCurrentA, powerCapA),
    stepsPerA,
    cannotPause,
    wiring,
    mask,
    unit: unitLoad(mask),
  }
}

function wiringOf(rotation: PhaseRotation): readonly [number, number, number] {
  const phase = (at: number): number => 'RST'.indexOf(rotation.charAt(at))
  return [phase(0), phase(1), phase(2)]
}
