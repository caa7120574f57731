import { test } from 'tap'
import { createFrameLog } from '../../src/control/frame-log.js'
import type { FrameLog, FrameLogLimits } from '../../src/control/frame-log.js'
import { tagHider, withoutSecrets } from '../../src/ocpp/frame-secrets.js'
import type {
  Admission,
  ChargePointHandler,
  Connection,
  ConnectionHandler,
} from '../../src/ports.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'

const LIMITS: FrameLogLimits = {
  records: 100,
  bytes: 10_000,
  totalBytes: 40_000,
  frameBytes: 2000,
  strangers: 3,
}

interface LogWorld {
  readonly clock: ManualClock
  readonly log: FrameLog
  readonly handler: ChargePointHandler
  readonly heard: readonly string[]
  readonly sent: readonly string[]
  readonly admitWith: (next: Admission) => void
  readonly open: (identity: string) => {
    readonly end: ConnectionHandler
    readonly say: (text: string) => void
  }
}

function aLog(limits: Partial<FrameLogLimits> = {}): LogWorld {
  const clock = manualClock({ startMs: 1_000_000 })
  const log = createFrameLog(clock, { ...LIMITS, ...limits })
  let admission: Admission = { type: 'accept' }
  let controllerEnd: Connection | undefined
  const heard: string[] = []
  const handler = log.recording({
    admit: () => admission,
    opened(connection) {
      controllerEnd = connection
      return {
        received: (text) => void heard.push(text),
        pong: () => void heard.push('pong'),
        pinged: () => void heard.push('pinged'),
        closed: (code) => void heard.push(`closed ${code}`),
      }
    },
  })
  const sent: string[] = []
  return {
    clock,
    log,
    handler,
    heard,
    sent,
    admitWith: (next: Admission) => {
      admission = next
    },
    open: (identity) => {
      const end = handler.opened(aConnection(identity, sent))
      return { end, say: (text) => controllerEnd?.send(text) }
    },
  }
}

function aConnection(identity: string, sent: string[]): Connection {
  return {
    identity,
    remoteAddress: '10.0.0.7',
    send: (text) => void sent.push(text),
    ping: () => void sent.push('ping'),
    pause: () => void sent.push('pause'),
    resume: () => void sent.push('resume'),
    bufferedBytes: () => 42,
    close: (code) => void sent.push(`close ${code}`),
    terminate: () => void sent.push('terminate'),
  }
}

function texts(log: FrameLog, identity: string): readonly string[] {
  return log.read(identity)?.records.map(({ kind, text }) => `${kind} ${text}`) ?? []
}

test('what passes a connection is kept in order, and still passes', async (t) => {
  const { log, open, heard, sent, clock } = aLog()
  const { end, say } = open('CP')
  end.received('[2,"1","Heartbeat",{}]')
  await clock.advance(5)
  say('[3,"1",{}]')
  end.pong()
  end.closed(1006, 'gone')
  t.same(texts(log, 'CP'), [
    'opened from 10.0.0.7',
    'received [2,"1","Heartbeat",{}]',
    'sent [3,"1",{}]',
    'closed 1006 gone',
  ])
  t.same(heard, ['[2,"1","Heartbeat",{}]', 'pong', 'closed 1006'])
  t.same(sent, ['[3,"1",{}]'])
  const times = log.read('CP')?.records.map(({ atMs }) => atMs) ?? []
  t.equal((times[2] ?? 0) - (times[1] ?? 0), 5)
})

test('a reader asks for what came after the last he has', async (t) => {
  const { log, open } = aLog()
  const { end } = open('CP')
  end.received('one')
  const seq = log.read('CP')?.records.at(-1)?.seq ?? 0
  end.received('two')
  t.match(log.read('CP', seq), { records: [{ text: 'two' }], isGap: false })
  t.same(log.read('CP', seq + 1)?.records, [])
  t.equal(log.read('other'), undefined)
})

test('numbers go on over a restart', async (t) => {
  const first = aLog()
  for (let count = 0; count < 5; count += 1) first.open('CP').end.received('x')
  const last = first.log.read('CP')?.records.at(-1)?.seq ?? 0
  const { clock } = first
  await clock.advance(1000)
  const after = createFrameLog(clock, LIMITS)
  after
    .recording({ admit: () => ({ type: 'accept' }), opened: () => first.open('CP').end })
    .opened(aConnection('CP', []))
  t.ok((after.read('CP', last)?.records.length ?? 0) > 0)
})

test('the oldest go when there are too many or they are too large, and a reader is told', async (t) => {
  const { log, open } = aLog()
  const { end } = open('CP')
  const seq = log.read('CP')?.records[0]?.seq ?? 0
  for (let count = 0; count < 500; count += 1) end.received(`${count}`)
  const { records = [], isGap } = log.read('CP', seq) ?? {}
  t.ok(records.length <= 100 && records.length > 50, `${records.length}`)
  t.equal(records.at(-1)?.text, '499')
  t.equal(isGap, true)
})

