/** Who asks for more than his share costs nobody else anything, and is served all the same. */
import { test } from 'tap'
import { fairTurns } from '../../src/control/fair-turns.js'
import { createSessions } from '../../src/control/sessions.js'
import type { SessionOwner } from '../../src/control/sessions.js'
import type { CallEnd } from '../../src/ocpp/call-end.js'
import { reset } from '../../src/ocpp/v16/outbound.js'
import type { Connection, Log } from '../../src/ports.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'

interface Peer {
  readonly id: string
  /** Pauses that came, and whether it is read now. */
  pauses: number
  isPaused: boolean
  ended: string | undefined
  says(text: string): void
  pings(): void
  /** Heartbeats, each with an id of its own. */
  asks(count: number): void
  answered(): number
}

interface World {
  readonly clock: ManualClock
  /** Charge points in the order in which they were served. */
  readonly served: string[]
  readonly logged: string[]
  readonly sessions: ReturnType<typeof createSessions>
  readonly connect: (id: string) => Peer
}

function aWorld(serve: (id: string) => void = () => undefined): World {
  const clock = manualClock()
  const served: string[] = []
  const logged: string[] = []
  const note = (event: string): void => void logged.push(event)
  const log: Log = { debug() {}, info: note, warn: note, error: note }
  const owner: SessionOwner = {
    knows: () => true,
    connected() {},
    spoke() {},
    free() {},
    disconnected() {},
    answer: ({ chargePointId }) => {
      served.push(chargePointId)
      serve(chargePointId)
      return { reply: {}, durable: undefined }
    },
  }
  let calls = 0
  const sessions = createSessions(
    owner,
    { clock, ids: { next: () => `call-${(calls += 1)}` }, log },
    { unknownChargePoint: 'close', pingIntervalMs: 20_000 },
  )
  return {
    clock,
    served,
    logged,
    sessions,
    connect(id) {
      let sent = 0
      let asked = 0
      const connection: Connection = {
        identity: id,
        remoteAddress: '10.0.0.7',
        send: () => void (sent += 1),
        ping() {},
        pause() {
          peer.pauses += 1
          peer.isPaused = true
        },
        resume: () => void (peer.isPaused = false),
        bufferedBytes: () => 0,
        close: (code, reason) => void (peer.ended = `${code} ${reason}`),
        terminate: () => void (peer.ended = 'terminated'),
      }
      const peer: Peer = {
        id,
        pauses: 0,
        isPaused: false,
        ended: undefined,
        says: (text) => session.received(text),
        pings: () => session.pinged(),
        asks(count) {
          for (let n = 0; n < count; n++) session.received(`[2,"${(asked += 1)}","Heartbeat",{}]`)
        },
        answered: () => sent,
      }
      const session = sessions.opened(connection)
      return peer
    },
  }
}

test('who keeps to 20 calls a second is answered at once', async (t) => {
  const { clock, connect } = aWorld()
  const peer = connect('A')
  peer.asks(60)
  t.equal(peer.answered(), 60, 'as after a boot')
  for (let second = 1; second <= 10; second++) {
    await clock.advance(1_000)
    peer.asks(20)
    t.equal(peer.answered(), 60 + 20 * second)
  }
})

test('who asks for more is served after the others, one call each in turn', async (t) => {
  const { clock, served, connect } = aWorld()
  const [first, second, honest] = [connect('first'), connect('second'), connect('honest')]
  first.asks(64)
  second.asks(63)
  served.length = 0
  honest.asks(1)
  t.same(served, ['honest'])
  await clock.advance(1)
  t.same(served, ['honest', 'first', 'second', 'first', 'second', 'first', 'second', 'first'])
  t.equal(first.answered(), 64)
  t.equal(first.pauses + second.pauses, 0, 'nobody is read less for so little')
})

