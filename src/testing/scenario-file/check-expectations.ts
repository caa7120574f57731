/** Holds what a scenario file expects against what a run shows, second by second. */
import { addPhases, NO_CURRENT } from '../../core/phases.js'
import { SITE_NODE_ID } from '../../core/site/tree.js'
import { reasonText } from '../../core/reason-text.js'
import type { Look, RunResult } from '../simulation/result.js'
import type { Scenario } from '../simulation/scenario.js'
import type { Claim, Expectation } from './scenario-file.js'
import { durationText } from './times.js'

export interface FailedExpectation {
  /** In the scenario file. */
  readonly line: number
  readonly column: number
  /** What was expected of what, and what was there. */
  readonly message: string
}

export interface ExpectationCheck {
  look(look: Look): void
  /** After the run. */
  failures(result: RunResult): readonly FailedExpectation[]
}

export function checkExpectations(
  expectations: readonly Expectation[],
  scenario: Scenario,
): ExpectationCheck {
  const members = membersOf(scenario)
  const failed = new Map<Claim, FailedExpectation>()
  const done = new Set<Expectation>()
  const running = new Set<string>()
  let transactions = 0
  let chargedWh = (_charger: string | undefined): number => 0

  return {
    look(look) {
      countTransactions(look)
      chargedWh = (charger) => energyWh(look, charger)
      for (const expectation of expectations) {
        const { when, claims } = expectation
        if (done.has(expectation) || !isDue(when, look.atMs)) continue
        for (const claim of claims) {
          // Of a span, only what is known at its end.
          if (when.type === 'span' && claim.type === 'charged') continue
          if (failed.has(claim)) continue
          const found = atInstant(claim, expectation, look)
          if (found !== undefined)
            fail(expectation, claim, `after ${durationText(look.atMs)}: ${found}`)
        }
        if (when.type === 'at') done.add(expectation)
      }
    },
    failures(result) {
      for (const expectation of expectations) {
        for (const claim of expectation.claims) {
          const found = atEnd(claim, expectation, result)
          if (found !== undefined) fail(expectation, claim, found)
        }
      }
      return [...failed.values()].toSorted((a, b) => a.line - b.line || a.column - b.column)
    },
  }

  function fail({ line, column }: Expectation, claim: Claim, message: string): void {
    failed.set(claim, { line, column, message })
  }

  /** What is there instead of what is claimed; undefined: the claim holds. */
  function atInstant(claim: Claim, expectation: Expectation, look: Look): string | undefined {
    const { charger = '', connectorId, nodeId = '' } = expectation
    const chargePoint = look.chargePoints.find(({ identity }) => identity === charger)
    const evse = `${charger} connector ${connectorId}`
    switch (claim.type) {
      case 'offer': {
        const runs = chargePoint?.hasTransaction(connectorId) === true
        const offerA = runs ? chargePoint.limitA(connectorId) : 0
        if (isWithin(offerA, claim)) return undefined
        const without = runs ? '' : ', no car charges there'
        return `expected an offer of ${rangeText(claim)} at ${evse}, found ${ampere(offerA)}${without}`
      }
      case 'draw': {
        const drawA = Math.max(...(chargePoint?.drawA(connectorId) ?? NO_CURRENT))
        if (isWithin(drawA, claim)) return undefined
        return `expected ${evse} to draw ${rangeText(claim)}, found ${ampere(drawA)}`
      }
      case 'reason': {
        const text = reasonAt(look, charger, connectorId)
        if (text.includes(claim.words)) return undefined
        return `expected the reason at ${evse} to say "${claim.words}", found "${text}"`
      }
      case 'connected': {
        const connected = viewOf(look, charger)?.connected ?? false
        if (connected === claim.connected) return undefined
        const words = (is: boolean): string => (is ? 'connected' : 'not connected')
        return `expected ${charger} to be ${words(claim.connected)}, found it ${words(connected)}`
      }
      case 'transaction': {
        const runs = chargePoint?.hasTransaction(connectorId) === true
        if (runs === claim.runs) return undefined
        const words = (is: boolean): string => (is ? 'a transaction' : 'no transaction')
        return `expected ${words(claim.runs)} at ${evse}, found ${words(runs)}`
      }
      case 'status': {
        const evses = viewOf(look, charger)?.evses
        const status = evses?.find((one) => one.evse.id === connectorId)?.status
        if (status === claim.status) return undefined
        return `expected the status ${claim.status} at ${evse}, found ${status ?? 'nothing'}`
      }
      case 'node': {
        const ids = members.get(nodeId)
        let sum = NO_CURRENT
        for (const one of look.chargePoints) {
          if (ids?.has(one.identity) !== true) continue
          for (const [index] of one.connectors.entries()) {
            sum = addPhases(sum, one.usableA(index + 1))
          }
        }
        const permittedA = Math.max(...sum)
        if (isWithin(permittedA, claim)) return undefined
        return `expected ${rangeText(claim)} permitted below ${nodeId}, found ${ampere(permittedA)}`
      }
      case 'charged':
        return tooLittle(claim.minWh, chargedWh(expectation.charger), expectation.charger)
      case 'residual':
      case 'transactions':
        return undefined
    }
  }

  function atEnd(
    claim: Claim,
    { when, charger }: Expectation,
    result: RunResult,
  ): string | undefined {
    if (claim.type === 'charged' && when.type === 'span') {
      return tooLittle(claim.minWh, chargedWh(charger), charger)
    }
    if (claim.type === 'transactions' && transactions < claim.min) {
      return `expected at least ${claim.min} transactions, found ${transactions}`
    }
    if (claim.type !== 'residual') return undefined
    const sum = result.residuals.reduce((total, { ampereSeconds }) => total + ampereSeconds, 0)
    if (sum <= claim.maxAmpereSeconds) return undefined
    return `expected a residual of at most ${claim.maxAmpereSeconds} A·s, found ${Math.round(sum)} A·s`
  }

  function countTransactions(look: Look): void {
    for (const chargePoint of look.chargePoints) {
      for (const [index] of chargePoint.connectors.entries()) {
        const key = `${chargePoint.identity}#${index + 1}`
        if (!chargePoint.hasTransaction(index + 1)) running.delete(key)
        else if (!running.has(key)) {
          running.add(key)
          transactions += 1
        }
      }
    }
  }
}

