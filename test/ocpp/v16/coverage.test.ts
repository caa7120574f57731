/** docs/ocpp.md names every message with its way, and the test of each rule: both as they are. */
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { callSchema } from '../../../src/http/call-shape.js'
import { requests } from '../../../src/ocpp/v16/generated/validators.js'
import { decodeCall } from '../../../src/ocpp/v16/inbound.js'

const ROOT = new URL('../../../', import.meta.url)
const rows = readFileSync(new URL('docs/ocpp.md', ROOT), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()))

const directions = new Map(
  rows.flatMap(([, message = '', direction = '']): [string, string][] => {
    const [, action] = /^`(\w+)`$/.exec(message) ?? []
    return action === undefined ? [] : [[action, direction]]
  }),
)

test('the document names every message of OCPP 1.6 and of its security extension', async (t) => {
  t.same([...directions.keys()].toSorted(), Object.keys(requests).toSorted())
  t.ok(directions.size === 39)
})

for (const [action, direction] of directions) {
  const isInbound = direction === 'from chargers' || direction === 'both'
  const isOutbound = direction === 'to chargers' || direction === 'both'

  test(`${action} goes ${direction}`, async (t) => {
    t.ok(isInbound || isOutbound, 'the direction is one')
    const decoded = decodeCall(action, {})
    const isRead = decoded.ok || decoded.code !== 'NotSupported'
    t.equal(isRead, isInbound, 'what chargers send is read')
    const { error } = callSchema.safeParse({ action })
    const isOffered = error?.issues.every(({ path }) => path[0] !== 'action') ?? true
    // Limits are the gateway's alone.
    t.equal(
      isOffered,
      isOutbound && action !== 'SetChargingProfile',
      'what they are told is offered',
    )
  })
}

const rules = rows.flatMap(([, rule = '', file = '', name = '']) => {
  const [, path] = /^`(test\/[\w/.-]+)`$/.exec(file) ?? []
  return path === undefined ? [] : [{ rule, path, name }]
})

test('each rule has its test, by the name that it has', async (t) => {
  t.ok(rules.length >= 17, 'the rules were found')
  for (const { rule, path, name } of rules) {
    const text = readFileSync(new URL(path, ROOT), 'utf8')
    t.ok(text.includes(`test('${name}'`), `${rule}: ${path}: ${name}`)
  }
})
