/**
 * What the controller needs from the world, as types. Shells in `adapters/` implement them with real
 * libraries, `testing/` in memory. Nothing here decides anything.
 */
import type { PhaseA } from './core/phases.js'
import type { KeyHash, SecurityProfile } from './core/security/security-types.js'

export type Cancel = () => void

export interface Clock {
  /** Wall time, ms since the epoch (UTC). May step: only for timestamps and schedules. */
  now(): number
  /** Monotonic ms: for ages, timeouts, leases and rates. */
  monotonic(): number
  /**
   * Names what `monotonic` counts from: with the same text in another process its readings can be
   * compared. Undefined: this process only.
   */
  readonly epoch: string | undefined
  /** Calls `run` each `periodMs` (monotonic) until cancelled. */
  every(periodMs: number, run: () => void): Cancel
  /** Calls `run` once, when everything that has arrived by now is handled. */
  soon(run: () => void): void
}

/** Randomness is a port too, so that a simulation replays. */
export interface Ids {
  /** A short opaque id, unique for ever (URL-safe). */
  next(): string
}

export interface Secrets {
  /** A new bearer token and the hash to keep of it. */
  newToken(): { readonly token: string; readonly hash: string }
  /** True when `token` has this hash; takes the same time either way. */
  verify(token: string, hash: string): boolean
}

/** Makes and checks the authorization keys of charge points. What is kept of a key is its hash. */
export interface KeySecrets {
  /** A new random key of 20 bytes, all of them characters that people can type. */
  newKey(): Uint8Array
  hash(key: Uint8Array): KeyHash
  /** Takes the same time either way. */
  matches(key: Uint8Array, kept: KeyHash): boolean
}

// ---- charge points ----------------------------------------------------------------------------

export interface ConnectionRequest {
  /** Charge point id: last path segment of the URL, percent-decoded, case-sensitive. */
  readonly identity: string
  readonly remoteAddress: string
  /** What the listener asks of charge points (OCPP 1.6 security whitepaper). Absent: 0, nothing. */
  readonly securityProfile?: SecurityProfile
  /** Of an `Authorization: Basic` header, on listeners of profile 1 and 2. */
  readonly credentials?: BasicCredentials
  /** What came of the client certificate, on listeners of profile 3. */
  readonly certificate?: ClientCertificate
  /** Scheme, host and port that it dialled, such as `http://10.0.0.1:8000`; undefined: not known. */
  readonly origin?: string | undefined
}

export interface BasicCredentials {
  readonly user: string
  /** May be binary: it is bytes, not text. */
  readonly password: Uint8Array
}

export type ClientCertificate =
  /** The CA of the listener vouches for it; the names in it (CN, then DNS names). */
  | { readonly verified: true; readonly names: readonly string[] }
  | { readonly verified: false; readonly problem: string }

export type Admission =
  | { readonly type: 'accept' }
  /** Finish the handshake, then close with this code (design: unknown id on a profile 0 listener). */
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  /** Refuse before the upgrade with this HTTP status. */
  | { readonly type: 'refuse'; readonly status: number; readonly reason: string }

/** One WebSocket (or its in-memory twin) to a charge point. */
export interface Connection {
  readonly identity: string
  readonly remoteAddress: string
  /** As in its request. */
  readonly origin?: string | undefined
  /** Queues a text frame. Never throws; after close it does nothing. */
  send(text: string): void
  ping(): void
  /** Reads no more of the peer until `resume`; what was read already may still arrive. Idempotent. */
  pause(): void
  resume(): void
  /** Bytes accepted by `send` that the peer has not taken yet. */
  bufferedBytes(): number
  /** Closes politely, then for good after a bounded wait. */
  close(code: number, reason: string): void
  /** Drops the connection at once. */
  terminate(): void
}

export interface ConnectionHandler {
  received(text: string): void
  /** A pong arrived. */
  pong(): void
  /** The peer pinged; the connection answers that by itself. */
  pinged(): void
  /** Called exactly once, whoever closed. */
  closed(code: number, reason: string): void
}

