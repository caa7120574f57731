/** The commands about the charge point itself. */
import { isFields } from '../wire-fields.js'
import type { Command } from './command.js'
import { failed, usage } from './problem.js'
import { quirkChange, quirkDescriptions, quirksOf } from './quirks.js'
import { connectorReport, connectorText, reportOf } from './report.js'
import { timeFrom } from './words.js'

/** OCPP 1.6 7.6. */
const ERROR_CODES = [
  'ConnectorLockFailure',
  'EVCommunicationError',
  'GroundFailure',
  'HighTemperature',
  'InternalError',
  'LocalListConflict',
  'OtherError',
  'OverCurrentFailure',
  'OverVoltage',
  'PowerMeterFailure',
  'PowerSwitchFailure',
  'ReaderFailure',
  'ResetFailure',
  'UnderVoltage',
  'WeakSignal',
]

const status: Command = {
  name: 'status',
  args: ['[json]'],
  options: [],
  takesConnector: false,
  help: 'how it stands; json: everything, as data',
  run({ rig, car }, { words: [form] }) {
    if (form !== undefined && form !== 'json') throw usage('status, or status json')
    const report = reportOf(rig, car)
    if (form === 'json') return { text: JSON.stringify(report), fields: { ...report } }
    const refusal = rig.lastRefusal()
    const link = report.connected
      ? report.accepted
        ? 'connected'
        : 'connected, not accepted yet'
      : `not connected${refusal === undefined ? '' : ` (${refusal})`}`
    const text = [link, ...report.connectors.map(connectorText)].join('; ')
    return { text, fields: { ...report } }
  },
}

const meter: Command = {
  name: 'meter',
  args: [],
  options: [],
  takesConnector: true,
  help: 'sends MeterValues now, and shows them',
  run({ rig: { chargePoint }, car }, { connectorId }) {
    chargePoint.sendMeterValues(connectorId)
    const report = connectorReport(chargePoint, connectorId, car(connectorId))
    const { draw, power_w: powerW, energy } = report
    return {
      text: `${draw} A, ${powerW} W, ${energy} Wh`,
      fields: { connector: connectorId, draw, power_w: powerW, energy },
    }
  },
}

const fault: Command = {
  name: 'fault',
  args: ['CODE'],
  options: [],
  takesConnector: true,
  help: 'out of order with this error code, until clear; ends a transaction',
  run({ rig }, { words: [given = ''], connectorId }) {
    const code = ERROR_CODES.find((each) => each.toLowerCase() === given.toLowerCase())
    if (!code) throw usage(`there is no error code ${given}; there are ${ERROR_CODES.join(', ')}`)
    rig.chargePoint.fault(connectorId, code)
    return { text: `faulted: ${code}`, fields: { connector: connectorId, error_code: code } }
  },
}

const clear: Command = {
  name: 'clear',
  args: [],
  options: [],
  takesConnector: true,
  help: 'the fault is gone',
  run({ rig }, { connectorId }) {
    rig.chargePoint.fault(connectorId, undefined)
    return { text: 'in order', fields: { connector: connectorId } }
  },
}

const reset: Command = {
  name: 'reset',
  args: ['soft|hard'],
  options: [],
  takesConnector: false,
  help: 'boots again; transactions end with SoftReset or HardReset',
  run({ rig }, { words: [given] }) {
    if (given !== 'soft' && given !== 'hard') throw usage('reset soft, or reset hard')
    rig.chargePoint.reboot({ reason: given === 'soft' ? 'SoftReset' : 'HardReset' })
    return { text: `${given} reset`, fields: { reset: given } }
  },
}

const disconnect: Command = {
  name: 'disconnect',
  args: [],
  options: [],
  takesConnector: false,
  help: 'ends the connection and dials no more',
  run({ rig }) {
    rig.pull()
    return { text: 'disconnected', fields: {} }
  },
}

const reconnect: Command = {
  name: 'reconnect',
  args: [],
  options: [],
  takesConnector: false,
  help: 'dials, and dials again until it gets through',
  run({ rig }) {
    rig.pull()
    rig.plugIn()
    return { text: 'dialling', fields: {} }
  },
}

const offline: Command = {
  name: 'offline',
  args: ['queue', 'on|off'],
  options: [],
  takesConnector: false,
  help: 'on: tells later what happened while nobody listened; off: never',
  run({ rig }, { words: [what, given] }) {
    if (what !== 'queue' || (given !== 'on' && given !== 'off')) {
      throw usage('offline queue on, or offline queue off')
    }
    rig.chargePoint.keepOfflineQueue(given === 'on')
    return { text: `offline queue ${given}`, fields: { offline_queue: given === 'on' } }
  },
}

