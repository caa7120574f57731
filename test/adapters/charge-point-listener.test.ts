import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import { test } from 'tap'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import type { ClientOptions } from 'ws'
import { chargePointListener } from '../../src/adapters/charge-point-listener.js'
import type { ChargePointListenerOptions } from '../../src/adapters/charge-point-listener.js'
import { chargePointServer } from '../../src/adapters/charge-point-server.js'
import { systemClock } from '../../src/adapters/system-clock.js'
import { authorityOf, newAuthority } from '../../src/adapters/x509.js'
import type { Authority, CertificateAndKey, KeyKind } from '../../src/adapters/x509.js'
import type { TlsFiles } from '../../src/config/listener-files.js'
import type { ChargePointHandler } from '../../src/ports.js'
import { recordingHandler } from './charge-point-world.js'
import { recordingLog } from './modbus-world.js'

const DAY_MS = 86_400_000
const valid = () => ({ fromMs: Date.now(), days: 30 })

interface Pki {
  readonly authority: Authority
  readonly files: TlsFiles
  readonly path: (name: string) => string
  readonly put: (name: string, made: CertificateAndKey) => Promise<void>
}

async function pki(t: Test, kinds: readonly KeyKind[] = ['rsa', 'ec']): Promise<Pki> {
  const folder = t.testdir()
  const path = (name: string): string => join(folder, name)
  const put = async (name: string, { certificate, key }: CertificateAndKey): Promise<void> => {
    for (const [file, text] of [
      [`${name}.pem`, certificate],
      [`${name}.key`, key],
    ] as const) {
      await writeFile(path(`${file}.new`), text)
      await rename(path(`${file}.new`), path(file))
    }
  }
  const authority = await authorityOf(await newAuthority('Depot', valid()))
  await writeFile(path('ca.pem'), authority.certificate)
  for (const kind of kinds) {
    await put(kind, await authority.server(['localhost', '127.0.0.1'], kind, valid()))
  }
  return {
    authority,
    path,
    put,
    files: {
      certificateFiles: kinds.map((kind) => path(`${kind}.pem`)),
      keyFiles: kinds.map((kind) => path(`${kind}.key`)),
      clientCaFile: undefined,
      revocationFile: undefined,
    },
  }
}

async function listening(
  t: Test,
  options: Partial<ChargePointListenerOptions>,
  handler: ChargePointHandler,
) {
  const log = recordingLog()
  const listener = chargePointListener({
    host: '127.0.0.1',
    port: 0,
    securityProfile: 2,
    clock: systemClock(),
    log,
    ...options,
  })
  const chargePoints = chargePointServer({ listeners: [listener], log, closeTimeoutMs: 50 })
  await chargePoints.listen(handler)
  const { port } = await listener.start()
  const clients: WebSocket[] = []
  t.teardown(async () => {
    for (const client of clients) client.terminate()
    await chargePoints.close()
    await listener.close()
  })
  return {
    log,
    port,
    listener,
    chargePoints,
    /** `open`, the HTTP status, or what went wrong. */
    dial: (given: ClientOptions & { readonly path?: string; readonly scheme?: string }) =>
      new Promise<string>((resolve) => {
        const { path = '/ocpp/CP_001', scheme = 'wss', ...more } = given
        const client = new WebSocket(`${scheme}://127.0.0.1:${port}${path}`, ['ocpp1.6'], more)
        clients.push(client)
        client.on('open', () => resolve('open'))
        client.on('unexpected-response', (_request, response) => {
          resolve(`${response.statusCode} ${response.headers['www-authenticate'] ?? ''}`.trim())
          client.terminate()
        })
        client.on('error', (error) => resolve(error.message))
      }),
  }
}

test('a charge point comes with TLS and its key, which may be binary', async (t) => {
  const { files, authority } = await pki(t)
  const handler = recordingHandler()
  const { dial } = await listening(t, { tls: files }, handler)
  const password = Buffer.from([1, 0x3a, 255, 254, 0, 128, 0x3a, 9])
  const authorization = `Basic ${Buffer.concat([Buffer.from('CP_001:'), password]).toString('base64')}`
  t.equal(await dial({ ca: authority.certificate, headers: { authorization } }), 'open')
  const [request] = handler.requests
  t.equal(request?.securityProfile, 2)
  t.equal(request?.credentials?.user, 'CP_001')
  t.same(Buffer.from(request?.credentials?.password ?? []), password)
})

