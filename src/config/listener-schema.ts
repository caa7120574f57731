/** Listeners for charge points with a security profile each, and the CA that signs for them. */
import { z } from 'zod'
import { readTlsFiles } from './listener-files.js'
import type { Finding } from './problem.js'
import type { ListenerSettings, OcppSettings } from './settings.js'

const port = z.int().min(1).max(65_535)
const host = z.string().min(1).max(253)
const file = z.string().min(1).max(4096)
const files = z.union([file, z.array(file).min(1).max(4)], {
  error: 'must be the name of a file, or a list of names (one RSA, one EC)',
})

const PLACES =
  'A name without a folder is looked for in $CREDENTIALS_DIRECTORY, then beside the configuration file'

const tlsSchema = z
  .strictObject({
    certificate_file: files.describe(
      `Certificates in PEM, each with what lies between it and its root. ${PLACES}`,
    ),
    key_file: files.describe('Their private keys in PEM, in any order'),
    client_ca_file: file.optional().describe('Profile 3: the CA of the charge points, PEM'),
    revocation_file: file
      .optional()
      .describe('Profile 3: certificates that are revoked (CRL), PEM'),
  })
  .optional()

export const listenersSchema = z
  .array(
    z.strictObject({
      host: host.default('0.0.0.0'),
      port,
      security_profile: z
        .union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
        .describe(
          '0: no proof; 1: authorization key; 2: the same with TLS; 3: TLS with client certificates',
        ),
      tls: tlsSchema,
    }),
  )
  .min(1)
  .max(16)
  .optional()
  .describe('Listeners for chargers, each with a security profile; then no other takes chargers')

export const authoritySchema = z
  .strictObject({
    certificate_file: file.describe(`Certificate of the CA of this site, PEM. ${PLACES}`),
    key_file: file.describe('Its private key, PEM'),
    days: z.int().min(1).max(3650).default(730).describe('What it signs is valid for so long'),
  })
  .optional()
  .describe('The CA that signs certificates for chargers (profile 3)')

export type ListenersSection = z.output<typeof listenersSchema>
export type AuthoritySection = z.output<typeof authoritySchema>

/** Where a file of this name is. */
export type Locate = (name: string) => string

/** In domain terms, files where they are. */
export function listenersOf(
  section: ListenersSection,
  locate: Locate,
): readonly ListenerSettings[] | undefined {
  return section?.map(({ host: at, port: on, security_profile: securityProfile, tls }) => ({
    host: at,
    port: on,
    securityProfile,
    tls: tls && {
      certificateFiles: listed(tls.certificate_file).map(locate),
      keyFiles: listed(tls.key_file).map(locate),
      clientCaFile: tls.client_ca_file === undefined ? undefined : locate(tls.client_ca_file),
      revocationFile: tls.revocation_file === undefined ? undefined : locate(tls.revocation_file),
    },
  }))
}

export function authorityOf(section: AuthoritySection, locate: Locate): OcppSettings['authority'] {
  if (!section) return undefined
  const { certificate_file: certificate, key_file: key, days } = section
  return { certificateFile: locate(certificate), keyFile: locate(key), days }
}

/** What is wrong with the listeners beyond their shape, without a look at files. */
export function listenerFindings(
  section: ListenersSection,
  others: {
    readonly http: { readonly host: string; readonly port: number }
    readonly hasListen: boolean
  },
): Finding[] {
  const findings: Finding[] = []
  if (section && others.hasListen) {
    const message = 'is there beside "listeners": make it one of them, with security_profile: 0'
    findings.push({ path: ['ocpp', 'listen'], aboutKey: true, message })
  }
  const taken = new Map([[`${others.http.host}:${others.http.port}`, 'http']])
  for (const [index, listener] of (section ?? []).entries()) {
    const path = ['ocpp', 'listeners', index]
    const address = `${listener.host}:${listener.port}`
    const other = taken.get(address)
    if (other !== undefined) {
      findings.push({ path: [...path, 'port'], message: `${address} is that of ${other} already` })
    }
    taken.set(address, `listeners.${index}`)
    const { security_profile: profile, tls } = listener
    if (profile >= 2 && !tls) {
      const message = `profile ${profile} needs TLS: add "tls" with certificate_file and key_file`
      findings.push({ path, message })
    }
    if (profile < 2 && tls) {
      const message = `profile ${profile} is without TLS: use profile 2 or 3, or leave "tls" out`
      findings.push({ path: [...path, 'tls'], aboutKey: true, message })
    }
    if (profile === 3 && tls && tls.client_ca_file === undefined) {
      const message = 'profile 3 needs client_ca_file: the CA that vouches for the charge points'
      findings.push({ path: [...path, 'tls'], message })
    }
    if (profile === 2 && tls) {
      for (const key of ['client_ca_file', 'revocation_file'] as const) {
        if (tls[key] === undefined) continue
        const message = 'is for profile 3: in profile 2 chargers have no certificates'
        findings.push({ path: [...path, 'tls', key], aboutKey: true, message })
      }
    }
  }
  return findings
}

/** What is wrong with their files. */
export function listenerFileFindings(
  section: ListenersSection,
  settings: readonly ListenerSettings[],
  wallMs: number,
): Finding[] {
  return settings.flatMap(({ tls }, at) => {
    const read = tls && readTlsFiles(tls, wallMs)
    if (!read || read.ok) return []
    return read.problems.map(({ key, index, message }) => {
      const path = ['ocpp', 'listeners', at, 'tls', key]
      return { path: Array.isArray(section?.[at]?.tls?.[key]) ? [...path, index] : path, message }
    })
  })
}

function listed(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names
}
