/** What is wrong with a configuration beyond its shape: references, overlaps, arithmetic. */
import { rulesOf } from '../control/rules.js'
import { guaranteeProblems } from '../core/classes/guarantees.js'
import { fallbacks } from '../core/ledger/fallbacks.js'
import type { Depot } from '../core/site/depot.js'
import { buildTree } from '../core/site/tree.js'
import { spanOf } from '../modbus/blocks.js'
import type { RegisterSection } from './fieldbus-schema.js'
import { unknownHolidays } from './holidays-schema.js'
import { listenerFindings } from './listener-schema.js'
import type { Finding, Path } from './problem.js'
import type { ConfigFile } from './schema.js'
import { register } from './settings-of.js'
import type { Settings } from './settings.js'

export function checkFile(file: ConfigFile): Finding[] {
  return [
    ...listeners(file),
    ...listenerFindings(file.ocpp.listeners, {
      http: file.http,
      hasListen: file.ocpp.listen !== undefined,
    }),
    ...timing(file),
    ...credentials(file),
    ...backendNeeded(file),
    ...repeated('meters', file.meters),
    ...repeated('limit_sources', file.limit_sources),
    ...repeated('relays', file.relays),
    ...sharedNodes(file),
    ...registers(file),
    ...references(file),
    ...repeated('holidays', file.holidays),
    ...namedHolidays(file),
  ]
}

/**
 * The dead-man rule (I3): a depot that is unsafe without its controller is refused. So is one that
 * guarantees more than its limits bear.
 */
export function checkFallbacks(file: ConfigFile, settings: Settings, depot: Depot): Finding[] {
  const rules = rulesOf(settings)
  const tree = buildTree(depot, rules)
  const problems = [...fallbacks(tree, rules).problems, ...guaranteeProblems(tree)]
  return problems.map(({ nodeId, message }) => {
    for (const list of ['constraints', 'chargers'] as const) {
      const index = file.depot?.[list].findIndex(({ id }) => id === nodeId) ?? -1
      if (index >= 0) return { path: ['depot', list, index], message }
    }
    return { path: ['site'], message }
  })
}

function listeners({ http, ocpp }: ConfigFile): Finding[] {
  if (ocpp.listen?.port !== http.port || ocpp.listen.host !== http.host) return []
  const message = `is the address of "http" (port ${http.port}): leave "listen" out to share it`
  return [{ path: ['ocpp', 'listen'], message }]
}

function backendNeeded({ authorisation, mqtt }: ConfigFile): Finding[] {
  if (authorisation.mode === 'local' || (mqtt && mqtt.commands !== 'off')) return []
  const message = mqtt
    ? 'the backend answers by commands, and mqtt.commands is off: take lower-only or all'
    : 'the backend is asked over MQTT: add the section "mqtt", or take mode: local'
  return [{ path: ['authorisation', 'mode'], message }]
}

function timing({ ocpp }: ConfigFile): Finding[] {
  const refreshMs = (ocpp.profile_duration_s * 1000) / 3
  if (ocpp.profile_timeout_ms < refreshMs) return []
  return [
    {
      path: ['ocpp', 'profile_timeout_ms'],
      message:
        `must be below a third of profile_duration_s (${refreshMs} ms), at which offers are ` +
        `refreshed, got ${ocpp.profile_timeout_ms}`,
    },
  ]
}

function credentials({ mqtt }: ConfigFile): Finding[] {
  if (mqtt?.password === undefined || mqtt.password_file === undefined) return []
  const message = 'is there beside "password": state one of them'
  return [{ path: ['mqtt', 'password_file'], aboutKey: true, message }]
}

/** A node has one meter; limit sources may share a node, the lowest binds. */
function sharedNodes({ meters }: ConfigFile): Finding[] {
  const taken = new Map<string | undefined, string>()
  return meters.flatMap(({ id, constraint_id: constraintId }, index) => {
    const other = taken.get(constraintId)
    taken.set(constraintId, other ?? id)
    if (other === undefined) return []
    const node = constraintId === undefined ? 'the whole site' : `"${constraintId}"`
    const message = `${node} is measured by meter "${other}" already; a node has one meter`
    return [
      {
        path: ['meters', index, ...(constraintId === undefined ? [] : ['constraint_id'])],
        message,
      },
    ]
  })
}

