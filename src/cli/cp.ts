/** `yardmaster cp`: one charge point, one call, driven from the command line. */
import { type CallOutcome, callAsChargePoint } from '../adapters/charge-point-client.js'
import { type CpProofOptions, proofOf } from './cp-proof.js'
import { cpPayload, type CpPayloadOptions } from './cp-payload.js'
import type { Io } from './io.js'

export interface CpOptions extends CpPayloadOptions, CpProofOptions {
  readonly chargePointId: string
  readonly host: string
  readonly port: number
  readonly timeoutS: number
}

export type CpIo = Pick<Io, 'out' | 'err'>

/** Prints the call and its answer. The exit code: 0 answered, 1 no or an error, 2 bad usage. */
export async function cpCommand(options: CpOptions, io: CpIo): Promise<number> {
  if (options.chargePointId.trim() === '') {
    io.err('--charge-point-id must not be empty')
    return 2
  }
  const built = cpPayload(options, new Date().toISOString())
  if (!built.ok) {
    io.err(built.problem)
    return 2
  }
  const outcome = await callAsChargePoint({
    host: options.host,
    port: options.port,
    chargePointId: options.chargePointId,
    proof: proofOf(options),
    action: options.action,
    payload: built.payload,
    timeoutMs: options.timeoutS * 1000,
    trace: (direction, text) => io.out(`${direction === 'sent' ? '>' : '<'} ${text}`),
  })
  if (outcome.type === 'result') return 0
  io.err(failureText(outcome, options))
  return 1
}

function failureText(
  outcome: Exclude<CallOutcome, { readonly type: 'result' }>,
  { chargePointId, timeoutS, host, port }: CpOptions,
): string {
  switch (outcome.type) {
    case 'error':
      return `answered with ${outcome.code}${outcome.description && `: ${outcome.description}`}`
    case 'unreachable':
      return `cannot connect to ${outcome.url} (${outcome.problem}): is the server running there?`
    case 'refused':
      return `refused with HTTP ${outcome.status}${outcome.reason && `: ${outcome.reason}`}${
        outcome.status === 404 ? remedy(chargePointId) : ''
      }`
    case 'closed':
      return `closed with ${outcome.code}${outcome.reason && ` ${outcome.reason}`}${
        outcome.code === 1008 ? remedy(chargePointId) : ' before the answer came'
      }`
    case 'timeout':
      return `no ${outcome.waitedFor} from ${host}:${port} within ${timeoutS} s`
  }
}

function remedy(chargePointId: string): string {
  return `: create a charger with this ocpp_charge_point_id (${chargePointId})`
}