export interface ChargePointHandler {
  /** Asked before the WebSocket upgrade. Must not throw. */
  admit(request: ConnectionRequest): Admission
  /** Too many logins from there have failed: its connections may be taken up one at a time. */
  isSuspect?(remoteAddress: string): boolean
  /** A connection ended before anybody said who it is for: TLS failed. */
  unidentified?(remoteAddress: string, problem: string): void
  opened(connection: Connection): ConnectionHandler
}

/** A server certificate in use. */
export interface ServedCertificate {
  readonly file: string
  readonly keyKind: 'rsa' | 'ec'
  readonly subject: string
  readonly notAfterMs: number
}

/** Where charge points may connect, and what it asks of them. */
export interface ListenerState {
  readonly host: string
  readonly port: number
  readonly securityProfile: SecurityProfile
  readonly certificates: readonly ServedCertificate[]
  /** Why changed files are not in use; undefined: what is served is what the files hold. */
  readonly problem: string | undefined
}

export interface ChargePoints {
  listen(handler: ChargePointHandler): Promise<void>
  /** Absent: not known here. */
  listeners?(): readonly ListenerState[]
  /** Stops accepting and drops all connections. Idempotent. */
  close(): Promise<void>
}

// ---- certificates of charge points ------------------------------------------------------------

export interface SigningRequest {
  /** How the charge point calls itself: the name in its certificate. */
  readonly chargePointId: string
  /** PKCS#10 in PEM, as SignCertificate brings it. */
  readonly csr: string
}

export type SigningOutcome =
  | {
      readonly ok: true
      /** The certificate and that of the site CA, PEM one after the other: for CertificateSigned. */
      readonly chain: string
      /** When it expires, wall ms. */
      readonly notAfterMs: number
    }
  /** For the log and the operator: why this request is not signed. */
  | { readonly ok: false; readonly reason: string }

/** The CA of this site, which charge points with security profile 3 prove themselves by. */
export interface CertificateAuthority {
  /**
   * Signs for a charge point that has proved who it is. Resolves also when the request is refused;
   * rejects when the CA cannot be used (its files are gone).
   */
  sign(request: SigningRequest): Promise<SigningOutcome>
}

// ---- files of charge points -------------------------------------------------------------------

export interface StoredFile {
  readonly id: string
  /** `log`: a charge point sent it; `firmware`: for charge points to fetch. */
  readonly kind: 'log' | 'firmware'
  readonly name: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
  readonly wallMs: number
  /** Who sent it. */
  readonly chargePointId: string | undefined
}

export type FileOutcome =
  | { readonly ok: true; readonly file: StoredFile }
  /** The sender broke off, or sent too much; nothing is left of it. */
  | { readonly ok: false; readonly why: 'tooLarge' | 'noRoom' | 'brokenOff' }

/** A shelf of bounded size. Rejects when the disk refuses. */
export interface Files {
  /** Oldest first. Known after `open`. */
  list(): readonly StoredFile[]
  /** Finds what is there; drops what is not whole. */
  open(): Promise<void>
  put(
    file: Pick<StoredFile, 'id' | 'kind' | 'name' | 'wallMs' | 'chargePointId'>,
    body: AsyncIterable<Uint8Array>,
  ): Promise<FileOutcome>
  /** From this byte on; undefined: there is none with this id. */
  read(id: string, from: number): Promise<ReadableStream<Uint8Array> | undefined>
  /** False: there was none. */
  remove(id: string): Promise<boolean>
}

// ---- meters and limit sources -----------------------------------------------------------------

export interface MeterReading {
  readonly meterId: string
  /** Monotonic ms of the start of the request that brought it. */
  readonly atMs: number
  /** Per phase, import positive. */
  readonly currentA: PhaseA
  readonly powerW?: number
  readonly energyWh?: number
}

export interface LimitReading {
  readonly sourceId: string
  /** Monotonic ms of the start of the request that brought it. */
  readonly atMs: number
  readonly limitA?: number
  readonly limitW?: number
}

