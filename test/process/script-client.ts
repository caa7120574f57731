/** A charge point as small as a script: connect, send one frame, take the first frame as the answer. */
import { randomUUID } from 'node:crypto'
import { type RawData, WebSocket } from 'ws'
import { inTime } from './deadline.js'

export type Outcome =
  | { readonly type: 'frame'; readonly frame: readonly unknown[] }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }

/** `path` without its leading slash, such as `ocpp/CP_001`. Afterwards the connection is closed. */
export async function sendOne(port: number, path: string, text: string): Promise<Outcome> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`, ['ocpp1.6'])
  const closed = new Promise<Outcome>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ type: 'closed', code, reason: reason.toString() })
    })
  })
  const answered = new Promise<Outcome>((resolve) => {
    socket.once('message', (data) => resolve({ type: 'frame', frame: frameOf(data) }))
  })
  // The close that follows tells the same.
  socket.on('error', () => undefined)
  socket.on('open', () => socket.send(text))
  try {
    return await inTime(`an answer to ${text}`, Promise.race([answered, closed]))
  } finally {
    socket.close()
    await inTime('the end of the connection', closed)
  }
}

/** The payload of the answer. Throws when the first frame is anything but the answer to this call. */
export async function callOnce(
  port: number,
  path: string,
  action: string,
  payload: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const id = randomUUID()
  const outcome = await sendOne(port, path, JSON.stringify([2, id, action, payload]))
  if (outcome.type === 'closed') throw new Error(`${action}: ${JSON.stringify(outcome)}`)
  const [type, answeredId, answer] = outcome.frame
  if (type !== 3 || answeredId !== id || typeof answer !== 'object' || answer === null) {
    throw new Error(`the first frame after ${action} ${id} is ${JSON.stringify(outcome.frame)}`)
  }
  return { ...answer }
}

export function frameOf(data: RawData): readonly unknown[] {
  const text = Buffer.isBuffer(data) ? data.toString('utf8') : ''
  const frame: unknown = JSON.parse(text)
  if (!Array.isArray(frame)) throw new Error(`not a frame: ${text}`)
  return frame
}
