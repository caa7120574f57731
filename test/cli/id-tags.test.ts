/** Id tags as a table into a gateway and out of it. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { httpServer } from '../../src/adapters/http-server.js'
import { runProgram } from '../../src/cli/program.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import { aStory } from '../site/a-story.js'
import type { Story } from '../site/a-story.js'
import { recordedIo } from './recorded-io.js'

async function served(t: Test): Promise<{ readonly site: Story; readonly url: string }> {
  const site = await aStory({ count: 1, maxA: 40 })
  const server = httpServer({
    host: '127.0.0.1',
    port: 0,
    handle: (request, peer) => site.controller().handle(request, peer),
    log: memoryLog(),
  })
  const { port } = await server.start()
  t.teardown(async () => {
    await server.close()
    await site.stop()
  })
  return { site, url: `http://127.0.0.1:${port}` }
}

async function imported(t: Test, url: string, text: string, ...more: readonly string[]) {
  const file = join(t.testdir({}), 'tags.csv')
  await writeFile(file, text)
  const io = recordedIo()
  const code = await runProgram(['import', 'id-tags', file, '--url', url, ...more], io)
  return { code, out: io.stdout, err: io.stderr.map((line) => line.replaceAll(file, 'tags.csv')) }
}

const TAGS = `id_tag,parent_id_tag,expires_at,max_active_transactions,priority,blocked
04A2B9C1,FLEET,2030-01-01T00:00:00+01:00,1,5,
"Ä, ""x""",,,,,yes
`

test('a table of id tags goes in, comes out and goes in again without a change', async (t) => {
  const { site, url } = await served(t)
  t.match(await imported(t, url, TAGS, '--dry-run'), {
    code: 0,
    out: ['would be 2 created, 0 changed, 0 the same'],
  })
  t.same((await site.rest('GET', '/id-tags')).body, [])
  t.match(await imported(t, url, TAGS), { out: ['2 created, 0 changed, 0 the same'] })
  t.match((await site.rest('GET', '/id-tags')).body, [
    {
      id_tag: '04A2B9C1',
      parent_id_tag: 'FLEET',
      expires_at: '2029-12-31T23:00:00Z',
      max_active_transactions: 1,
      priority: 5,
      blocked: false,
    },
    { id_tag: 'Ä, "x"', blocked: true },
  ])
  const out = join(t.testdir({}), 'out.csv')
  const io = recordedIo()
  t.equal(await runProgram(['export', 'id-tags', '--url', url, '--out', out], io), 0)
  const table = await readFile(out, 'utf8')
  t.match(await imported(t, url, table), { out: ['0 created, 0 changed, 2 the same'] })
  t.match(await imported(t, url, 'id_tag;priority\n04a2b9c1;5\n', '--replace'), {
    out: ['0 created, 1 changed, 0 the same, 1 deleted'],
  })
  t.match((await site.rest('GET', '/id-tags')).body, [{ id_tag: '04a2b9c1', parent_id_tag: null }])
})

test('of a table that is wrong anywhere nothing is taken, and each place is named', async (t) => {
  const { site, url } = await served(t)
  const wrong = `id_tag,expires_at,blocked
GOOD,,
${'x'.repeat(21)},,
LATE,tomorrow,perhaps
good,,
`
  t.match(await imported(t, url, wrong), {
    code: 2,
    err: [
      /^tags.csv:3:1: id_tag: must be 1 to 20 characters/,
      /^tags.csv:4:6: expires_at: must be an RFC 3339 time/,
      /^tags.csv:4:15: blocked: must be true or false, got "perhaps"/,
      'tags.csv:5:1: the id tag "good" is in line 2 already',
    ],
  })
  const response = await fetch(`${url}/api/v1/id-tags.csv`, { method: 'POST', body: wrong })
  t.equal(response.status, 422)
  t.match(await response.json(), { problems: [{ field: 'line 3, column 1' }, {}, {}, {}] })
  t.same((await site.rest('GET', '/id-tags')).body, [])
  t.match(await imported(t, url, 'tag\nA\n'), {
    code: 2,
    err: [/^tags.csv:1:1: there is no column/],
  })
})