function registers({ meters, limit_sources: sources }: ConfigFile): Finding[] {
  return [
    ...meters.flatMap(({ registers: section }, index) => {
      const at: Path = ['meters', index, 'registers']
      const { current_a: currents, power_w: power, energy_wh: energy } = section
      const all: [Path, RegisterSection][] = currents.map((one, phase) => [
        [...at, 'current_a', phase],
        one,
      ])
      if (power) all.push([[...at, 'power_w'], power])
      if (energy) all.push([[...at, 'energy_wh'], energy])
      return [...all.flatMap(([path, one]) => alone(path, one)), ...overlaps(all)]
    }),
    ...sources.flatMap(({ register: one }, index) =>
      alone(['limit_sources', index, 'register'], one),
    ),
  ]
}

const LAST_ADDRESS = 65_535

function alone(path: Path, section: RegisterSection): Finding[] {
  const findings: Finding[] = []
  const { address, count } = spanOf(register(section))
  if (address + count - 1 > LAST_ADDRESS) {
    const message = `${section.type} takes ${count} registers: from ${address} that is past ${LAST_ADDRESS}`
    findings.push({ path: [...path, 'address'], message })
  }
  if (section.scale === 0) {
    findings.push({ path: [...path, 'scale'], message: 'must not be 0: every value would read 0' })
  }
  return findings
}

function overlaps(all: readonly (readonly [Path, RegisterSection])[]): Finding[] {
  return all.flatMap(([path, section], index) => {
    const span = spanOf(register(section))
    const other = all.slice(0, index).find(([, earlier]) => {
      const before = spanOf(register(earlier))
      return (
        before.functionCode === span.functionCode &&
        before.address < span.address + span.count &&
        span.address < before.address + before.count
      )
    })
    if (!other) return []
    const last = span.address + span.count - 1
    const message = `registers ${span.address} to ${last} (${section.type}) overlap those of ${other[0].slice(2).join('.')}`
    return [{ path: [...path, 'address'], message }]
  })
}

function references({ meters, limit_sources: sources, depot }: ConfigFile): Finding[] {
  // Without a depot here the store holds the constraints.
  if (!depot) return []
  const known = new Set(depot.constraints.map(({ id }) => id))
  const check = (list: string, sections: readonly { constraint_id?: string | undefined }[]) =>
    sections.flatMap(({ constraint_id: id }, index) => {
      if (id === undefined || known.has(id)) return []
      const message = `no constraint below "depot" has the id "${id}"; leave it out for the whole site`
      return [{ path: [list, index, 'constraint_id'], message }]
    })
  return [...check('meters', meters), ...check('limit_sources', sources)]
}

function namedHolidays({ holidays, depot }: ConfigFile): Finding[] {
  const known = holidays.map(({ id }) => id)
  return (depot?.constraints ?? []).flatMap(({ schedule }, index) =>
    (schedule ?? []).flatMap(({ holidays: name }, at): Finding[] => {
      if (typeof name !== 'string' || known.includes(name)) return []
      const path = ['depot', 'constraints', index, 'schedule', at, 'holidays']
      return [{ path, message: unknownHolidays(name, known) }]
    }),
  )
}

/** One finding for each section whose id an earlier one of the list has. */
function repeated(
  list: 'meters' | 'limit_sources' | 'relays' | 'holidays',
  sections: readonly { id: string }[],
): Finding[] {
  const seen = new Set<string>()
  return sections.flatMap(({ id }, index) => {
    const isNew = !seen.has(id)
    seen.add(id)
    return isNew ? [] : [{ path: [list, index, 'id'], message: `"${id}" is there twice` }]
  })
}
