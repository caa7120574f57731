/** A charge point that says what real ones say and accepts what it is told. As lean as it can be. */
import { createSecureContext } from 'node:tls'
import { WebSocket } from 'ws'

const CALL = 2
const RESULT = 3

export function chargePointId(index) {
  return `CP_${String(index + 1).padStart(4, '0')}`
}

/**
 * Resolves when the WebSocket is open, rejects when it cannot be opened. `failed` is told once if
 * the connection ends or the server answers with an error later.
 */
export function dial(url, id, { failed, profileReceived, profileAnswered, login }) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url + id, 'ocpp1.6', {
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
      ...login,
    })
    let calls = 0
    let answered
    let over = false

    const end = (why) => {
      if (over) return
      over = true
      reject(new Error(`${id}: ${why}`))
      failed?.(new Error(`${id}: ${why}`))
    }

    socket.on('error', (error) => end(error.message))
    socket.on('close', (code, reason) => end(`closed with ${code} ${reason.toString()}`))
    socket.on('message', (/** @type {Buffer} */ data) => {
      const message = JSON.parse(data.toString())
      if (message[0] === RESULT) {
        answered(message[2])
      } else if (message[0] === CALL) {
        if (message[2] === 'SetChargingProfile') profileReceived?.(message)
        socket.send(`[3,${JSON.stringify(message[1])},{"status":"Accepted"}]`)
        if (message[2] === 'SetChargingProfile') profileAnswered?.()
      } else {
        end(`was answered with ${data.toString().slice(0, 200)}`)
        socket.terminate()
      }
    })
    const chargePoint = {
      id,
      /** `payload` is JSON text, `onAnswer` gets the payload of the answer. One call at a time. */
      call(action, payload, onAnswer) {
        answered = onAnswer
        calls += 1
        socket.send(`[2,"${calls}","${action}",${payload}]`)
      },
      ask: (action, payload) =>
        new Promise((done) => chargePoint.call(action, JSON.stringify(payload), done)),
      /** Drops the connection as a power cut would. */
      drop() {
        over = true
        socket.terminate()
      },
    }
    socket.on('open', () => resolve(chargePoint))
  })
}

/** For `dial`: how each charge point logs in, by its index; the CA of the server is read once. */
export function loginOf(proof) {
  if (!proof) return () => undefined
  const secureContext = createSecureContext({ ca: proof.ca })
  return (index) => {
    const login = Buffer.from(`${chargePointId(index)}:${proof.keys[index]}`).toString('base64')
    return { secureContext, headers: { authorization: `Basic ${login}` } }
  }
}

/** The baseline answers with nothing, which counts as yes. */
export async function boot(chargePoint) {
  const { status = 'Accepted' } = await chargePoint.ask('BootNotification', {
    chargePointVendor: 'Bench',
    chargePointModel: 'Eleven',
    chargePointSerialNumber: chargePoint.id,
    firmwareVersion: '1.0.0',
  })
  if (status !== 'Accepted') throw new Error(`${chargePoint.id}: boot was answered ${status}`)
}

export async function sayStatus(chargePoint, status) {
  await chargePoint.ask('StatusNotification', {
    connectorId: 1,
    errorCode: 'NoError',
    status,
    timestamp: new Date().toISOString(),
  })
}

/** Resolves with the transaction id. */
export async function startTransaction(chargePoint) {
  const { transactionId = 1, idTagInfo } = await chargePoint.ask('StartTransaction', {
    connectorId: 1,
    idTag: 'BENCH',
    meterStart: 1000,
    timestamp: new Date().toISOString(),
  })
  if (idTagInfo && idTagInfo.status !== 'Accepted') {
    throw new Error(`${chargePoint.id}: the transaction was answered ${idTagInfo.status}`)
  }
  return transactionId
}

/** What a three-phase charger sends every few seconds while it charges; JSON text. */
export function meterValues(transactionId, energyWh) {
  const current = (phase, value) =>
    `{"value":"${value}","context":"Sample.Periodic","measurand":"Current.Import","phase":"${phase}","location":"Outlet","unit":"A"}`
  const total = (measurand, unit, value) =>
    `{"value":"${value}","context":"Sample.Periodic","measurand":"${measurand}","location":"Outlet","unit":"${unit}"}`
  const sampled = [
    current('L1', '5.9'),
    current('L2', '5.8'),
    current('L3', '5.9'),
    total('Power.Active.Import', 'W', '4048'),
    total('Energy.Active.Import.Register', 'Wh', String(energyWh)),
  ]
  return (
    `{"connectorId":1,"transactionId":${transactionId},"meterValue":` +
    `[{"timestamp":"${new Date().toISOString()}","sampledValue":[${sampled.join(',')}]}]}`
  )
}
