/** Security whitepaper A02: a charge point asks for its certificate, and gets it by a call of ours. */
import { test } from 'tap'
import { createCertificateDesk } from '../../src/control/certificate-desk.js'
import { fairTurns } from '../../src/control/fair-turns.js'
import { createSession } from '../../src/control/session.js'
import type { CertificateRequest } from '../../src/core/operations/certificates.js'
import type { CallEnd } from '../../src/ocpp/call-end.js'
import { signCertificateReply } from '../../src/ocpp/v16/replies.js'
import type { CertificateAuthority, Connection, SigningOutcome } from '../../src/ports.js'
import { countingIds } from '../../src/testing/counting-ids.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { memoryLog } from '../../src/testing/memory-log.js'

const ACCEPTED: CallEnd = { type: 'answered', payload: { status: 'Accepted' }, late: false }
const SIGNS: CertificateAuthority = {
  sign: async ({ chargePointId }) => ({ ok: true, chain: `PEM ${chargePointId}`, notAfterMs: 99 }),
}

const signing = (outcome: SigningOutcome): CertificateAuthority => ({ sign: async () => outcome })

function aDesk(given: { authority?: CertificateAuthority; proved?: boolean; end?: CallEnd } = {}): {
  desk: ReturnType<typeof createCertificateDesk>
  noted: CertificateRequest[]
  sent: unknown[]
  readonly settled: () => Promise<void>
} {
  const noted: CertificateRequest[] = []
  const sent: unknown[] = []
  const desk = createCertificateDesk(
    {
      authority: given.authority,
      now: () => ({ nowMs: 0, wallMs: 5 }),
      hasProved: () => given.proved ?? true,
      request: async (_chargePointId, { payload }) => {
        sent.push(payload)
        return given.end ?? ACCEPTED
      },
      note: (event) => {
        if (event.type === 'certificateNoted') noted.push(event.request)
      },
    },
    memoryLog(),
  )
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
  return { desk, noted, sent, settled }
}

test('a certificate that was asked for is signed, sent and noted as taken', async (t) => {
  const { desk, noted, sent, settled } = aDesk({ authority: SIGNS })
  t.equal(desk.asked('CP1', 'CSR'), 'Accepted')
  t.same(sent, [], 'nothing is sent before the answer has left')
  await settled()
  t.same(sent, [{ certificateChain: 'PEM CP1' }])
  t.same(
    noted.map(({ state }) => state),
    ['asked', 'signed', 'accepted'],
  )
  t.equal(noted.at(-1)?.notAfterWallMs, 99)
})

for (const [title, given, answer, reason] of [
  ['without an authority', {}, 'Rejected', /no certificate authority/],
  [
    'who has not shown who it is',
    { authority: SIGNS, proved: false },
    'Rejected',
    /security profile/,
  ],
  [
    'whose request is not signed',
    { authority: signing({ ok: false, reason: 'another name' }) },
    'Accepted',
    /another name/,
  ],
  [
    'when the files of the authority are gone',
    { authority: { sign: () => Promise.reject(new Error('no key')) } },
    'Accepted',
    /no key/,
  ],
  [
    'whose chain is too long for OCPP',
    { authority: signing({ ok: true, chain: 'x'.repeat(10_001), notAfterMs: 1 }) },
    'Accepted',
    /10001 characters/,
  ],
  ['that does not answer', { authority: SIGNS, end: { type: 'timedOut' } }, 'Accepted', /in time/],
  [
    'that rejects what it gets',
    {
      authority: SIGNS,
      end: { type: 'answered', payload: { status: 'Rejected' }, late: false },
    },
    'Accepted',
    /rejected it/,
  ],
] as const) {
  test(`a charge point ${title} is told why it has no certificate`, async (t) => {
    const { desk, noted, settled } = aDesk(given)
    t.equal(desk.asked('CP1', 'CSR'), answer)
    await settled()
    t.match(noted.at(-1), { state: /rejected|failed/, reason })
  })
}

test('who asks again gets the certificate of the newest request alone', async (t) => {
  const chains = ['first', 'second']
  const authority: CertificateAuthority = {
    sign: async () => ({ ok: true, chain: chains.shift() ?? '', notAfterMs: 1 }),
  }
  const { desk, sent, settled } = aDesk({ authority })
  desk.asked('CP1', 'CSR 1')
  desk.asked('CP1', 'CSR 2')
  await settled()
  t.same(sent, [{ certificateChain: 'second' }])
})

test('★12 the answer to SignCertificate leaves before CertificateSigned does', async (t) => {
  const clock = manualClock()
  const sent: unknown[] = []
  const wire: Connection = {
    identity: 'CP1',
    remoteAddress: '10.0.0.7',
    send: (text) => void sent.push(JSON.parse(text)),
    ping() {},
    pause() {},
    resume() {},
    bufferedBytes: () => 0,
    close() {},
    terminate() {},
  }
  const desk = createCertificateDesk(
    {
      authority: SIGNS,
      now: () => ({ nowMs: 0, wallMs: 5 }),
      hasProved: () => true,
      request: (_chargePointId, call) =>
        new Promise((ended) => {
          session.enqueue({ call, timeoutMs: 30_000, ended })
          session.pump()
        }),
      note() {},
    },
    memoryLog(),
  )
  const session = createSession(
    wire,
    {
      answer: (message) => {
        const csr = message.type === 'signCertificate' ? message.csr : ''
        return { reply: signCertificateReply(desk.asked('CP1', csr)), durable: undefined }
      },
      spoke() {},
      free() {},
      closed() {},
    },
    { clock, ids: countingIds(), log: memoryLog(), turns: fairTurns(clock) },
    { pingIntervalMs: 20_000 },
  )
  session.received('[2,"1","SignCertificate",{"csr":"CSR"}]')
  await clock.advance(1_000)
  t.match(sent, [
    [3, '1', { status: 'Accepted' }],
    [2, String, 'CertificateSigned', { certificateChain: 'PEM CP1' }],
  ])
  t.equal(sent.length, 2)
})
