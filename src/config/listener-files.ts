/** The files of a TLS listener: read, checked, and each certificate with the key that belongs to it. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface TlsFiles {
  /** With what lies between each and its root, if anything does. One RSA and one EC is best. */
  readonly certificateFiles: readonly string[]
  readonly keyFiles: readonly string[]
  /** Profile 3: who may vouch for charge points. */
  readonly clientCaFile: string | undefined
  /** Profile 3: certificates that are revoked (a CRL). */
  readonly revocationFile: string | undefined
}

export interface ReadCertificate {
  readonly file: string
  readonly pem: string
  readonly keyPem: string
  readonly keyKind: 'rsa' | 'ec'
  readonly subject: string
  readonly notAfterMs: number
}

export interface TlsContent {
  readonly certificates: readonly ReadCertificate[]
  readonly clientCa: string | undefined
  readonly revocationList: string | undefined
}

export type TlsFileKey = 'certificate_file' | 'key_file' | 'client_ca_file' | 'revocation_file'

export interface TlsFileProblem {
  readonly key: TlsFileKey
  /** Of the file in its list. */
  readonly index: number
  /** The file, what is wrong with it, and what to do. */
  readonly message: string
}

export type ReadTls =
  | { readonly ok: true; readonly content: TlsContent }
  | { readonly ok: false; readonly problems: readonly TlsFileProblem[] }

/** Before 2025 a clock was never set: it must not make certificates expired. */
const TRUSTED_FROM_MS = Date.UTC(2025, 0, 1)

/** Never throws. `wallMs` says what has expired. */
export function readTlsFiles(files: TlsFiles, wallMs: number): ReadTls {
  const problems: TlsFileProblem[] = []
  const read = (key: TlsFileKey, index: number, file: string): string | undefined => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      problems.push({ key, index, message: unreadable(file, error) })
      return undefined
    }
  }
  const checked = <T>(
    key: TlsFileKey,
    index: number,
    file: string,
    parse: (text: string) => T,
  ): (T & { readonly text: string; readonly file: string; readonly index: number }) | undefined => {
    const text = read(key, index, file)
    if (text === undefined) return undefined
    try {
      return { ...parse(text), text, file, index }
    } catch (error) {
      const message = error instanceof FileProblem ? error.message : NOT_PEM[key]
      problems.push({ key, index, message: `${file} ${message}` })
      return undefined
    }
  }

  const certificates = files.certificateFiles.map((file, index) =>
    checked('certificate_file', index, file, (text) => ({
      x509: currentCertificate(text, wallMs),
    })),
  )
  const keys = files.keyFiles.map((file, index) =>
    checked('key_file', index, file, (text) => ({ key: usableKey(text) })),
  )
  const { clientCaFile, revocationFile } = files
  const clientCa =
    clientCaFile === undefined
      ? undefined
      : checked('client_ca_file', 0, clientCaFile, (text) => {
          if (currentCertificate(text, wallMs).ca) return {}
          throw new FileProblem(
            'is not the certificate of a CA: use that of the CA of the chargers',
          )
        })
  const revocationList =
    revocationFile === undefined
      ? undefined
      : checked('revocation_file', 0, revocationFile, (text) => {
          if (/-----BEGIN X509 CRL-----/.test(text)) return {}
          throw new FileProblem(NOT_PEM.revocation_file)
        })
  if (problems.length > 0) return { ok: false, problems }

  const pairs = certificates.flatMap((certificate) => {
    if (!certificate) return []
    const key = keys.find((each) => each && certificate.x509.checkPrivateKey(each.key))
    if (key) return [{ certificate, key }]
    const message =
      `${certificate.file} belongs to none of the keys (${files.keyFiles.join(', ')}): ` +
      'name the key it was made with'
    problems.push({ key: 'certificate_file', index: certificate.index, message })
    return []
  })
  for (const key of keys) {
    if (!key || problems.length > 0 || pairs.some((pair) => pair.key === key)) continue
    const message = `${key.file} belongs to none of the certificates: leave it out, or name its own`
    problems.push({ key: 'key_file', index: key.index, message })
  }
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    content: {
      certificates: pairs.map(({ certificate: { file, text, x509 }, key }) => ({
        file,
        pem: text,
        keyPem: key.text,
        keyKind: x509.publicKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec',
        subject: x509.subject.replaceAll('\n', ', '),
        notAfterMs: Date.parse(x509.validTo),
      })),
      clientCa: clientCa?.text,
      revocationList: revocationList?.text,
    },
  }
}

class FileProblem extends Error {}

const NOT_PEM: Readonly<Record<TlsFileKey, string>> = {
  certificate_file:
    'is no certificate in PEM: it must hold -----BEGIN CERTIFICATE-----; convert DER with ' +
    '"openssl x509 -inform der"',
  key_file:
    'is no private key in PEM without a passphrase: it must hold -----BEGIN PRIVATE KEY-----; ' +
    'convert it with "openssl pkey"',
  client_ca_file: 'is no certificate in PEM: it must hold -----BEGIN CERTIFICATE-----',
  revocation_file: 'is no revocation list in PEM: it must hold -----BEGIN X509 CRL-----',
}

function currentCertificate(text: string, wallMs: number): X509Certificate {
  const certificate = new X509Certificate(text)
  const endsMs = Date.parse(certificate.validTo)
  if (wallMs > TRUSTED_FROM_MS && endsMs < wallMs) {
    const day = new Date(endsMs).toISOString().slice(0, 10)
    throw new FileProblem(`expired on ${day}: renew it ("yardmaster certs server" makes new ones)`)
  }
  return certificate
}

function usableKey(text: string): KeyObject {
  const key = createPrivateKey(text)
  if (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ec') return key
  throw new FileProblem(`is a key of kind ${key.asymmetricKeyType}: charge points need RSA or EC`)
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return `${file} is not there: make it, or correct the path`
  if (code === 'EACCES') return `${file} may not be read by this user: change its owner or mode`
  return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`
}