test('who is refused is told how to log in', async (t) => {
  const { files, authority } = await pki(t)
  const handler = recordingHandler({ admit: () => ({ type: 'refuse', status: 401, reason: 'no' }) })
  const { dial } = await listening(t, { tls: files }, handler)
  t.equal(await dial({ ca: authority.certificate }), '401 Basic realm="OCPP"')
  for (const authorization of ['Basic', 'Basic !!!', 'Bearer abc', `Basic ${'A'.repeat(5000)}`]) {
    await dial({ ca: authority.certificate, headers: { authorization } })
    t.equal(handler.requests.at(-1)?.credentials, undefined, authorization.slice(0, 12))
  }
})

test('the four suites of the whitepaper are served, TLS 1.1 is not', async (t) => {
  const { files, authority } = await pki(t)
  const { port } = await listening(t, { tls: files }, recordingHandler())
  const suite = (options: object): Promise<string> =>
    new Promise((resolve) => {
      const socket = tlsConnect({ port, host: '127.0.0.1', ca: authority.certificate, ...options })
      socket.on('secureConnect', () => {
        resolve(`${socket.getProtocol()} ${socket.getCipher().name}`)
        socket.destroy()
      })
      socket.on('error', (error) => resolve(`refused: ${error.message}`))
    })
  for (const ciphers of [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'AES128-GCM-SHA256',
    'AES256-GCM-SHA384',
  ]) {
    t.equal(await suite({ ciphers, maxVersion: 'TLSv1.2' }), `TLSv1.2 ${ciphers}`)
  }
  t.match(await suite({}), /^TLSv1\.3/)
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }
  t.match(await suite(old), /^refused/)
})

test('a client certificate is judged: whose it is, and whether it is still good', async (t) => {
  const { files, authority, path, put } = await pki(t)
  const make = (name: string, days = 30): Promise<CertificateAndKey> =>
    authority.charger(name, 'ec', { fromMs: Date.now() - 10 * DAY_MS, days })
  const good = await make('CP_001')
  const revoked = await make('CP_002')
  const expired = await make('CP_003', 5)
  const foreign = await (
    await authorityOf(await newAuthority('Somebody', valid()))
  ).charger('CP_001', 'ec', valid())
  await put('revoked', revoked)
  const { X509Certificate } = await import('node:crypto')
  const serial = new X509Certificate(revoked.certificate).serialNumber
  await writeFile(
    path('crl.pem'),
    await authority.revocationList([{ serial, atMs: Date.now() }], valid()),
  )
  const tls = { ...files, clientCaFile: path('ca.pem'), revocationFile: path('crl.pem') }
  const handler = recordingHandler()
  const { dial } = await listening(t, { tls, securityProfile: 3 }, handler)
  const shown = async (with_?: CertificateAndKey) => {
    const client = with_ && { cert: with_.certificate, key: with_.key }
    await dial({ ca: authority.certificate, ...client })
    return handler.requests.at(-1)?.certificate
  }
  t.same(await shown(good), { verified: true, names: ['CP_001'] })
  t.match(await shown(revoked), { verified: false, problem: /CERT_REVOKED/ })
  t.match(await shown(expired), { verified: false, problem: /CERT_HAS_EXPIRED/ })
  t.match(await shown(foreign), { verified: false, problem: /UNABLE_TO/ })
  t.match(await shown(), { verified: false, problem: 'no certificate' })
})

