import * as fc from 'fast-check'
import { test } from 'tap'
import { outgoingCalls } from '../../src/ocpp/calls.js'
import type { ErrorFrame, ResultFrame } from '../../src/ocpp/frame.js'

interface Context {
  readonly name: string
}

function call(id: string, nowMs = 0) {
  return { id, action: 'Reset', context: { name: id }, nowMs, timeoutMs: 30_000 }
}

function result(id: string | number): ResultFrame {
  return { type: 'result', id, payload: { status: 'Accepted' } }
}

test('only one call is unanswered at a time', async (t) => {
  const calls = outgoingCalls<Context>()
  t.equal(calls.busy, false)
  t.equal(calls.begin(call('a')), true)
  t.equal(calls.busy, true)
  t.equal(calls.begin(call('b')), false)
  t.equal(calls.settle(result('b'), 5), undefined, 'the refused call was never begun')
  t.match(calls.settle(result('a'), 5), { context: { name: 'a' } })
  t.equal(calls.busy, false)
})

test('an answer settles its call with context, outcome and time taken', async (t) => {
  const calls = outgoingCalls<Context>()
  calls.begin(call('17', 1000))
  t.strictSame(calls.settle(result(17), 1250), {
    context: { name: '17' },
    action: 'Reset',
    outcome: { type: 'answered', payload: { status: 'Accepted' } },
    late: false,
    tookMs: 250,
  })
  t.equal(calls.settle(result('17'), 1300), undefined, 'a second answer is nobody’s')
  calls.begin(call('b'))
  const refusal: ErrorFrame = { type: 'error', id: 'b', code: 'NotSupported', description: 'no' }
  t.match(calls.settle(refusal, 1), {
    outcome: { type: 'refused', code: 'NotSupported', description: 'no' },
  })
})

test('a call expires once at its timeout, frees the slot, and may still be answered late', async (t) => {
  const calls = outgoingCalls<Context>()
  calls.begin(call('a', 1000))
  t.equal(calls.expire(30_999), undefined)
  t.strictSame(calls.expire(31_000), { name: 'a' })
  t.equal(calls.expire(99_000), undefined)
  t.equal(calls.begin(call('b', 31_000)), true)
  t.match(calls.settle(result('a'), 40_000), { context: { name: 'a' }, late: true, tookMs: 39_000 })
  t.equal(calls.settle(result('a'), 40_001), undefined)
  t.equal(calls.busy, true, 'the late answer leaves the running call alone')
})

test('of many timeouts the newest eight are remembered', async (t) => {
  const calls = outgoingCalls<Context>()
  for (let n = 0; n < 100; n += 1) {
    calls.begin(call(`c${n}`))
    calls.expire(30_000)
  }
  t.equal(calls.settle(result('c91'), 30_000), undefined)
  for (let n = 92; n < 100; n += 1) t.match(calls.settle(result(`c${n}`), 30_000), { late: true })
})

test('a lost connection gives back the unanswered call and forgets the rest', async (t) => {
  const calls = outgoingCalls<Context>()
  t.strictSame(calls.drop(), [])
  calls.begin(call('a'))
  calls.expire(30_000)
  calls.begin(call('b'))
  t.strictSame(calls.drop(), [{ name: 'b' }])
  t.strictSame(calls.drop(), [])
  t.equal(calls.busy, false)
  t.equal(calls.settle(result('a'), 31_000), undefined)
  t.equal(calls.settle(result('b'), 31_000), undefined)
})

test('whatever happens, each begun call ends exactly once and two never overlap', async () => {
  const step = fc.oneof(
    fc.constant({ type: 'begin' } as const),
    fc.record({ type: fc.constant('settle' as const), back: fc.integer({ min: 0, max: 12 }) }),
    fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
    fc.constant({ type: 'drop' } as const),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const calls = outgoingCalls<Context>()
      const ended = new Map<string, number>()
      const open = new Set<string>()
      let begun = 0
      let nowMs = 0
      const end = (name: string) => {
        ended.set(name, (ended.get(name) ?? 0) + 1)
        open.delete(name)
      }
      for (const event of steps) {
        if (event.type === 'begin') {
          const name = `c${begun}`
          if (calls.begin(call(name, nowMs))) {
            begun += 1
            open.add(name)
          }
        } else if (event.type === 'settle') {
          const settled = calls.settle(result(`c${begun - 1 - event.back}`), nowMs)
          if (settled && !settled.late) end(settled.context.name)
          else if (settled && open.has(settled.context.name)) return false
        } else if (event.type === 'wait') {
          nowMs += event.ms
          const expired = calls.expire(nowMs)
          if (expired) end(expired.name)
        } else {
          for (const context of calls.drop()) end(context.name)
        }
        if (open.size > 1 || calls.busy !== open.size > 0) return false
      }
      for (const context of calls.drop()) end(context.name)
      return ended.size === begun && [...ended.values()].every((times) => times === 1)
    }),
  )
})
