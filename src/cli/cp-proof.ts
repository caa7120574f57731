/** How `yardmaster cp` proves who it is: a password, a certificate, both with or without TLS. */
import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import type { ChargePointProof } from '../adapters/charge-point-client.js'

export interface CpProofOptions {
  readonly tls?: boolean
  readonly password?: string
  /** PEM. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export function addProofOptions(command: Command): Command {
  return command
    .option('--tls', 'connect with wss (security profiles 2 and 3)')
    .option('--password <text>', 'authorization key, as text or hex digits (profiles 1 and 2)')
    .option('--ca <file>', 'CA of the server, PEM; implies --tls', content)
    .option('--cert <file>', 'client certificate, PEM (profile 3); implies --tls', content)
    .option('--key <file>', 'its private key, PEM', content)
}

export function proofOf({ tls, password, ca, cert, key }: CpProofOptions): ChargePointProof {
  const isSecure = tls === true || ca !== undefined || cert !== undefined
  return {
    ...(password !== undefined && { password }),
    ...(isSecure && {
      tls: {
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
      },
    }),
  }
}

function content(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new InvalidArgumentError(`It cannot be read: ${why}.`)
  }
}
