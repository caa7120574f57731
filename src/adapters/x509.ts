/**
 * Makes X.509 certificates, for which Node has no means of its own. Loaded only where something is
 * to be signed: a gateway without a CA of its own does without the library.
 */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
  X509Certificate,
} from 'node:crypto'
import { isIP } from 'node:net'
import * as asn1js from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificateRevocationList,
  CertificationRequest,
  Extension,
  Extensions,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  PublicKeyInfo,
  RelativeDistinguishedNames,
  RevokedCertificate,
  Time,
} from 'pkijs'

export type KeyKind = 'rsa' | 'ec'

export interface CertificateAndKey {
  /** PEM. */
  readonly certificate: string
  /** PKCS#8 in PEM. */
  readonly key: string
}

export interface Validity {
  readonly fromMs: number
  readonly days: number
}

export interface Revoked {
  /** Hex. */
  readonly serial: string
  readonly atMs: number
}

/** A certificate authority whose key is at hand. */
export interface Authority {
  readonly certificate: string
  /** For a server that charge points reach by these host names and addresses. */
  server(hosts: readonly string[], kind: KeyKind, validity: Validity): Promise<CertificateAndKey>
  /** For a charge point, which the name in it must be equal to. */
  charger(chargePointId: string, kind: KeyKind, validity: Validity): Promise<CertificateAndKey>
  /** For the key of a request (PKCS#10, PEM). Rejects with what is wrong with the request. */
  signed(chargePointId: string, request: string, validity: Validity): Promise<string>
  /** PEM. */
  revocationList(revoked: readonly Revoked[], validity: Validity): Promise<string>
}

/** Why a request is not signed. */
export class RequestError extends Error {}

const DAY_MS = 86_400_000
/** A clock that is a little late must not find a new certificate not yet valid. */
const BEFORE_MS = 3_600_000
const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const
/** Bits of KeyUsage, first bit highest, and how many at the end of the byte are unused. */
const KEY_USAGE = {
  sign: [0b1000_0000, 7],
  signAndEncipher: [0b1010_0000, 5],
  signCertificates: [0b0000_0110, 1],
} as const
const DNS_NAME = 2
const IP_ADDRESS = 7
const RSA_BITS_MIN = 2048

interface Wanted {
  readonly subject: RelativeDistinguishedNames
  readonly issuer: RelativeDistinguishedNames
  readonly publicKey: Uint8Array
  readonly validity: Validity
  readonly extensions: readonly Extension[]
}

/** A new authority that signs its own certificate. */
export async function newAuthority(name: string, validity: Validity): Promise<CertificateAndKey> {
  const { publicKey, key } = newKey('ec')
  const subject = named(name, name)
  const wanted = {
    subject,
    issuer: subject,
    publicKey,
    validity,
    extensions: [
      extension(
        OID.basicConstraints,
        new BasicConstraints({ cA: true, pathLenConstraint: 0 }),
        true,
      ),
      keyUsage('signCertificates'),
      subjectKeyId(publicKey),
    ],
  }
  return { certificate: await signedBy(await signingKey(key), wanted), key }
}

