// The controller inside another program, with the adapters of a real gateway. Chargers connect to
// ws://HOST:PORT/ocpp/ID. Every port can be another implementation of its interface.
//   node docs/examples/embed-gateway.mjs DATA_FOLDER [PORT]
import {
  chargePointServer,
  createController,
  defaultSettings,
  diskStore,
  httpServer,
  jsonLog,
  randomIds,
  systemClock,
} from 'yardmaster'

const [folder = './data', port = '8000'] = process.argv.slice(2)
const log = jsonLog()
const http = httpServer({
  host: '127.0.0.1',
  port: Number(port),
  handle: (request, peer) => controller.handle(request, peer),
  log,
})
const controller = createController(defaultSettings({ host: '127.0.0.1' }), {
  clock: systemClock(),
  ids: randomIds(),
  store: diskStore(folder, { log }),
  chargePoints: chargePointServer({ server: http, log }),
  log,
})
await controller.start()
const address = await http.start()
console.log(`listening on ${address.host}:${address.port}`)

controller.onChange(({ site }) => {
  if (!site.withinLimit) console.log('above the limit: chargers are being lowered')
})
process.once('SIGTERM', async () => {
  await controller.stop()
  await http.close()
})