test('a renewed certificate is served without a restart, a broken one is not', async (t) => {
  const { files, authority, path, put } = await pki(t, ['ec'])
  const { port, log, chargePoints } = await listening(
    t,
    { tls: files, lookEachMs: 20 },
    recordingHandler(),
  )
  const served = async (): Promise<string> => {
    const socket = tlsConnect({ port, host: '127.0.0.1', ca: authority.certificate })
    await once(socket, 'secureConnect')
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }
  const logged = async (event: string): Promise<void> => {
    for (let wait = 0; wait < 200 && !log.lines.some((line) => line.event === event); wait++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const first = await served()
  await new Promise((resolve) => setTimeout(resolve, 100))
  await writeFile(path('ec.pem'), 'half a file')
  await logged('certificatesNotReloaded')
  t.equal(await served(), first)
  t.match(chargePoints.listeners?.()[0]?.problem, /ec\.pem is no certificate in PEM/)
  await put('ec', await authority.server(['127.0.0.1'], 'ec', valid()))
  await logged('certificatesReloaded')
  t.not(await served(), first)
  t.equal(chargePoints.listeners?.()[0]?.problem, undefined)
  t.match(chargePoints.listeners?.()[0], {
    securityProfile: 2,
    port,
    certificates: [{ keyKind: 'ec', subject: /CN=127\.0\.0\.1/ }],
  })
})

test('without TLS a listener takes charge points, and says what it is to others', async (t) => {
  const handler = recordingHandler()
  const { dial, port } = await listening(t, { securityProfile: 1 }, handler)
  const authorization = `Basic ${Buffer.from('CP_001:secret').toString('base64')}`
  t.equal(await dial({ scheme: 'ws', headers: { authorization } }), 'open')
  t.equal(handler.requests[0]?.credentials?.user, 'CP_001')
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/site`)
  t.equal(response.status, 404)
  t.match(await response.text(), /OCPP/)
})

test('who says nothing, or speaks slowly, is dropped; others are served meanwhile', async (t) => {
  const { files, authority } = await pki(t, ['ec'])
  const limits = { patienceMs: 300, exempt: () => false, maxSocketsPerAddress: 8 }
  const handler = recordingHandler()
  const { dial, port } = await listening(t, { tls: files, ...limits }, handler)
  const silent = Array.from({ length: 4 }, () => connect({ port, host: '127.0.0.1' }))
  const slow = connect({ port, host: '127.0.0.1' }, () => {
    // The start of a ClientHello, and never the rest.
    slow.write(Buffer.from([0x16, 3, 1, 0x10, 0]))
  })
  const ended = [...silent, slow].map((socket) => {
    socket.on('error', () => {})
    socket.resume()
    return once(socket, 'close')
  })
  t.equal(await dial({ ca: authority.certificate }), 'open')
  await Promise.all(ended)
  const late = tlsConnect({ port, host: '127.0.0.1', ca: authority.certificate })
  late.on('error', () => {})
  await once(late, 'secureConnect')
  late.write('GET /ocpp/CP_001 HTTP/1.1\r\nHost: x\r\n')
  late.resume()
  await once(late, 'close')
  t.equal(handler.requests.length, 1)
})

test('one address has no more than its share of sockets that nobody knows yet', async (t) => {
  const { files, authority } = await pki(t, ['ec'])
  const limits = { exempt: () => false, maxSocketsPerAddress: 3 }
  const { dial, port } = await listening(t, { tls: files, ...limits }, recordingHandler())
  for (let each = 0; each < 5; each++) {
    t.equal(await dial({ ca: authority.certificate }), 'open', 'charge points do not count')
  }
  const idle = Array.from({ length: 3 }, () => connect({ port, host: '127.0.0.1' }))
  await Promise.all(idle.map((socket) => once(socket, 'connect')))
  t.not(await dial({ ca: authority.certificate }), 'open')
  for (const socket of idle) socket.destroy()
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(await dial({ ca: authority.certificate }), 'open')
})

test('a suspect address waits for its turns, others do not, and it gets in', async (t) => {
  const { files, authority } = await pki(t, ['ec'])
  const handler = { ...recordingHandler(), isSuspect: () => true }
  const { dial } = await listening(t, { tls: files }, handler)
  const startedAtMs = performance.now()
  const all = await Promise.all(
    Array.from({ length: 6 }, () => dial({ ca: authority.certificate })),
  )
  t.same(
    all,
    Array.from({ length: 6 }, () => 'open'),
  )
  t.ok(performance.now() - startedAtMs >= 240, 'at most one each 50 ms')
})

test('no TLS at all is told of, and nobody is let in', async (t) => {
  const { files } = await pki(t, ['ec'])
  const told: string[] = []
  const handler = {
    ...recordingHandler(),
    unidentified: (address: string, problem: string) => void told.push(`${address} ${problem}`),
  }
  const { dial } = await listening(t, { tls: files }, handler)
  t.not(await dial({ scheme: 'ws' }), 'open')
  t.match(told[0], /^127\.0\.0\.1 .*http request/i)
})