export type FieldEvent =
  | { readonly type: 'meterRead'; readonly reading: MeterReading }
  | { readonly type: 'meterFailed'; readonly meterId: string; readonly problem: string }
  | { readonly type: 'limitRead'; readonly reading: LimitReading }
  | { readonly type: 'limitFailed'; readonly sourceId: string; readonly problem: string }

/** The devices on field buses: site meters and sources of a grid limit. */
export interface FieldDevices {
  /** Starts polling and returns at once; everything that happens arrives through `sink`. */
  start(sink: (event: FieldEvent) => void): void
  /** Idempotent, bounded. */
  stop(): Promise<void>
}

// ---- relays -----------------------------------------------------------------------------------

/** Contactors that cut off a part of the site, by the ids that constraints name. */
export interface Relay {
  /** Cuts the power. Idempotent; rejects when that is not certain. */
  open(id: string): Promise<void>
  /** Gives it back. Only ever called for an operator. */
  close(id: string): Promise<void>
}

// ---- store ------------------------------------------------------------------------------------

/** One line of the journal: plain JSON with a type; the store does not look inside. */
export interface JournalRecord {
  readonly type: string
  readonly [field: string]: unknown
}

/** A document of the store: plain JSON, replaced whole. */
export type Document = Readonly<Record<string, unknown>>

export interface StoredState {
  /** Configuration and depot objects; undefined at first start. */
  readonly depot: Document | undefined
  /** Folded session history, open transactions and ledger marks; undefined at first start. */
  readonly history: Document | undefined
  /** Everything appended since `history` was folded, in order. */
  readonly journal: readonly JournalRecord[]
  /** What had to be recovered, in words for the operator; empty on a clean start. */
  readonly recovered: readonly string[]
}

export interface Store {
  load(): Promise<StoredState>
  /** Resolves once this document (or a later one) is on disk; rejects if it is not. Latest wins. */
  saveDepot(depot: Document): Promise<void>
  /** Resolves once the records and all before them are on disk. An empty list is a barrier. */
  append(records: readonly JournalRecord[]): Promise<void>
  /** Replaces the history and drops the journal up to this call; both or neither survive a crash. */
  fold(history: Document): Promise<void>
  /** Waits for what is pending (bounded), then closes. Idempotent. */
  close(): Promise<void>
}

// ---- upstream ---------------------------------------------------------------------------------

export interface UpstreamMessage {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1
  readonly retain: boolean
  /** MQTT 5 message expiry, seconds. */
  readonly expiryS?: number
  /** Answers a command: MQTT 5 correlation data of the request. */
  readonly correlationData?: Uint8Array
}

export interface UpstreamRequest {
  readonly topic: string
  readonly payload: string
  readonly retained: boolean
  readonly responseTopic?: string
  readonly correlationData?: Uint8Array
}

export interface UpstreamHandler {
  /** A session with the broker stands; called again after each reconnect. */
  connected(): void
  disconnected(reason: string): void
  received(request: UpstreamRequest): void
}

export interface Upstream {
  /** Connects in the background and for ever; never rejects because the broker is away. */
  start(
    session: { readonly will: UpstreamMessage; readonly subscriptions: readonly string[] },
    handler: UpstreamHandler,
  ): void
  /** Resolves when the broker has it (QoS 1: PUBACK); rejects when not connected or not in time. */
  publish(message: UpstreamMessage): Promise<void>
  /** Publishes `last` if connected, then disconnects without the will. Idempotent, bounded. */
  stop(last: UpstreamMessage): Promise<void>
}

// ---- log --------------------------------------------------------------------------------------

export type LogFields = Readonly<Record<string, unknown>>

/** Events with fields, one for each thing an operator could act on. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

/** Everything the controller is given. Only `clock`, `ids` and `store` are always needed. */
export interface Ports {
  readonly clock: Clock
  readonly ids: Ids
  readonly store: Store
  readonly chargePoints?: ChargePoints
  readonly fieldDevices?: FieldDevices
  readonly relay?: Relay
  readonly upstream?: Upstream
  readonly secrets?: Secrets
  /** Without it nobody can log in with a key. */
  readonly keys?: KeySecrets
  readonly certificateAuthority?: CertificateAuthority
  readonly files?: Files
  readonly log?: Log
}
