import { spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { fileAuthority } from '../../src/adapters/file-authority.js'
import { authorityOf, newAuthority } from '../../src/adapters/x509.js'

const FROM_MS = Date.UTC(2026, 5, 1)
const DAY_MS = 86_400_000
const validity = { fromMs: FROM_MS, days: 90 }

test('the CA of a site vouches for servers and charge points', async (t) => {
  const ca = await newAuthority('Depot Nord', { fromMs: FROM_MS, days: 3650 })
  const authority = await authorityOf(ca)
  const own = new X509Certificate(ca.certificate)
  t.ok(own.ca)
  t.ok(own.verify(own.publicKey))
  for (const kind of ['rsa', 'ec'] as const) {
    const made = await authority.server(['gateway.local', '10.0.0.2', 'fe80::1'], kind, validity)
    const certificate = new X509Certificate(made.certificate)
    t.ok(certificate.verify(own.publicKey), 'signed by the CA')
    t.ok(certificate.checkIssued(own))
    t.ok(certificate.checkPrivateKey(createPrivateKey(made.key)))
    t.equal(certificate.publicKey.asymmetricKeyType, kind)
    t.equal(certificate.checkHost('gateway.local'), 'gateway.local')
    t.equal(certificate.checkHost('other.local'), undefined)
    t.equal(certificate.checkIP('10.0.0.2'), '10.0.0.2')
    t.equal(certificate.checkIP('fe80::1'), 'fe80::1')
    t.equal(Date.parse(certificate.validTo), FROM_MS + 90 * DAY_MS)
    t.notOk(certificate.ca)
  }
  const charger = await authority.charger('CP 1/x', 'ec', validity)
  t.equal(new X509Certificate(charger.certificate).subject, 'O=Depot Nord\nCN=CP 1/x')
})

test('nothing outlives the CA that vouches for it', async (t) => {
  const ca = await newAuthority('Short', { fromMs: FROM_MS, days: 10 })
  const { certificate } = await (await authorityOf(ca)).charger('CP', 'ec', validity)
  t.equal(new X509Certificate(certificate).validTo, new X509Certificate(ca.certificate).validTo)
})

test('a key that is not that of the CA is refused', async (t) => {
  const one = await newAuthority('One', validity)
  const other = await newAuthority('Other', validity)
  await t.rejects(authorityOf({ certificate: one.certificate, key: other.key }), /does not belong/)
  const charger = await (await authorityOf(one)).charger('CP', 'ec', validity)
  await t.rejects(authorityOf(charger), /not that of a CA/)
})

const openssl = spawnSync('openssl', ['version']).status === 0 ? {} : { skip: 'no openssl here' }

test(
  'OpenSSL believes its chains, knows what is revoked, and has its requests signed',
  openssl,
  async (t) => {
    const folder = t.testdir()
    const file = (name: string): string => join(folder, name)
    const run = (...args: string[]): string => {
      const { stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
      return stdout + stderr
    }
    const ca = await newAuthority('Depot Nord', { fromMs: Date.now(), days: 3650 })
    const authority = await authorityOf(ca)
    const now = { fromMs: Date.now(), days: 90 }
    const charger = await authority.charger('CP_001', 'rsa', now)
    const other = await authority.charger('CP_002', 'ec', now)
    const serial = new X509Certificate(charger.certificate).serialNumber
    const list = await authority.revocationList([{ serial, atMs: Date.now() }], now)
    const empty = await authority.revocationList([], now)
    await writeFile(file('ca.pem'), ca.certificate)
    await writeFile(file('ca.key'), ca.key)
    await writeFile(file('cp.pem'), charger.certificate)
    await writeFile(file('other.pem'), other.certificate)
    await writeFile(file('crl.pem'), list)
    await writeFile(file('empty.pem'), empty)
    const verify = ['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', file('ca.pem')]
    t.match(run(...verify, file('cp.pem')), /cp\.pem: OK/)
    t.match(run(...verify, '-crl_check', '-CRLfile', file('empty.pem'), file('cp.pem')), /OK/)
    t.match(run(...verify, '-crl_check', '-CRLfile', file('crl.pem'), file('cp.pem')), /revoked/)
    t.match(run(...verify, '-crl_check', '-CRLfile', file('crl.pem'), file('other.pem')), /OK/)

    const request = (...key: string[]): string =>
      run(
        'req',
        '-new',
        '-nodes',
        '-newkey',
        ...key,
        '-keyout',
        file('k'),
        '-subj',
        '/O=X/CN=CP_003',
      )
    const signer = fileAuthority({
      certificateFile: file('ca.pem'),
      keyFile: file('ca.key'),
      days: 30,
      clock: { now: () => Date.now() },
    })
    const pemOf = (text: string): string => text.slice(text.indexOf('-----BEGIN CERT'))
    for (const key of [['rsa:2048'], ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']]) {
      const csr = pemOf(request(...key))
      const signed = await signer.sign({ chargePointId: 'CP_003', csr })
      if (!signed.ok) throw new Error(signed.reason)
      await writeFile(file('signed.pem'), signed.chain)
      t.match(run(...verify, file('signed.pem')), /OK/)
      const certificate = new X509Certificate(signed.chain)
      t.ok(certificate.checkPrivateKey(createPrivateKey(run('pkey', '-in', file('k')))))
      t.same(await signer.sign({ chargePointId: 'CP_004', csr }), {
        ok: false,
        reason: 'it is for "CP_003", not for "CP_004"',
      })
      const body = csr.split('\n')
      body[3] = (body[3] ?? '').replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
      const forged = await signer.sign({ chargePointId: 'CP_003', csr: body.join('\n') })
      t.notOk(forged.ok)
    }
    const short = await signer.sign({ chargePointId: 'CP_003', csr: pemOf(request('rsa:1024')) })
    t.match(short, { ok: false, reason: /shorter than 2048/ })
    t.match(await signer.sign({ chargePointId: 'CP', csr: 'x' }), {
      ok: false,
      reason: /no certificate/,
    })
  },
)
