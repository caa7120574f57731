/** `yardmaster certs`: a CA in a folder, and what it makes. No server is needed for it. */
import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { authorityOf, newAuthority, RequestError } from '../adapters/x509.js'
import type { Authority, CertificateAndKey, Revoked } from '../adapters/x509.js'
import type {
  CaOptions,
  ChargerOptions,
  DirOptions,
  ListOptions,
  ServerOptions,
  SignOptions,
} from './certs-arguments.js'
import type { Io } from './io.js'

const OK = 0
const FAILED = 1
const BAD_USAGE = 2
const CA = 'ca'
const REVOKED = 'revoked.json'
const REVOCATION_LIST = 'crl.pem'
/** Who looks at an old list must not refuse everybody: it is made anew with each revocation. */
const LIST_DAYS = 7300
const DAY_MS = 86_400_000

export async function makeCa({ dir, name, days }: CaOptions, io: Io): Promise<number> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if ((await textOf(join(dir, `${CA}.pem`))) !== undefined) {
    io.err(`${join(dir, `${CA}.pem`)} is there already: a new CA would make all others worthless`)
    return FAILED
  }
  const made = await newAuthority(name, { fromMs: Date.now(), days })
  await writePair(dir, CA, made)
  await writeList(dir, await authorityOf(made), [])
  io.out(`${join(dir, `${CA}.pem`)}  the CA: give it to chargers as their root certificate`)
  io.out(`${join(dir, `${CA}.key`)}  its key: whoever has it can make chargers and gateways`)
  io.out(`${join(dir, REVOCATION_LIST)}  what is revoked: nothing yet`)
  return OK
}

export function makeServer({ dir, host, days }: ServerOptions, io: Io): Promise<number> {
  return withCa(dir, io, async (authority) => {
    for (const kind of ['rsa', 'ec'] as const) {
      const name = `server-${kind}`
      await writePair(dir, name, await authority.server(host, kind, validFor(days)))
      io.out(`${join(dir, `${name}.pem`)} and ${name}.key  for ${host.join(', ')}`)
    }
    io.out('A running gateway that uses these files takes the new ones within 10 s.')
    return OK
  })
}

export function makeCharger(
  chargePointId: string,
  { dir, rsa, days }: ChargerOptions,
  io: Io,
): Promise<number> {
  return withCa(dir, io, async (authority) => {
    const name = `charger-${encodeURIComponent(chargePointId)}`
    const made = await authority.charger(chargePointId, rsa === true ? 'rsa' : 'ec', validFor(days))
    await writePair(dir, name, made)
    io.out(`${join(dir, `${name}.pem`)} and ${name}.key  for charge point ${chargePointId}`)
    return OK
  })
}

export function signRequest(
  file: string,
  { dir, chargePointId, days }: SignOptions,
  io: Io,
): Promise<number> {
  return withCa(dir, io, async (authority) => {
    const request = await textOf(file)
    if (request === undefined) return failed(io, `${file} cannot be read`)
    try {
      const signed = await authority.signed(chargePointId, request, validFor(days))
      const name = `charger-${encodeURIComponent(chargePointId)}.pem`
      await writeWhole(join(dir, name), signed, 0o644)
      io.out(`${join(dir, name)}  for charge point ${chargePointId}`)
      return OK
    } catch (error) {
      if (error instanceof RequestError) return failed(io, `${file}: ${error.message}`)
      throw error
    }
  })
}

