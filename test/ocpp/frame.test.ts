import * as fc from 'fast-check'
import { test } from 'tap'
import { callText, errorText, parseFrame, resultText } from '../../src/ocpp/frame.js'
import { nestsDeeperThan } from '../../src/ocpp/json-depth.js'

const READ = [
  ['[2,"7","Heartbeat",{}]', { type: 'call', id: '7', action: 'Heartbeat', payload: {} }],
  ['[2,"7","Heartbeat",null]', { type: 'call', id: '7', action: 'Heartbeat', payload: {} }],
  ['[2,"7","Heartbeat"]', { type: 'call', id: '7', action: 'Heartbeat', payload: {} }],
  ['[2,"7","Heartbeat",{},"more"]', { type: 'call', id: '7', action: 'Heartbeat', payload: {} }],
  ['[2,"","Heartbeat",{}]', { type: 'call', id: '', action: 'Heartbeat', payload: {} }],
  ['[2,17,"Heartbeat",{}]', { type: 'call', id: 17, action: 'Heartbeat', payload: {} }],
  ['[2,"7","Heartbeat","x"]', { type: 'call', id: '7', action: 'Heartbeat', payload: 'x' }],
  ['[2,"7","Heartbeat",[]]', { type: 'call', id: '7', action: 'Heartbeat', payload: [] }],
  [' [ 3 , "7" , {"a":1} ] ', { type: 'result', id: '7', payload: { a: 1 } }],
  ['[3,"7"]', { type: 'result', id: '7', payload: {} }],
  ['[3,"7",null]', { type: 'result', id: '7', payload: {} }],
  [
    '[4,"7","NotSupported","no",{}]',
    { type: 'error', id: '7', code: 'NotSupported', description: 'no' },
  ],
  ['[4,"7"]', { type: 'error', id: '7', code: 'GenericError', description: '' }],
  ['[4,"7",5,null]', { type: 'error', id: '7', code: 'GenericError', description: '' }],
  ['[5,"7",{}]', { type: 'ignored', messageType: 5 }],
  ['[1]', { type: 'ignored', messageType: 1 }],
  ['[2,"7",{}]', { type: 'invalid', reason: 'action is not a string', id: '7' }],
  ['[2,"7"]', { type: 'invalid', reason: 'action is not a string', id: '7' }],
  ['["2","7","Heartbeat",{}]', { type: 'invalid', reason: 'message type is not a number' }],
  ['[]', { type: 'invalid', reason: 'message type is not a number' }],
  ['{}', { type: 'invalid', reason: 'not an array' }],
  ['null', { type: 'invalid', reason: 'not an array' }],
  ['', { type: 'invalid', reason: 'not JSON (0 characters)' }],
  ['secret', { type: 'invalid', reason: 'not JSON (6 characters)' }],
] as const

const NO_ID = 'message id is not a string of at most 255 characters'

test('a frame is read as what it is', async (t) => {
  for (const [text, frame] of READ) t.strictSame(parseFrame(text), frame, text)
  const long = 'x'.repeat(255)
  t.match(parseFrame(`[2,"${long}","A",{}]`), { type: 'call', id: long })
})

test('a message id that cannot be echoed makes the frame invalid', async (t) => {
  for (const id of ['null', '{}', '[]', 'true', '1e999', `"${'x'.repeat(256)}"`]) {
    t.strictSame(parseFrame(`[2,${id},"Heartbeat",{}]`), { type: 'invalid', reason: NO_ID }, id)
  }
  t.strictSame(parseFrame('[2]'), { type: 'invalid', reason: NO_ID })
})

test('nesting deeper than 16 is refused before it is parsed', async (t) => {
  const nested = (depth: number) => `[2,"1","A",${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}]`
  t.match(parseFrame(nested(16)), { type: 'call', id: '1' })
  t.strictSame(parseFrame(nested(17)), { type: 'invalid', reason: 'nested deeper than 16' })
  t.match(parseFrame('['.repeat(200_000)), { reason: 'nested deeper than 16' })
  t.match(parseFrame('{"a":'.repeat(50_000)), { reason: 'nested deeper than 16' })
  t.match(parseFrame(`[2,"1","A",{"a":"${'['.repeat(100)}"}]`), { type: 'call' })
  t.match(parseFrame(String.raw`[2,"1","A",{"a":"\\\"${'{'.repeat(100)}\\"}]`), { type: 'call' })
  t.match(parseFrame(`[2,"1","A",[${Array.from({ length: 99 }, () => '{}').join()}]]`), {
    type: 'call',
  })
})

test('the nesting found in a text is the nesting of its value', async () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
      : 0
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 7 }), (value, depth) => {
      const padded = `${JSON.stringify(value)}${' '.repeat(20)}`
      return nestsDeeperThan(padded, depth) === depthOf(value) > depth
    }),
  )
})

test('no text makes the reader throw', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[[\]{}",:\\0-9enul.-]*$/),
    fc.json(),
    fc.jsonValue().map((value) => JSON.stringify([2, '1', 'MeterValues', value])),
    fc.array(fc.jsonValue()).map((frame) => JSON.stringify(frame)),
    fc
      .tuple(fc.constantFrom(2, 3, 4), fc.array(fc.jsonValue()))
      .map((f) => JSON.stringify(f.flat())),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      const { type } = parseFrame(text)
      return ['call', 'result', 'error', 'ignored', 'invalid'].includes(type)
    }),
    { numRuns: 1000 },
  )
})

test('a __proto__ in a frame touches no prototype', async (t) => {
  const frame = parseFrame('[2,"1","A",{"__proto__":{"polluted":true},"constructor":1}]')
  t.match(frame, { type: 'call', action: 'A' })
  t.equal(Reflect.get({}, 'polluted'), undefined)
})

test('what we write is read back as it was meant', async (t) => {
  t.equal(
    callText('a"b', 'Reset', { type: 'Soft' }),
    String.raw`[2,"a\"b","Reset",{"type":"Soft"}]`,
  )
  t.equal(resultText(17, {}), '[3,17,{}]', 'a numeric id is echoed as a number')
  t.equal(
    errorText('1', 'OccurenceConstraintViolation', ''),
    '[4,"1","OccurenceConstraintViolation","",{}]',
  )
  const error = parseFrame(errorText('1', 'InternalError', 'x'.repeat(300)))
  t.strictSame(error, {
    type: 'error',
    id: '1',
    code: 'InternalError',
    description: 'x'.repeat(255),
  })
})
