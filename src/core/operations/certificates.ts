/** The certificate that a charge point asked for, and whether it has taken it. */
import type { Operations } from './operations.js'
import { upkeepOf } from './operations.js'

export interface CertificateRequest {
  /** `signed`: on its way to the charge point; `accepted`: it uses it. */
  readonly state: 'asked' | 'signed' | 'accepted' | 'rejected' | 'failed'
  /** Why not. */
  readonly reason: string | undefined
  /** Of the certificate. */
  readonly notAfterWallMs: number | undefined
  readonly wallMs: number
}

export interface CertificateNoted {
  readonly type: 'certificateNoted'
  readonly chargePointId: string
  readonly request: CertificateRequest
}

export function applyCertificate(operations: Operations, event: CertificateNoted): void {
  upkeepOf(operations, event.chargePointId).certificate = event.request
}
