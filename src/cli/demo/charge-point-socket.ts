/** Keeps a simulated charge point connected over a real WebSocket. */
import { WebSocket } from 'ws'
import type { SimulatedChargePoint } from '../../testing/simulated-charge-point.js'

const REDIAL_MS = 1_000

export interface ChargePointSocket {
  close(): void
}

export function connectChargePoint(
  chargePoint: SimulatedChargePoint,
  baseUrl: string,
): ChargePointSocket {
  let socket: WebSocket | undefined
  let redial: NodeJS.Timeout | undefined
  let closed = false

  const dial = (): void => {
    const url = `${baseUrl}/ocpp/${encodeURIComponent(chargePoint.identity)}`
    const current = new WebSocket(url, ['ocpp1.6'], { perMessageDeflate: false })
    socket = current
    current.on('open', () => {
      chargePoint.connect({
        send: (text) => current.send(text),
        close: () => current.close(),
      })
    })
    current.on('message', (data) => {
      if (Buffer.isBuffer(data)) chargePoint.received(data.toString('utf8'))
    })
    // The close that follows says all there is to say.
    current.on('error', () => undefined)
    current.on('close', () => {
      if (socket !== current) return
      socket = undefined
      chargePoint.disconnected()
      if (!closed) redial = setTimeout(dial, REDIAL_MS)
    })
  }

  dial()
  return {
    close() {
      closed = true
      clearTimeout(redial)
      socket?.terminate()
    },
  }
}