/** Throws when the two are no certificate and key, or do not belong together. */
export async function authorityOf({ certificate, key }: CertificateAndKey): Promise<Authority> {
  const own = new X509Certificate(certificate)
  if (!own.ca) throw new Error('the certificate is not that of a CA')
  if (!own.checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the key does not belong to the certificate of the CA')
  }
  const parsed = Certificate.fromBER(own.raw)
  const issuer = parsed.subject
  const organization = valueOf(issuer, OID.organization) ?? valueOf(issuer, OID.commonName) ?? ''
  const caKey = await signingKey(key)
  const authorityKeyId = authorityKeyIdOf(parsed)

  const issue = (
    commonName: string,
    publicKey: Uint8Array,
    validity: Validity,
    extensions: readonly Extension[],
  ): Promise<string> =>
    signedBy(caKey, {
      subject: named(commonName, organization),
      issuer,
      publicKey,
      // Nothing outlives the CA that vouches for it.
      validity: shortened(validity, own),
      extensions: [
        extension(OID.basicConstraints, new BasicConstraints({ cA: false }), true),
        ...extensions,
        subjectKeyId(publicKey),
        ...authorityKeyId,
      ],
    })

  const forCharger = (
    chargePointId: string,
    publicKey: Uint8Array,
    validity: Validity,
  ): Promise<string> =>
    issue(chargePointId, publicKey, validity, [keyUsage('sign'), purpose(OID.clientAuth)])

  return {
    certificate,
    async server(hosts, kind, validity) {
      const { publicKey, key: ownKey } = newKey(kind)
      const names = new GeneralNames({ names: hosts.map(generalName) })
      const made = await issue(hosts[0] ?? 'yardmaster', publicKey, validity, [
        // TLS_RSA suites of the whitepaper encipher with the key of the certificate.
        keyUsage(kind === 'rsa' ? 'signAndEncipher' : 'sign'),
        purpose(OID.serverAuth),
        extension(OID.subjectAltName, names),
      ])
      return { certificate: made, key: ownKey }
    },
    async charger(chargePointId, kind, validity) {
      const { publicKey, key: ownKey } = newKey(kind)
      return { certificate: await forCharger(chargePointId, publicKey, validity), key: ownKey }
    },
    async signed(chargePointId, request, validity) {
      return forCharger(chargePointId, await requestedKey(chargePointId, request), validity)
    },
    async revocationList(revoked, validity) {
      const list = new CertificateRevocationList({
        version: 1,
        issuer,
        thisUpdate: time(validity.fromMs - BEFORE_MS),
        nextUpdate: time(validity.fromMs + validity.days * DAY_MS),
        crlExtensions: new Extensions({
          extensions: [
            ...authorityKeyId,
            extension(
              OID.crlNumber,
              new asn1js.Integer({ value: Math.floor(validity.fromMs / 1000) }),
            ),
          ],
        }),
        ...(revoked.length > 0 && {
          revokedCertificates: revoked.map(
            ({ serial, atMs }) =>
              new RevokedCertificate({
                userCertificate: new asn1js.Integer({ valueHex: Buffer.from(serial, 'hex') }),
                revocationDate: time(atMs),
              }),
          ),
        }),
      })
      await list.sign(caKey, 'SHA-256')
      return pem('X509 CRL', list.toSchema(true).toBER(false))
    },
  }
}

/** The public key (SPKI) of a request that proves to have the private one. */
async function requestedKey(chargePointId: string, request: string): Promise<Uint8Array> {
  const parsed = readRequest(request)
  let isSigned = false
  try {
    isSigned = await parsed.verify()
  } catch {
    // Algorithms that nobody should use any more end here, too.
  }
  if (!isSigned) throw new RequestError('its signature does not fit its key')
  const commonName = valueOf(parsed.subject, OID.commonName)
  if (commonName !== undefined && commonName !== chargePointId) {
    throw new RequestError(
      `it is for ${JSON.stringify(commonName)}, not for ${JSON.stringify(chargePointId)}`,
    )
  }
  const publicKey = new Uint8Array(parsed.subjectPublicKeyInfo.toSchema().toBER(false))
  const imported = parsed.subjectPublicKeyInfo.parsedKey
  if (imported && 'modulus' in imported) {
    const bits = imported.modulus.valueBlock.valueHexView.length * 8
    if (bits < RSA_BITS_MIN)
      throw new RequestError(`its RSA key is shorter than ${RSA_BITS_MIN} bits`)
  }
  return publicKey
}

function readRequest(request: string): CertificationRequest {
  const body = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]+?)-----END/.exec(request)?.[1]
  if (body === undefined) throw new RequestError('it is no certificate request in PEM')
  try {
    return CertificationRequest.fromBER(Buffer.from(body, 'base64'))
  } catch {
    throw new RequestError('it is no certificate request that can be read')
  }
}

async function signedBy(caKey: CryptoKey, wanted: Wanted): Promise<string> {
  const { subject, issuer, publicKey, validity, extensions } = wanted
  const certificate = new Certificate({
    version: 2,
    serialNumber: new asn1js.Integer({ valueHex: newSerial() }),
    subject,
    issuer,
    notBefore: time(validity.fromMs - BEFORE_MS),
    notAfter: time(validity.fromMs + validity.days * DAY_MS),
    subjectPublicKeyInfo: PublicKeyInfo.fromBER(publicKey),
    extensions: [...extensions],
  })
  await certificate.sign(caKey, 'SHA-256')
  return pem('CERTIFICATE', certificate.toSchema(true).toBER(false))
}

type CryptoKey = webcrypto.CryptoKey

function signingKey(key: string): Promise<CryptoKey> {
  const privateKey = createPrivateKey(key)
  const algorithm =
    privateKey.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: curveOf(privateKey.asymmetricKeyDetails?.namedCurve) }
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

