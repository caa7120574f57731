/**
 * The limit in force at a node: the minimum over all sources (I9), each dimension with the source
 * that binds it. Sources can only lower; fuse and contract always apply.
 */
import { ceilingsOf } from '../classes/ceilings.js'
import { loadOf, unlimited } from '../load.js'
import type { Load } from '../load.js'
import type { PhaseA } from '../phases.js'
import type { LimitSource } from '../reason.js'
import { windowsAt } from '../schedule/windows-at.js'
import type { ClassCeiling, LimitWindow } from '../schedule/windows.js'
import type { LimitSourceRule, SiteRules } from '../site/rules.js'
import type { Override, Site } from '../site/state.js'
import type { TreeNode } from '../site/tree.js'
import { instantsAfter, instantsToHonour } from './clock-caution.js'
import type { Instants } from './clock-caution.js'

export interface LimitInForce {
  readonly load: Load
  /** Per dimension; undefined where nothing limits. */
  readonly sources: [
    LimitSource | undefined,
    LimitSource | undefined,
    LimitSource | undefined,
    LimitSource | undefined,
  ]
  /** Ceilings of priority classes, of each entry that has some; undefined: none. */
  readonly classes?: readonly ClassLimit[]
}

export interface ClassLimit {
  readonly ceilings: readonly ClassCeiling[]
  readonly source: LimitSource
}

/** `aheadMs`: a known fall counts so long before its edge; by default as long as preparing takes. */
export function limitsInForce(
  site: Site,
  nowMs: number,
  wallMs: number,
  aheadMs?: number,
): LimitInForce[] {
  const instants = instantsToHonour(site.clock, nowMs, wallMs, aheadMs)
  return site.tree.nodes.map((node) => {
    const override = overrideAt(site, node, nowMs)
    if (override?.ignoresSchedule !== true) return limitOf(site, node, nowMs, instants, override)
    const leftAloneMs = override.untilMs - nowMs
    const later = instantsAfter(leftAloneMs, site.clock, nowMs, wallMs, aheadMs)
    return limitOf(site, node, nowMs, later, override)
  })
}

/** The operator's order for this node, while it lasts. */
export function overrideAt(site: Site, node: TreeNode, nowMs: number): Override | undefined {
  const override = node.kind === 'charger' ? undefined : site.overrides.get(node.id)
  return override && nowMs < override.untilMs ? override : undefined
}

function limitOf(
  site: Site,
  node: TreeNode,
  nowMs: number,
  instants: Instants,
  override: Override | undefined,
): LimitInForce {
  const fixed = fixedLimit(node)
  const moves =
    node.windows.length > 0 ||
    node.limitSources.length > 0 ||
    override !== undefined ||
    (node.kind !== 'charger' && site.leases.has(node.id))
  if (!moves) return fixed
  const windows = windowsToHonour(node.windows, instants, node.zone)
  const limit = scheduledLimit(node, windows, site.rules, override)
  for (const rule of node.limitSources) lowerByExternal(limit, site, rule, nowMs)
  const lease = site.leases.get(node.id)
  if (lease && node.kind !== 'charger' && nowMs < lease.untilMs) {
    const powerA =
      lease.limitKw === undefined ? undefined : (lease.limitKw * 1000) / site.rules.nominalVoltageV
    lower(limit, { type: 'command', commandId: lease.commandId }, lease.limitA, powerA)
  }
  return limit
}

/** Own limits of a node, lowered by these entries of its schedule and by an operator's order. */
export function scheduledLimit(
  node: TreeNode,
  windows: readonly LimitWindow[],
  { nominalVoltageV }: SiteRules,
  override: Override | undefined,
): LimitInForce {
  const { load, sources, classes: own = [] } = fixedLimit(node)
  const classes = [...own, ...classLimits(windows)]
  const limit: LimitInForce = {
    load: [...load],
    sources: [...sources],
    ...(classes.length > 0 && { classes }),
  }
  const sumA = (kw: number | undefined): number | undefined =>
    kw === undefined ? undefined : (kw * 1000) / nominalVoltageV
  for (const window of windows) {
    lower(limit, scheduleSource(window), window.maxCurrentA, sumA(window.maxPowerKw))
  }
  if (override) lower(limit, overrideSource(override), override.limitA, sumA(override.limitKw))
  return limit
}

/** Each entry once: it may rule at several of the instants that are honoured. */
function classLimits(windows: readonly LimitWindow[]): readonly ClassLimit[] {
  return [...new Set(windows)].flatMap((window) => {
    const { ceilings } = window
    return ceilings ? { ceilings, source: scheduleSource(window) } : []
  })
}

const overrideSources = new WeakMap<Override, LimitSource>()

function overrideSource(override: Override): LimitSource {
  const known = overrideSources.get(override)
  if (known) return known
  const { reason, untilWallMs } = override
  const source: LimitSource = { type: 'override', reason, untilTs: untilWallMs }
  overrideSources.set(override, source)
  return source
}

const scheduleSources = new WeakMap<LimitWindow, LimitSource>()

function scheduleSource(window: LimitWindow): LimitSource {
  const known = scheduleSources.get(window)
  if (known) return known
  const { from, to, kind = 'weekly', name } = window
  const source: LimitSource = { type: 'schedule', from, to, kind, name }
  scheduleSources.set(window, source)
  return source
}

const CONFIGURED: LimitSource = { type: 'configured' }
const fixedLimits = new WeakMap<TreeNode, LimitInForce>()

/** What the node's own figures say, whatever the time: the same object each time. */
function fixedLimit(node: TreeNode): LimitInForce {
  const known = fixedLimits.get(node)
  if (known) return known
  const ceilings = ceilingsOf(node.classes)
  const limit: LimitInForce = {
    load: unlimited(),
    sources: [undefined, undefined, undefined, undefined],
    ...(ceilings.length > 0 && { classes: [{ ceilings, source: CONFIGURED }] }),
  }
  for (const { source, currentA, powerA } of node.limits) lower(limit, source, currentA, powerA)
  fixedLimits.set(node, limit)
  return limit
}

function windowsToHonour(
  windows: readonly LimitWindow[],
  instants: Instants,
  zone: string,
): readonly LimitWindow[] {
  if (windows.length === 0 || instants === 'all') return windows
  return instants.flatMap((instantMs) => windowsAt(windows, instantMs, zone))
}

function lowerByExternal(
  limit: LimitInForce,
  site: Site,
  rule: LimitSourceRule,
  nowMs: number,
): void {
  const state = site.limitSources.get(rule.id)
  const reading = rule.unit === 'A' ? state?.limitA : state?.limitW
  const fresh =
    reading !== undefined && state?.readAtMs !== undefined && nowMs - state.readAtMs <= rule.holdMs
  // Silence raises nothing: what it said last holds where that is lower.
  const value = fresh ? reading : Math.min(reading ?? Infinity, rule.fallback)
  const source = { type: 'external', sourceId: rule.id, fallback: !fresh } as const
  if (rule.unit === 'A') lower(limit, source, [value, value, value], undefined)
  else lower(limit, source, undefined, value / site.rules.nominalVoltageV)
}

function lower(
  limit: LimitInForce,
  source: LimitSource,
  currentA: PhaseA | undefined,
  powerA: number | undefined,
): void {
  const { load, sources } = limit
  if (currentA) {
    const phases = loadOf(currentA)
    for (const phase of [0, 1, 2] as const) {
      if (phases[phase] >= load[phase]) continue
      load[phase] = phases[phase]
      sources[phase] = source
    }
  }
  if (powerA !== undefined && powerA < load[3]) {
    load[3] = powerA
    sources[3] = source
  }
}