export function revoke(file: string, { dir }: DirOptions, io: Io): Promise<number> {
  return withCa(dir, io, async (authority) => {
    const certificate = certificateIn((await textOf(file)) ?? '')
    if (!certificate) return failed(io, `${file} is no certificate in PEM`)
    const ca = new X509Certificate(authority.certificate)
    if (!certificate.checkIssued(ca) || !certificate.verify(ca.publicKey)) {
      return failed(io, `${file} was not made by the CA in ${dir}`)
    }
    const revoked = await revokedIn(dir)
    const serial = certificate.serialNumber
    if (!revoked.some((each) => each.serial === serial)) {
      revoked.push({ serial, atMs: Date.now() })
    }
    await writeWhole(join(dir, REVOKED), `${JSON.stringify(revoked, undefined, 2)}\n`, 0o644)
    await writeList(dir, authority, revoked)
    io.out(`${join(dir, REVOCATION_LIST)} lists ${revoked.length}: gateways take it within 10 s`)
    return OK
  })
}

export async function list({ dir, warnDays }: ListOptions, io: Io): Promise<number> {
  let names: string[]
  try {
    names = (await readdir(dir)).filter((name) => name.endsWith('.pem')).toSorted()
  } catch {
    io.err(`${dir} cannot be read: "yardmaster certs ca" makes it, --dir names another`)
    return BAD_USAGE
  }
  const revoked = new Set((await revokedIn(dir)).map(({ serial }) => serial))
  let soon = 0
  for (const name of names) {
    const certificate = certificateIn((await textOf(join(dir, name))) ?? '')
    if (!certificate) continue
    const endsMs = Date.parse(certificate.validTo)
    const days = Math.floor((endsMs - Date.now()) / DAY_MS)
    const isRevoked = revoked.has(certificate.serialNumber)
    const isSoon = days < warnDays && !isRevoked
    if (isSoon) soon += 1
    const state = isRevoked ? 'revoked' : days < 0 ? 'EXPIRED' : `${days} days`
    const until = new Date(endsMs).toISOString().slice(0, 10)
    const subject = certificate.subject.split('\n').at(-1) ?? ''
    io.out(`${isSoon ? '!' : ' '} ${until}  ${state.padEnd(10)} ${name.padEnd(28)} ${subject}`)
  }
  if (soon > 0) io.err(`${soon} to renew: they expire within ${warnDays} days`)
  return soon > 0 ? FAILED : OK
}

async function withCa(
  dir: string,
  io: Io,
  act: (authority: Authority) => Promise<number>,
): Promise<number> {
  const certificate = await textOf(join(dir, `${CA}.pem`))
  const key = await textOf(join(dir, `${CA}.key`))
  if (certificate === undefined || key === undefined) {
    io.err(`there is no CA in ${dir}: make one with "yardmaster certs ca --dir ${dir}"`)
    return BAD_USAGE
  }
  return act(await authorityOf({ certificate, key }))
}

function validFor(days: number): { readonly fromMs: number; readonly days: number } {
  return { fromMs: Date.now(), days }
}

async function revokedIn(dir: string): Promise<Revoked[]> {
  const text = await textOf(join(dir, REVOKED))
  if (text === undefined) return []
  const entries: unknown = JSON.parse(text)
  return Array.isArray(entries) ? entries.filter(isEntry) : []
}

function isEntry(entry: unknown): entry is Revoked {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'serial' in entry &&
    typeof entry.serial === 'string' &&
    'atMs' in entry &&
    typeof entry.atMs === 'number'
  )
}

async function writeList(
  dir: string,
  authority: Authority,
  revoked: readonly Revoked[],
): Promise<void> {
  const text = await authority.revocationList(revoked, validFor(LIST_DAYS))
  await writeWhole(join(dir, REVOCATION_LIST), text, 0o644)
}

/** Who looks between the two finds a pair that does not fit, keeps the old one, and looks again. */
async function writePair(
  dir: string,
  name: string,
  { certificate, key }: CertificateAndKey,
): Promise<void> {
  await writeWhole(join(dir, `${name}.key`), key, 0o600)
  await writeWhole(join(dir, `${name}.pem`), certificate, 0o644)
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode })
  await rename(`${file}.new`, file)
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}

function certificateIn(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}

function failed(io: Io, problem: string): number {
  io.err(problem)
  return FAILED
}