test('a flood is served in turns of a bounded length, and read no more meanwhile', async (t) => {
  const { clock, served, connect } = aWorld()
  const flooder = connect('flooder')
  flooder.asks(60 + 64)
  t.equal(flooder.isPaused, false)
  flooder.asks(1)
  t.equal(flooder.isPaused, true)
  flooder.asks(500)
  served.length = 0
  await clock.advance(1)
  t.equal(served.length, 64)
  await clock.advance(20)
  t.equal(flooder.answered(), 625, 'every call is answered')
  t.equal(flooder.isPaused, false)
  t.equal(flooder.ended, undefined)
})

test('long frames count by their length', async (t) => {
  const { clock, connect } = aWorld()
  const peer = connect('A')
  const long = `[2,"1","DataTransfer",{"vendorId":"v","data":"${'x'.repeat(250_000)}"}]`
  peer.says(long)
  t.equal(peer.answered(), 1)
  peer.says(long)
  t.equal(peer.answered(), 1)
  t.equal(peer.isPaused, false)
  peer.says(long)
  t.equal(peer.isPaused, true, 'what waits is bounded in characters, too')
  await clock.advance(1)
  t.ok(peer.answered() <= 3)
  await clock.advance(10)
  t.equal(peer.answered(), 3)
  t.equal(peer.isPaused, false)
})

test('an answer to our call overtakes a flood of calls', async (t) => {
  const { clock, sessions, connect } = aWorld()
  const flooder = connect('flooder')
  flooder.asks(1)
  const ends: CallEnd[] = []
  const ended = (end: CallEnd): void => void ends.push(end)
  t.ok(sessions.get('flooder')?.call({ call: reset('Soft'), timeoutMs: 15_000, ended }))
  flooder.asks(1_000)
  flooder.says(' [3, "call-1", {"status":"Accepted"}]')
  await clock.advance(1)
  t.match(ends, [{ type: 'answered' }])
  t.ok(flooder.answered() < 200)
})

test('the frames of one charge point keep their order while few wait', async (t) => {
  const { clock, served, sessions, connect } = aWorld()
  const peer = connect('A')
  peer.asks(60)
  const order: string[] = []
  const ended = (): void => void order.push(`answer after ${served.length} calls`)
  sessions.get('A')?.call({ call: reset('Soft'), timeoutMs: 15_000, ended })
  peer.asks(3)
  peer.says('[3,"call-1",{"status":"Accepted"}]')
  await clock.advance(1)
  t.same(order, ['answer after 63 calls'])
})

test('a flood of pings costs as much as one of frames', async (t) => {
  const { clock, connect } = aWorld()
  const peer = connect('A')
  for (let n = 0; n < 1_000; n++) peer.pings()
  t.equal(peer.isPaused, true)
  await clock.advance(30)
  t.equal(peer.isPaused, false)
  t.equal(peer.ended, undefined)
})

test('a peer whose frames come although it is not read is dropped', async (t) => {
  const { connect } = aWorld()
  const peer = connect('A')
  peer.asks(20_000)
  t.match(peer.ended, /^1008/)
  peer.asks(100)
  t.ok(peer.answered() <= 60)
})

test('what fails in a turn costs that charge point its connection, and nobody else', async (t) => {
  const { clock, logged, connect } = aWorld((id) => {
    if (id === 'bad' && failing) throw new Error('in here')
  })
  let failing = false
  const [bad, good] = [connect('bad'), connect('good')]
  bad.asks(60)
  good.asks(60)
  failing = true
  bad.asks(5)
  good.asks(5)
  await clock.advance(5)
  t.match(bad.ended, /^1011/)
  t.equal(good.answered(), 65)
  t.ok(logged.includes('chargePointHandlerFailed'))
})

test('it is known how late the event loop is while somebody waits', async (t) => {
  let nowMs = 0
  const soons: (() => void)[] = []
  const turns = fairTurns({
    ...manualClock(),
    monotonic: () => nowMs,
    soon: (run) => void soons.push(run),
  })
  let left = 100
  turns.waitWithCalls({
    isReady: () => left > 0,
    serve() {
      left -= 1
      return 1
    },
    isQueued: false,
  })
  nowMs += 80
  soons.shift()?.()
  t.equal(turns.lateMs, 80)
  nowMs += 2
  soons.shift()?.()
  t.equal(turns.lateMs, 0, 'nobody waits any more')
})