const EPSILON_A = 0.01

function isDue(when: Expectation['when'], atMs: number): boolean {
  if (when.type === 'at') return atMs >= when.atMs
  return atMs >= when.fromMs && (when.toMs === undefined || atMs <= when.toMs)
}

function isWithin(value: number, { minA, maxA }: { minA: number; maxA: number }): boolean {
  return value >= minA - EPSILON_A && value <= maxA + EPSILON_A
}

function tooLittle(
  minWh: number,
  foundWh: number,
  charger: string | undefined,
): string | undefined {
  if (foundWh >= minWh) return undefined
  const where = charger === undefined ? '' : ` at ${charger}`
  return `expected ${kwh(minWh)} charged${where}, found ${kwh(foundWh)}`
}

function energyWh({ chargePoints }: Look, charger: string | undefined): number {
  let sum = 0
  for (const one of chargePoints) {
    if (charger !== undefined && charger !== one.identity) continue
    for (const [index] of one.connectors.entries()) sum += one.energyWh(index + 1)
  }
  return sum
}

function viewOf(look: Look, identity: string) {
  return look.view()?.chargers.find(({ charger }) => charger.ocppChargePointId === identity)
}

function reasonAt(look: Look, identity: string, connectorId: number): string {
  const found = viewOf(look, identity)?.evses.find(({ evse }) => evse.id === connectorId)
  return found ? reasonText(found.reason) : 'the gateway is down'
}

/** The identities below each node. */
function membersOf({ settings, chargers }: Scenario): ReadonlyMap<string, ReadonlySet<string>> {
  const members = new Map<string, Set<string>>([
    [SITE_NODE_ID, new Set(chargers.map(({ identity }) => identity))],
  ])
  const { depot } = settings
  for (const { ocppChargePointId: identity, parentChargeGroup } of depot?.chargers.values() ?? []) {
    if (identity === undefined) continue
    let node: string | undefined = parentChargeGroup
    while (node !== undefined) {
      const set = members.get(node) ?? new Set()
      members.set(node, set.add(identity))
      node = depot?.constraints.get(node)?.parentId
    }
  }
  return members
}

function rangeText({ minA, maxA }: { readonly minA: number; readonly maxA: number }): string {
  if (maxA === Infinity) return `at least ${ampere(minA)}`
  return minA <= 0 ? `at most ${ampere(maxA)}` : `${ampere(minA)} to ${ampere(maxA)}`
}

function ampere(value: number): string {
  return `${Math.round(value * 10) / 10} A`
}

function kwh(energy: number): string {
  return `${Math.round(energy / 100) / 10} kWh`
}
