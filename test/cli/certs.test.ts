import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { runProgram } from '../../src/cli/program.js'
import { readTlsFiles } from '../../src/config/listener-files.js'
import { recordedIo } from './recorded-io.js'

async function run(...args: string[]) {
  const io = recordedIo()
  const code = await runProgram(['certs', ...args], io)
  return { code, out: io.stdout.join('\n'), err: io.stderr.join('\n') }
}

test('a site gets its CA, servers and chargers, and a listener can use them', async (t) => {
  const dir = join(t.testdir(), 'pki')
  const at = (name: string): string => join(dir, name)
  t.equal((await run('ca', '--dir', dir, '--name', 'Depot Nord')).code, 0)
  t.equal((await stat(at('ca.key'))).mode & 0o777, 0o600)
  t.equal((await run('server', '--dir', dir, '--host', 'gw.local', '127.0.0.1')).code, 0)
  t.equal((await run('charger', 'CP 1/a', '--dir', dir)).code, 0)
  const read = readTlsFiles(
    {
      certificateFiles: [at('server-rsa.pem'), at('server-ec.pem')],
      keyFiles: [at('server-ec.key'), at('server-rsa.key')],
      clientCaFile: at('ca.pem'),
      revocationFile: at('crl.pem'),
    },
    Date.now(),
  )
  t.match(read, { ok: true, content: { certificates: [{ keyKind: 'rsa' }, { keyKind: 'ec' }] } })
  const ca = new X509Certificate(await readFile(at('ca.pem')))
  const charger = new X509Certificate(await readFile(at('charger-CP%201%2Fa.pem')))
  t.ok(charger.verify(ca.publicKey))
  const listed = await run('list', '--dir', dir)
  t.equal(listed.code, 0)
  t.match(listed.out, /729 days +charger-CP%201%2Fa\.pem +CN=CP 1\/a/)
  const soon = await run('list', '--dir', dir, '--warn-days', '400')
  t.equal(soon.code, 1)
  t.match(soon.out, /^! .* server-ec\.pem/m)
  t.match(soon.err, /2 to renew/)
})

test('a CA is never replaced, and nothing is made without one', async (t) => {
  const dir = t.testdir()
  const none = await run('server', '--host', 'x', '--dir', dir)
  t.equal(none.code, 2)
  t.match(none.err, /make one with "yardmaster certs ca/)
  await run('ca', '--dir', dir)
  const before = await readFile(join(dir, 'ca.key'), 'utf8')
  t.equal((await run('ca', '--dir', dir)).code, 1)
  t.equal(await readFile(join(dir, 'ca.key'), 'utf8'), before)
  t.equal((await run('server', '--dir', dir)).code, 2, 'a host is needed')
  t.equal((await run('list', '--dir', join(dir, 'nowhere'))).code, 2)
})

test('only what the CA has made is revoked', async (t) => {
  const { one, other } = { one: join(t.testdir(), 'one'), other: join(t.testdirName, 'other') }
  for (const dir of [one, other]) {
    await run('ca', '--dir', dir)
    await run('charger', 'CP_001', '--dir', dir)
  }
  t.equal((await run('revoke', join(other, 'charger-CP_001.pem'), '--dir', one)).code, 1)
  t.equal((await run('revoke', join(one, 'charger-CP_001.pem'), '--dir', one)).code, 0)
  t.equal((await run('revoke', join(one, 'charger-CP_001.pem'), '--dir', one)).code, 0)
  t.match((await run('list', '--dir', one)).out, /revoked +charger-CP_001/)
  t.match(await readFile(join(one, 'revoked.json'), 'utf8'), /^\[\s+\{[^{}]+\}\s+\]\s*$/)
  t.equal((await run('sign', join(one, 'ca.key'), '--charge-point-id', 'X', '--dir', one)).code, 1)
})
