/** What a script can wait for: `offer>=6`, `status=Charging`, `calls.SetChargingProfile>2`. */
import { usage } from './problem.js'
import type { ChargePointReport } from './report.js'

export interface Condition {
  readonly text: string
  /** Of the report as it is now. */
  holds(report: ChargePointReport, connectorId: number): boolean
  /** What it looks at, as it is now. */
  actual(report: ChargePointReport, connectorId: number): string
}

type Value = string | number | boolean | null
type Operator = '=' | '!=' | '>=' | '<=' | '>' | '<'

const OF_CONNECTOR = [
  'status',
  'offer',
  'limit',
  'draw',
  'power_w',
  'energy',
  'transaction',
  'id_tag',
  'soc',
  'phases',
] as const
const OF_CHARGE_POINT = ['connected', 'accepted', 'profiles', 'queue', 'complaints'] as const

export const CONDITION_FIELDS: readonly string[] = [
  ...OF_CONNECTOR,
  ...OF_CHARGE_POINT,
  'calls.ACTION',
]

export function parseCondition(text: string): Condition {
  const [, name = '', operator, wanted = ''] = /^([\w.]+)(!=|>=|<=|=|>|<)(.+)$/.exec(text) ?? []
  if (!isOperator(operator)) {
    throw usage(
      `${JSON.stringify(text)} is no condition; write it like offer>=6 or status=Charging ` +
        `(fields: ${CONDITION_FIELDS.join(', ')})`,
    )
  }
  const read = reader(name)
  const isOrder = operator !== '=' && operator !== '!='
  if (isOrder && Number.isNaN(Number(wanted))) {
    throw usage(`${name}${operator} needs a number, got ${JSON.stringify(wanted)}`)
  }
  return {
    text,
    holds(report, connectorId) {
      const value = read(report, connectorId)
      return isOrder
        ? compares(value, operator, Number(wanted))
        : isEqual(value, wanted) === (operator === '=')
    },
    actual: (report, connectorId) => String(read(report, connectorId) ?? 'none'),
  }
}

function reader(name: string): (report: ChargePointReport, connectorId: number) => Value {
  const ofConnector = OF_CONNECTOR.find((field) => field === name)
  if (ofConnector) {
    return ({ status, connectors }, id) => {
      // Connector 0 is the charge point itself, and has a status only.
      if (id === 0) return ofConnector === 'status' ? status : null
      return connectors[id - 1]?.[ofConnector] ?? null
    }
  }
  const ofChargePoint = OF_CHARGE_POINT.find((field) => field === name)
  if (ofChargePoint) return (report) => report[ofChargePoint]
  const action = /^calls\.(\w+)$/.exec(name)?.[1]
  if (action !== undefined) return ({ calls }) => calls[action] ?? 0
  throw usage(`there is no field ${name}; there are ${CONDITION_FIELDS.join(', ')}`)
}

function isOperator(text: string | undefined): text is Operator {
  return text !== undefined
}

function isEqual(value: Value, wanted: string): boolean {
  if (typeof value === 'number') return value === Number(wanted)
  if (typeof value === 'boolean') return value === ['yes', 'true', 'on'].includes(wanted)
  return (value ?? 'none') === wanted
}

function compares(value: Value, operator: Operator, wanted: number): boolean {
  if (typeof value !== 'number') return false
  switch (operator) {
    case '>=':
      return value >= wanted
    case '<=':
      return value <= wanted
    case '>':
      return value > wanted
    case '<':
      return value < wanted
    case '=':
      return value === wanted
    case '!=':
      return value !== wanted
  }
}
