/** A scripted stand-in for the controller: answers what charge points ask and sends what it is told. */
import type {
  Admission,
  ChargePoints,
  Clock,
  Connection,
  ConnectionRequest,
} from '../../src/ports.js'

export interface FakeController {
  /** Every CALL of charge points, in order of arrival. */
  readonly calls: readonly ReceivedCall[]
  readonly events: readonly string[]
  forgetEvents(): void
  /** Replaces the answer to an action; undefined: no answer. */
  answer(action: string, reply: (payload: Fields) => Fields | undefined): void
  /** Sends a CALL on the newest connection; resolves with its answer, `['error', code]` for a CALLERROR. */
  call(identity: string, action: string, payload: Fields): Promise<Fields | readonly string[]>
  /** Message id of the last CALL of this action. */
  lastIdOf(action: string): string | undefined
  /** The newest connection. Throws when there is none. */
  connection(identity: string): Connection
  admitWith(admission: Admission): void
  readonly requests: readonly ConnectionRequest[]
}

export type Fields = Readonly<Record<string, unknown>>

export interface ReceivedCall {
  readonly identity: string
  readonly action: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into payloads of known actions
  readonly payload: any
  readonly atMs: number
}

export async function fakeController(
  chargePoints: ChargePoints,
  clock: Clock,
): Promise<FakeController> {
  const calls: ReceivedCall[] = []
  const events: string[] = []
  const requests: ConnectionRequest[] = []
  const connections = new Map<string, Connection>()
  const lastIds = new Map<string, string>()
  const waiting = new Map<string, (answer: Fields | readonly string[]) => void>()
  let admission: Admission = { type: 'accept' }
  let lastTransactionId = 100
  let lastCall = 0
  const accepted = { idTagInfo: { status: 'Accepted' } }
  const currentTime = (): string => new Date(clock.now()).toISOString()
  const replies = new Map<string, (payload: Fields) => Fields | undefined>([
    ['BootNotification', () => ({ status: 'Accepted', interval: 60, currentTime: currentTime() })],
    ['Heartbeat', () => ({ currentTime: currentTime() })],
    ['Authorize', () => accepted],
    ['StatusNotification', () => ({})],
    ['MeterValues', () => ({})],
    ['StopTransaction', () => ({})],
    [
      'StartTransaction',
      () => {
        lastTransactionId += 1
        return { transactionId: lastTransactionId, ...accepted }
      },
    ],
  ])

  await chargePoints.listen({
    admit(request) {
      requests.push(request)
      return admission
    },
    opened(connection) {
      const { identity } = connection
      connections.set(identity, connection)
      events.push(`opened ${identity}`)
      return {
        received(text) {
          const [type, id, third, payload] = JSON.parse(text)
          if (type === 2) {
            lastIds.set(third, id)
            calls.push({ identity, action: third, payload, atMs: clock.monotonic() })
            const answer = replies.get(third)?.(payload)
            if (answer) connection.send(JSON.stringify([3, id, answer]))
          } else {
            waiting.get(id)?.(type === 3 ? third : ['error', third])
            waiting.delete(id)
          }
        },
        pong: () => events.push(`pong ${identity}`),
        pinged() {},
        closed: (code) => events.push(`closed ${identity} ${code}`),
      }
    },
  })

  function connectionOf(identity: string): Connection {
    const connection = connections.get(identity)
    if (!connection) throw new Error(`${identity} never connected`)
    return connection
  }

  return {
    calls,
    events,
    requests,
    forgetEvents() {
      events.length = 0
    },
    answer(action, reply) {
      replies.set(action, reply)
    },
    call(identity, action, payload) {
      lastCall += 1
      const id = `c${lastCall}`
      connectionOf(identity).send(JSON.stringify([2, id, action, payload]))
      return new Promise((resolve) => waiting.set(id, resolve))
    },
    lastIdOf: (action) => lastIds.get(action),
    connection: connectionOf,
    admitWith(newAdmission) {
      admission = newAdmission
    },
  }
}
