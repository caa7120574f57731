/** A charge point made of somebody else's OCPP library, whose schemas judge what we send. */
import { RPCClient } from 'ocpp-rpc'
import { eventually } from './deadline.js'
import type { Scope } from './yardmaster-process.js'

export interface StrictChargePoint {
  call(action: string, payload: object): Promise<unknown>
  /** The first request from now or before that `matches`. */
  asked(action: string, matches?: (payload: RequestPayload) => boolean): Promise<RequestPayload>
  /** All requests so far. */
  readonly requests: readonly { readonly action: string; readonly payload: RequestPayload }[]
  /** Everything the library found wrong with either side, in its words. */
  readonly complaints: readonly string[]
  /** How the connection ended; undefined while it stands. */
  readonly closed: () => { readonly code: number; readonly reason: string } | undefined
}

export type RequestPayload = Readonly<Record<string, unknown>>

const ANSWERS: Readonly<Record<string, object>> = {
  UnlockConnector: { status: 'Unlocked' },
  GetConfiguration: {
    configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
    unknownKey: ['Colour'],
  },
}

/** Connected; it answers every request, mostly with Accepted. */
export async function strictChargePoint(
  t: Scope,
  port: number,
  identity: string,
): Promise<StrictChargePoint> {
  const client = new RPCClient({
    endpoint: `ws://127.0.0.1:${port}/ocpp`,
    identity,
    protocols: ['ocpp1.6'],
    strictMode: true,
    reconnect: false,
    // Its types demand what has a default.
    callTimeoutMs: 10_000,
    pingIntervalMs: 30_000,
    deferPingsOnActivity: false,
    respondWithDetailedErrors: false,
    callConcurrency: 1,
    strictModeValidators: [],
    maxBadMessages: 0,
    password: null,
    wsOpts: {},
    headers: {},
    maxReconnects: 0,
    backoff: { initialDelay: 1, maxDelay: 2, factor: 2, randomisationFactor: 0 },
  })
  const requests: { action: string; payload: RequestPayload }[] = []
  const complaints: string[] = []
  let closed: { code: number; reason: string } | undefined
  client.handle(async ({ method = '', params = {} }) => {
    requests.push({ action: method, payload: params })
    return ANSWERS[method] ?? { status: 'Accepted' }
  })
  client.on('strictValidationFailure', ({ method, error }: { method: string; error: Error }) => {
    complaints.push(`${method}: ${error.message}`)
  })
  client.on('badMessage', ({ error }: { error: Error }) => complaints.push(error.message))
  client.on('close', (end: { code: number; reason: string }) => {
    closed = end
  })
  t.teardown(() => client.close({ force: true }))
  await client.connect()
  return {
    requests,
    complaints,
    closed: () => closed,
    call: (action, payload) => client.call(action, payload),
    asked: (action, matches = () => true) =>
      eventually(
        `the request ${action}`,
        () => requests.find((each) => each.action === action && matches(each.payload))?.payload,
        { otherwise: () => `in ${JSON.stringify(requests)}` },
      ),
  }
}