test('many charge points together stay within their share', async (t) => {
  const { log, open } = aLog()
  const identities = Array.from({ length: 40 }, (_, index) => `CP${index}`)
  const ends = identities.map((identity) => open(identity).end)
  for (const end of ends) for (let count = 0; count < 50; count += 1) end.received('x'.repeat(500))
  const bytes = identities
    .flatMap((identity) => log.read(identity)?.records ?? [])
    .reduce((sum, { text }) => sum + text.length, 0)
  t.ok(bytes <= LIMITS.totalBytes, `${bytes}`)
  t.ok(bytes > 10_000, `${bytes}`)
})

test('a frame that is too long is cut, and says so', async (t) => {
  const { log, open } = aLog()
  open('CP').end.received('x'.repeat(5000))
  t.match(log.read('CP')?.records[1], { text: 'x'.repeat(2000), cutFrom: 5000 })
})

test('who is refused leaves a trace, and not too many of them', async (t) => {
  const { log, handler, admitWith } = aLog()
  admitWith({ type: 'refuse', status: 404, reason: 'Charger not found' })
  for (const identity of ['A', 'B', 'C', 'D', 'D']) {
    handler.admit({ identity, remoteAddress: '10.0.0.9' })
  }
  t.same(texts(log, 'D'), [
    'refused HTTP 404 Charger not found, from 10.0.0.9',
    'refused HTTP 404 Charger not found, from 10.0.0.9',
  ])
  t.equal(log.read('A'), undefined, 'the first has made room')
  for (let count = 0; count < 100; count += 1) {
    handler.admit({ identity: 'D', remoteAddress: '10.0.0.9' })
  }
  t.ok(texts(log, 'D').length <= 20)
  handler.admit({ identity: 'x'.repeat(1000), remoteAddress: '10.0.0.9' })
  t.equal(log.read('x'.repeat(1000)), undefined)
})

test('a watcher is woken by its charge point alone, until it goes', async (t) => {
  const { log, open } = aLog()
  let woken = 0
  const unwatch = log.watch('CP', () => (woken += 1))
  const { end } = open('CP')
  open('OTHER').end.received('x')
  end.received('x')
  t.equal(woken, 2)
  unwatch()
  end.received('x')
  t.equal(woken, 2)
})

for (const [what, frame, kept] of [
  [
    'a key that is set',
    '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"736563726574"}]',
    '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}]',
  ],
  [
    'a key that is told, however it is written',
    '[3,"1",{"configurationKey":[{"key":"authorizationkey","readonly":false,"value":"736563726574"}]}]',
    '[3,"1",{"configurationKey":[{"key":"authorizationkey","readonly":false,"value":"***"}]}]',
  ],
  [
    'a password in an address',
    '[2,"1","GetDiagnostics",{"location":"ftp://me:hunter2@10.0.0.1/x"}]',
    '[2,"1","GetDiagnostics",{"location":"ftp://***@10.0.0.1/x"}]',
  ],
  [
    'a private key',
    '[2,"1","DataTransfer",{"vendorId":"v","data":"-----BEGIN EC PRIVATE KEY-----\\nhunter2"}]',
    '[2,"1","DataTransfer",{"vendorId":"v","data":"***"}]',
  ],
  [
    'a key inside a text',
    '[2,"1","DataTransfer",{"vendorId":"v","data":"{\\"AuthorizationKey\\":\\"hunter2\\"}"}]',
    '[2,"1","DataTransfer",{"vendorId":"v","data":"***"}]',
  ],
  ['what is no JSON', '[2,"1","X",{"AuthorizationKey":"hunter2"', /^\[\d+ characters removed/],
] as const) {
  test(`${what} is not kept`, async (t) => {
    const { log, open } = aLog()
    const { end, say } = open('CP')
    end.received(frame)
    say(frame)
    for (const text of texts(log, 'CP').slice(1)) {
      t.notMatch(text, /hunter2|736563726574/)
      if (typeof kept === 'string') t.equal(text.replace(/^\w+ /, ''), kept)
      else t.match(text.replace(/^\w+ /, ''), kept)
    }
  })
}

test('a frame without secrets is kept word for word', async (t) => {
  for (const frame of [
    '[2, "1",  "GetConfiguration", {"key":["AuthorizationKeys"]}]'.replace(
      'AuthorizationKeys',
      'X',
    ),
    '[2,"1","GetDiagnostics",{"location":"http://10.0.0.1/a@b"}]',
    'not even JSON',
  ]) {
    t.equal(withoutSecrets(frame), frame)
  }
})

test('id tags are hidden so that the same stay the same', async (t) => {
  const hide = tagHider()
  t.equal(
    hide('[2,"1","StartTransaction",{"connectorId":1,"idTag":"ABC"}]'),
    '[2,"1","StartTransaction",{"connectorId":1,"idTag":"tag-1"}]',
  )
  t.equal(
    hide('[2,"2","SendLocalList",{"list":[{"idTag":"DEF","idTagInfo":{"parentIdTag":"ABC"}}]}]'),
    '[2,"2","SendLocalList",{"list":[{"idTag":"tag-2","idTagInfo":{"parentIdTag":"tag-1"}}]}]',
  )
  t.equal(hide('[2,"3","Heartbeat",{}]'), '[2,"3","Heartbeat",{}]')
  t.match(hide('{"idTag":"ABC"'), /^\[\d+ characters removed/)
})
