// What a depot's hardware looks like to Yardmaster, without any: chargers with a car each, and a
// Modbus TCP meter that sees them and a base load, with a register for a grid limit.
//   node docs/examples/simulated-hardware.mjs CP_001 CP_002
// While it runs, type a number to set the grid limit in A, "silent" to stop the meter from
// answering, "answer" to let it answer again. $GATEWAY and $MODBUS_PORT change the addresses.
import { createInterface } from 'node:readline'
import modbus from 'modbus-serial'
import { WebSocket } from 'ws'
import { systemClock } from 'yardmaster'
import { seededRandom, simulatedChargePoint, simulatedEv } from 'yardmaster/testing'

const identities = process.argv.slice(2)
const { GATEWAY = 'ws://localhost:8000', MODBUS_PORT = '1502' } = process.env
const clock = systemClock()
const chargers = identities.map((identity, index) => {
  const charger = simulatedChargePoint({
    identity,
    connectors: [{ maxCurrentA: 32, phases: 3 }],
    clock,
    random: seededRandom(identity),
  })
  charger.start()
  dial(charger)
  // Cars take up to 32 A on three phases and want 40 kWh; the first comes after 3 s.
  const car = simulatedEv({ maxCurrentA: 32, phases: 3, energyNeedWh: 40_000 })
  setTimeout(() => charger.plugIn(1, car, { idTag: `CAR_${index + 1}` }), 3000 + index * 1000)
  return charger
})

function dial(charger) {
  const url = `${GATEWAY}/ocpp/${encodeURIComponent(charger.identity)}`
  const socket = new WebSocket(url, ['ocpp1.6'])
  const link = { send: (text) => socket.send(text), close: () => socket.close() }
  socket.on('open', () => charger.connect(link))
  socket.on('message', (data) => charger.received(String(data)))
  socket.on('error', (error) => console.log(charger.identity, error.message))
  socket.on('close', (code, reason) => {
    charger.disconnected()
    if (code === 1008) console.log(charger.identity, `was refused: ${reason}`)
    setTimeout(() => dial(charger), 2000)
  })
}

const LIMIT_REGISTER = 100
let limitA = 63
let silent = false

/** What flows through the grid connection: a base load that is never quite still, and the cars. */
function meterA(phase) {
  const baseA = [12, 11, 10][phase] + Math.sin(Date.now() / 7000 + phase)
  return chargers.reduce((sum, charger) => sum + charger.drawA(1)[phase], baseA)
}

/** Input registers 6 to 11: three float32, high word first. */
function inputRegister(address) {
  if (address < 6 || address > 11) throw { modbusErrorCode: 2 }
  const bytes = Buffer.alloc(4)
  bytes.writeFloatBE(meterA((address - 6) >> 1))
  return bytes.readUInt16BE((address % 2) * 2)
}

/** A promise that never settles is a device that never answers. */
const answer = (value) => (silent ? new Promise(() => undefined) : Promise.resolve(value))

const server = new modbus.ServerTCP(
  {
    getInputRegister: (address) => answer(inputRegister(address)),
    getHoldingRegister: (address) => answer(address === LIMIT_REGISTER ? limitA * 10 : 0),
  },
  { host: '127.0.0.1', port: Number(MODBUS_PORT) },
)
server.on('initialized', () => console.log(`meter on 127.0.0.1:${MODBUS_PORT}, limit ${limitA} A`))

createInterface({ input: process.stdin }).on('line', (line) => {
  const typed = line.trim()
  if (typed === 'silent' || typed === 'answer') silent = typed === 'silent'
  else if (/^\d+(\.\d)?$/.test(typed)) limitA = Math.min(Number(typed), 6000)
  console.log(silent ? 'the meter is silent' : `limit ${limitA} A`)
})

let shown = ''
setInterval(() => {
  const words = chargers.map(({ identity, permittedA, drawA }) => {
    const highest = (currentA) => Math.max(...currentA).toFixed(1)
    return `${identity} permits ${highest(permittedA(1))} A, car draws ${highest(drawA(1))} A`
  })
  if (words.join() !== shown)
    console.log([...words, `meter L1 ${meterA(0).toFixed(0)} A`].join('; '))
  shown = words.join()
}, 1000)