const clockOffset: Command = {
  name: 'clock-offset',
  args: ['SECONDS'],
  options: [],
  takesConnector: false,
  help: 'its clock is so far ahead of the time it is told; -60: behind',
  run({ rig }, { words: [given = ''] }) {
    const isBehind = given.startsWith('-')
    const ms = timeFrom(isBehind ? given.slice(1) : given, 'SECONDS') * (isBehind ? -1 : 1)
    rig.chargePoint.behave({ clockOffsetMs: ms })
    return { text: `clock ${ms / 1000} s ahead`, fields: { clock_offset_s: ms / 1000 } }
  },
}

const quirk: Command = {
  name: 'quirk',
  args: ['NAME', '[on|off|VALUE]'],
  options: [],
  takesConnector: false,
  help: 'departs from what it should do: quirk accepts_and_ignores, quirk answer_delay 20s',
  run({ rig }, { words: [name = '', value = 'on'] }) {
    rig.chargePoint.behave(quirkChange(name, value))
    const quirks = quirksOf(rig.chargePoint.behaviour())
    return { text: listed(quirks), fields: { quirks } }
  },
}

const behaviours: Command = {
  name: 'behaviours',
  args: ['[all]'],
  options: [],
  takesConnector: false,
  help: 'which quirks are on; all: every one there is',
  run({ rig }, { words: [all] }) {
    if (all !== undefined && all !== 'all') throw usage('behaviours, or behaviours all')
    const quirks = quirksOf(rig.chargePoint.behaviour())
    if (all === undefined) return { text: listed(quirks), fields: { quirks } }
    const lines = quirkDescriptions().map(([name, words]) => `  ${name}: ${words}`)
    return {
      text: ['', ...lines].join('\n'),
      fields: { quirks, names: Object.fromEntries(quirkDescriptions()) },
    }
  },
}

const profiles: Command = {
  name: 'profiles',
  args: [],
  options: [],
  takesConnector: false,
  help: 'the charging profiles it holds',
  run({ rig: { chargePoint } }) {
    const held = chargePoint.profiles().map(({ connectorId, profile }) => ({
      connector: connectorId,
      id: profile.id,
      purpose: profile.purpose,
      stack_level: profile.stackLevel,
      kind: profile.kind,
      unit: profile.unit,
      limits: profile.periods.map(({ startS, limit }) => ({ from_s: startS, limit })),
    }))
    const words = held.map(({ id, purpose, stack_level: level, connector, unit, limits }) => {
      const limitWords = limits.map(({ from_s: from, limit }) => `${limit} ${unit} from ${from} s`)
      return `${id} ${purpose} level ${level} connector ${connector}: ${limitWords.join(', ')}`
    })
    return { text: words.join('; ') || 'none', fields: { profiles: held } }
  },
}

const config: Command = {
  name: 'config',
  args: ['KEY', '[VALUE]'],
  options: [],
  takesConnector: false,
  help: 'a configuration key; with a value it is set on the spot, read-only or not',
  run({ rig: { chargePoint } }, { words: [key = '', value] }) {
    if (value !== undefined) chargePoint.configure(key, value)
    const now = chargePoint.configuration(key)
    return { text: `${key}=${now}`, fields: { key, value: now } }
  },
}

const SEND_TIMEOUT_WORDS = 'it was not answered (not connected or not accepted, or no answer came)'

const send: Command = {
  name: 'send',
  args: ['ACTION', '...'],
  options: [],
  takesConnector: false,
  help: 'any call, with its payload as JSON: send DataTransfer {"vendorId":"x"}',
  async run({ rig: { chargePoint } }, { words: [action = ''], rest }) {
    const payload = payloadOf(rest.slice(rest.indexOf(action) + action.length).trim() || '{}')
    return new Promise((resolve, reject) => {
      chargePoint.send(action, payload, (outcome) => {
        if (outcome.type === 'result') {
          resolve({ text: JSON.stringify(outcome.payload), fields: { answer: outcome.payload } })
        } else if (outcome.type === 'error') {
          reject(failed(`${action} was answered with ${outcome.code}`))
        } else reject(failed(`${action}: ${SEND_TIMEOUT_WORDS}`))
      })
    })
  },
}

function payloadOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw usage(`the payload must be JSON, got ${text}`)
  }
  if (isFields(value)) return value
  throw usage(`the payload must be a JSON object, got ${text}`)
}

function listed(quirks: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(quirks).map(([name, value]) => `${name}: ${String(value)}`)
  return words.join(', ') || 'no quirks'
}

export const CHARGE_POINT_COMMANDS: readonly Command[] = [
  status,
  meter,
  profiles,
  config,
  reset,
  disconnect,
  reconnect,
  offline,
  clockOffset,
  fault,
  clear,
  quirk,
  behaviours,
  send,
]
