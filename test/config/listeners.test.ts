import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { authorityOf, newAuthority } from '../../src/adapters/x509.js'
import { parseSettings } from '../../src/config/load.js'
import { problemText } from '../../src/config/problem.js'

const DAY_MS = 86_400_000

async function folder(testdir: string): Promise<(name: string) => string> {
  const now = { fromMs: Date.now(), days: 30 }
  const authority = await authorityOf(await newAuthority('Depot', { ...now, days: 3650 }))
  const put = (name: string, text: string): Promise<void> => writeFile(join(testdir, name), text)
  for (const kind of ['rsa', 'ec'] as const) {
    const made = await authority.server(['gateway'], kind, now)
    await put(`${kind}.pem`, made.certificate)
    await put(`${kind}.key`, made.key)
  }
  const before = { fromMs: Date.now() - 40 * DAY_MS, days: 30 }
  const old = await authority.server(['gateway'], 'ec', before)
  await put('old.pem', old.certificate)
  await put('old.key', old.key)
  await put('ca.pem', authority.certificate)
  await put('der.pem', '\u0001\u0002')
  return (name) => join(testdir, name)
}

const listener = (profile: number, tls: string): string =>
  `ocpp: { listeners: [{ port: 8443, security_profile: ${profile}, tls: { ${tls} } }] }`

test('listeners name their files beside the configuration', async (t) => {
  const dir = t.testdir()
  const at = await folder(dir)
  const parsed = parseSettings(
    listener(
      3,
      'certificate_file: [rsa.pem, ec.pem], key_file: [ec.key, rsa.key], client_ca_file: ca.pem',
    ),
    join(dir, 'depot.yaml'),
  )
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'))
  t.match(parsed.settings.ocpp.listeners, [
    {
      host: '0.0.0.0',
      port: 8443,
      securityProfile: 3,
      tls: { certificateFiles: [at('rsa.pem'), at('ec.pem')], clientCaFile: at('ca.pem') },
    },
  ])
})

for (const [what, text, problem] of [
  [
    'a file that is not there',
    listener(2, 'certificate_file: no.pem, key_file: ec.key'),
    /no\.pem is not there: make it/,
  ],
  [
    'no PEM',
    listener(2, 'certificate_file: der.pem, key_file: ec.key'),
    /der\.pem is no certificate in PEM.*openssl/,
  ],
  [
    'a key for a certificate',
    listener(2, 'certificate_file: ec.key, key_file: ec.key'),
    /ec\.key is no certificate/,
  ],
  [
    'a certificate for a key',
    listener(2, 'certificate_file: ec.pem, key_file: ec.pem'),
    /ec\.pem is no private key/,
  ],
  [
    'a key of another',
    listener(2, 'certificate_file: ec.pem, key_file: rsa.key'),
    /ec\.pem belongs to none of the keys/,
  ],
  [
    'a key too many',
    listener(2, 'certificate_file: ec.pem, key_file: [ec.key, rsa.key]'),
    /rsa\.key belongs to none of the cert/,
  ],
  [
    'an expired certificate',
    listener(2, 'certificate_file: old.pem, key_file: old.key'),
    /old\.pem expired on \d{4}.*renew it/,
  ],
  [
    'a CA that is none',
    listener(3, 'certificate_file: ec.pem, key_file: ec.key, client_ca_file: rsa.pem'),
    /rsa\.pem is not the certificate of a CA/,
  ],
  [
    'profile 3 without its CA',
    listener(3, 'certificate_file: ec.pem, key_file: ec.key'),
    /profile 3 needs client_ca_file/,
  ],
  [
    'a CA in profile 2',
    listener(2, 'certificate_file: ec.pem, key_file: ec.key, client_ca_file: ca.pem'),
    /is for profile 3/,
  ],
  [
    'TLS in profile 1',
    listener(1, 'certificate_file: ec.pem, key_file: ec.key'),
    /profile 1 is without TLS/,
  ],
  [
    'profile 2 without TLS',
    'ocpp: { listeners: [{ port: 8443, security_profile: 2 }] }',
    /profile 2 needs TLS/,
  ],
  ['profile 4', 'ocpp: { listeners: [{ port: 8443, security_profile: 4 }] }', /security_profile/],
  [
    'the port of REST',
    'ocpp: { listeners: [{ port: 8000, security_profile: 0 }] }',
    /is that of http already/,
  ],
  [
    'an own listener beside',
    'ocpp: { listen: { port: 9000 }, listeners: [{ port: 8443, security_profile: 1 }] }',
    /beside "listeners"/,
  ],
] as const) {
  test(`${what} is refused, with what to do`, async (t) => {
    const dir = t.testdir()
    await folder(dir)
    const parsed = parseSettings(text, join(dir, 'depot.yaml'))
    t.match(parsed.ok ? ['nothing'] : parsed.problems.map(problemText), [problem])
  })
}
