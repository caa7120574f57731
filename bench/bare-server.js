/**
 * The baseline: `ws` alone, which parses every message and answers it with nothing. Asked for a fan
 * out, it sends the text it is given to all others.
 */
import { WebSocketServer } from 'ws'

const CALL = 2
const FAN_OUT = 'FanOut'

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 0),
  perMessageDeflate: false,
  handleProtocols: () => 'ocpp1.6',
})
server.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.on('message', (/** @type {Buffer} */ data) => {
    const [type, id, action, payload] = JSON.parse(data.toString())
    if (action === FAN_OUT) fanOut(payload.text, socket)
    else if (type === CALL) socket.send(`[3,${JSON.stringify(id)},{}]`)
  })
})
server.on('listening', () => console.log(`listening http://127.0.0.1:${server.address().port}`))
process.once('SIGTERM', () => process.exit(0))

function fanOut(text, asking) {
  for (const client of server.clients) {
    if (client !== asking) client.send(text)
  }
}
