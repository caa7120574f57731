import { createServer } from 'node:http'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { httpTransfer } from '../../src/adapters/http-transfer.js'
import { readStateFile, writeStateFile } from '../../src/adapters/state-file.js'

async function aServer(t: Test) {
  const received: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push(`${request.method} ${request.url} ${body}`)
      response.statusCode = request.url === '/gone' ? 404 : 200
      response.end('firmware')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return { received, url: `http://127.0.0.1:${port}` }
}

test('a file is put where it is wanted, and fetched from there', async (t) => {
  const { url, received } = await aServer(t)
  t.equal(await httpTransfer.upload(`${url}/in/`, 'log.txt', 'words'), true)
  t.equal(await httpTransfer.upload(`${url}/in/as-told`, 'log.txt', 'words'), true)
  t.equal(await httpTransfer.download(`${url}/firmware.bin`), true)
  t.same(received, ['PUT /in/log.txt words', 'PUT /in/as-told words', 'GET /firmware.bin '])
})

test('what the server does not take or have has not worked', async (t) => {
  const { url } = await aServer(t)
  t.equal(await httpTransfer.upload(`${url}/gone`, 'log.txt', 'words'), false)
  t.equal(await httpTransfer.download(`${url}/gone`), false)
  await t.rejects(httpTransfer.download('http://127.0.0.1:9'))
})

test('a state file is the last one written, whole, also beside half of the next', async (t) => {
  const path = join(t.testdir(), 'deep', 'state.json')
  t.equal(readStateFile(path), undefined)
  writeStateFile(path, 'one')
  writeStateFile(path, 'two')
  writeFileSync(`${path}.next`, 'thr')
  t.equal(readStateFile(path), 'two')
  t.equal(readFileSync(path, 'utf8'), 'two')
})
