/** One accepted WebSocket against a real client: what is sent, what is paused, what is answered. */
import { once } from 'node:events'
import { test } from 'tap'
import { recordingHandler, serve } from './charge-point-world.js'

for (const [title, text] of [
  ['an empty text', ''],
  ['the longest short one', 'a'.repeat(125)],
  ['the shortest long one', 'a'.repeat(126)],
  ['the longest with two bytes of length', 'a'.repeat(65_535)],
  ['one that needs eight bytes of length', 'a'.repeat(65_536)],
  ['one that is not ASCII', 'Säule \u{1F50C} 7'],
  ['one of control characters', '\u0000\u007f\u0080'],
] as const) {
  test(`${title} arrives as it was sent, between its neighbours`, async (t) => {
    const handler = recordingHandler()
    const { client } = await serve(t, handler)
    const socket = client('/ocpp/CP_1')
    const { connection } = await handler.next('opened')
    const heard: string[] = []
    socket.on('message', (data: Buffer, isBinary) => heard.push(`${isBinary} ${data.toString()}`))
    connection.send('before')
    connection.send(text)
    connection.send('after')
    while (heard.length < 3) await once(socket, 'message')
    t.same(heard, ['false before', `false ${text}`, 'false after'])
  })
}

test('a paused connection hears nothing until it is resumed, and then everything in order', async (t) => {
  const handler = recordingHandler()
  const { client } = await serve(t, handler)
  const socket = client('/ocpp/CP_1')
  const { connection } = await handler.next('opened')
  if (socket.readyState !== socket.OPEN) await once(socket, 'open')
  connection.pause()
  // More than the network holds for a peer that does not read.
  const COUNT = 200
  const long = 'x'.repeat(100_000)
  for (let n = 0; n < COUNT; n++) socket.send(`${n} ${long}`)
  connection.send('still there')
  await once(socket, 'message')
  const unread = socket.bufferedAmount
  t.ok(unread > 5_000_000, `the peer keeps ${unread} bytes`)
  connection.resume()
  for (let n = 0; n < COUNT; n++) {
    const { text } = await handler.next('received')
    if (!text.startsWith(`${n} `)) t.fail(`${text.slice(0, 10)} instead of ${n}`)
  }
})

test('of many pings at once the latest is answered, and each is told', async (t) => {
  const handler = recordingHandler()
  const { client } = await serve(t, handler)
  const socket = client('/ocpp/CP_1')
  await once(socket, 'open')
  const pongs: string[] = []
  socket.on('pong', (data: Buffer) => pongs.push(data.toString()))
  for (let n = 0; n < 1_000; n++) socket.ping(String(n))
  for (let n = 0; n < 1_000; n++) await handler.next('pinged')
  while (pongs.at(-1) !== '999') await once(socket, 'pong')
  t.ok(pongs.length < 500, `${pongs.length} pongs`)
})
