/**
 * Certificates for charge points (security whitepaper A02): a request is taken at once, signed, and the
 * certificate sent by a call of its own after the answer has left.
 */
import type { CertificateRequest } from '../core/operations/certificates.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundCall } from '../ocpp/v16/outbound-call.js'
import { decodeResult } from '../ocpp/v16/results.js'
import { certificateSigned } from '../ocpp/v16/security-calls.js'
import type { CertificateAuthority, Log } from '../ports.js'

export interface CertificateDesk {
  /** What the charge point is answered. The certificate follows by itself. */
  asked(chargePointId: string, csr: string): 'Accepted' | 'Rejected'
}

export interface CertificateOwner {
  readonly authority: CertificateAuthority | undefined
  now(): Instant
  /** The charge point has shown a key or a certificate for its connection. */
  hasProved(chargePointId: string): boolean
  request(chargePointId: string, call: OutboundCall): Promise<CallEnd>
  note(event: JournalEvent): void
}

/** Whitepaper: CertificateSigned.req holds no more. */
const CHAIN_MAX = 10_000

export function createCertificateDesk(owner: CertificateOwner, log: Log): CertificateDesk {
  /** The newest request of each: what an older one brings is of no use any more. */
  const newest = new Map<string, symbol>()

  const note = (
    chargePointId: string,
    state: CertificateRequest['state'],
    more: More = {},
  ): void => {
    const { reason, notAfterWallMs } = more
    const { wallMs } = owner.now()
    const request = { state, reason, notAfterWallMs, wallMs }
    owner.note({ type: 'certificateNoted', chargePointId, request })
    const isBad = state === 'rejected' || state === 'failed'
    const fields = { chargePoint: chargePointId, state, reason }
    log[isBad ? 'warn' : 'info']('certificateRequest', fields)
  }

  const sign = async (
    authority: CertificateAuthority,
    chargePointId: string,
    csr: string,
  ): Promise<void> => {
    const mine = Symbol(chargePointId)
    newest.set(chargePointId, mine)
    const isNewest = (): boolean => newest.get(chargePointId) === mine
    const signed = await authority.sign({ chargePointId, csr })
    if (!isNewest()) return
    if (!signed.ok) return note(chargePointId, 'rejected', { reason: signed.reason })
    if (signed.chain.length > CHAIN_MAX) {
      const reason = `the chain has ${signed.chain.length} characters, OCPP takes ${CHAIN_MAX}`
      return note(chargePointId, 'failed', { reason })
    }
    const { notAfterMs: notAfterWallMs } = signed
    note(chargePointId, 'signed', { notAfterWallMs })
    const end = await owner.request(chargePointId, certificateSigned(signed.chain))
    if (!isNewest()) return
    newest.delete(chargePointId)
    const reason = problemOf(end)
    const isTaken = reason === undefined
    note(chargePointId, isTaken ? 'accepted' : 'failed', { notAfterWallMs, reason })
  }

  return {
    asked(chargePointId, csr) {
      const { authority } = owner
      if (!authority) {
        note(chargePointId, 'rejected', { reason: 'no certificate authority is set up' })
        return 'Rejected'
      }
      if (!owner.hasProved(chargePointId)) {
        const reason = 'it has not shown who it is: give it a key first (security profile 1 or 2)'
        note(chargePointId, 'rejected', { reason })
        return 'Rejected'
      }
      note(chargePointId, 'asked')
      sign(authority, chargePointId, csr).catch((error: unknown) => {
        note(chargePointId, 'failed', { reason: String(error) })
      })
      return 'Accepted'
    },
  }
}

interface More {
  readonly reason?: string | undefined
  readonly notAfterWallMs?: number | undefined
}

/** Undefined: the charge point has taken it. */
function problemOf(end: CallEnd): string | undefined {
  switch (end.type) {
    case 'answered': {
      const decoded = decodeResult('CertificateSigned', end.payload)
      if (!decoded.ok) return decoded.reason
      return decoded.result.status === 'Accepted' ? undefined : 'the charge point rejected it'
    }
    case 'refused':
      return `the charge point answered with an error: ${end.code}`
    case 'timedOut':
      return 'the charge point did not answer in time'
    case 'disconnected':
      return 'the charge point was not connected any more'
    case 'notSent':
      return end.reason
  }
}