function curveOf(name: string | undefined): string {
  if (name === 'prime256v1') return 'P-256'
  if (name === 'secp384r1') return 'P-384'
  throw new Error(
    `the key of the CA must be RSA, P-256 or P-384, it is ${name ?? 'something else'}`,
  )
}

function newKey(kind: KeyKind): { readonly publicKey: Uint8Array; readonly key: string } {
  const { publicKey, privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: RSA_BITS_MIN })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** It must repeat what the CA calls its key; a CA that does not name it needs none. */
function authorityKeyIdOf(ca: Certificate): readonly Extension[] {
  const own: unknown = ca.extensions?.find(({ extnID }) => extnID === OID.subjectKeyId)?.parsedValue
  if (!(own instanceof asn1js.OctetString)) return []
  const keyIdentifier = new asn1js.OctetString({ valueHex: own.valueBlock.valueHexView })
  return [extension(OID.authorityKeyId, new AuthorityKeyIdentifier({ keyIdentifier }))]
}

function shortened({ fromMs, days }: Validity, ca: X509Certificate): Validity {
  const leftMs = Date.parse(ca.validTo) - fromMs
  return { fromMs, days: Math.min(days, leftMs / DAY_MS) }
}

/** Each value is a set of its own: the library would make one set of all. */
function named(commonName: string, organization: string): RelativeDistinguishedNames {
  const value = (type: string, text: string): asn1js.Set =>
    new asn1js.Set({
      value: [
        new AttributeTypeAndValue({
          type,
          value: new asn1js.Utf8String({ value: text }),
        }).toSchema(),
      ],
    })
  const names = new asn1js.Sequence({
    value: [value(OID.organization, organization), value(OID.commonName, commonName)],
  })
  return RelativeDistinguishedNames.fromBER(names.toBER(false))
}

function valueOf(names: RelativeDistinguishedNames, type: string): string | undefined {
  const value: unknown = names.typesAndValues.find((each) => each.type === type)?.value.valueBlock
  if (typeof value !== 'object' || value === null || !('value' in value)) return undefined
  return typeof value.value === 'string' ? value.value : undefined
}

function generalName(host: string): GeneralName {
  const version = isIP(host)
  if (version === 0) return new GeneralName({ type: DNS_NAME, value: host })
  const valueHex = version === 4 ? Buffer.from(host.split('.').map(Number)) : ipv6Bytes(host)
  return new GeneralName({ type: IP_ADDRESS, value: new asn1js.OctetString({ valueHex }) })
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser writes it in full groups but for one run of zeros, and IPv4 parts as hex.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = text.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  return Buffer.from(
    [...first, ...zeros, ...last].map((group) => group.padStart(4, '0')).join(''),
    'hex',
  )
}

interface Encodable {
  toSchema?(): asn1js.BaseBlock
  toBER(sizeOnly?: boolean): ArrayBuffer
}

function extension(extnID: string, value: object, critical = false): Extension {
  const block =
    'toSchema' in value && typeof value.toSchema === 'function' ? value.toSchema() : value
  // Both kinds of objects of the library end as something that can be encoded.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new Extension({ extnID, critical, extnValue: (block as Encodable).toBER(false) })
}

function keyUsage(usage: keyof typeof KEY_USAGE): Extension {
  const [bits, unusedBits] = KEY_USAGE[usage]
  const value = new asn1js.BitString({ valueHex: new Uint8Array([bits]), unusedBits })
  return extension(OID.keyUsage, value, true)
}

function purpose(oid: string): Extension {
  return extension(OID.extendedKeyUsage, new ExtKeyUsage({ keyPurposes: [oid] }))
}

function subjectKeyId(publicKey: Uint8Array): Extension {
  return extension(OID.subjectKeyId, new asn1js.OctetString({ valueHex: keyId(publicKey) }))
}

/** RFC 5280 §4.2.1.2: any value that names the key; here from the whole SubjectPublicKeyInfo. */
function keyId(publicKey: Uint8Array): Buffer {
  return createHash('sha1').update(publicKey).digest()
}

/** RFC 5280 §4.1.2.2: positive, at most 20 bytes. */
function newSerial(): Buffer {
  const serial = randomBytes(16)
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f)
  return serial
}

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime afterwards; whole seconds. */
function time(atMs: number): Time {
  const value = new Date(Math.floor(atMs / 1000) * 1000)
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value })
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
