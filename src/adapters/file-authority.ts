/** The CA of the site, from its files. They are read for each request: a new CA needs no restart. */
import { readFile } from 'node:fs/promises'
import type { CertificateAuthority, Clock } from '../ports.js'

export interface FileAuthorityOptions {
  readonly certificateFile: string
  readonly keyFile: string
  /** What is signed is valid for so long. */
  readonly days: number
  readonly clock: Pick<Clock, 'now'>
}

export function fileAuthority(options: FileAuthorityOptions): CertificateAuthority {
  const { certificateFile, keyFile, days, clock } = options
  return {
    async sign({ chargePointId, csr }) {
      const [certificate, key, { authorityOf, RequestError }] = await Promise.all([
        readFile(certificateFile, 'utf8'),
        readFile(keyFile, 'utf8'),
        import('./x509.js'),
      ])
      const authority = await authorityOf({ certificate, key })
      const validity = { fromMs: clock.now(), days }
      try {
        const signed = await authority.signed(chargePointId, csr, validity)
        const chain = `${signed}${certificate}`
        return { ok: true, chain, notAfterMs: validity.fromMs + days * 86_400_000 }
      } catch (error) {
        if (error instanceof RequestError) return { ok: false, reason: error.message }
        throw error
      }
    },
  }
}
