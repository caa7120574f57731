/** A table of vehicles into a gateway whose depot runs on a clock of its own. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { httpServer } from '../../src/adapters/http-server.js'
import { runProgram } from '../../src/cli/program.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import { aStory } from '../site/a-story.js'
import type { Story } from '../site/a-story.js'
import { recordedIo } from './recorded-io.js'

interface Served {
  readonly site: Story
  readonly url: string
}

async function served(t: Test): Promise<Served> {
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
  const file = join(t.testdir({}), 'fleet.csv')
  await writeFile(file, text)
  const io = recordedIo()
  const code = await runProgram(['import', 'vehicles', file, '--url', url, ...more], io)
  return { code, out: io.stdout, err: io.stderr.map((line) => line.replaceAll(file, 'fleet.csv')) }
}

const FLEET = `name,id_tags,battery_kwh,target_soc,departures
Bus 14,TAG14,300,80,mon-fri 05:30
Bus 15,TAG15,300,,"mon-fri 06:10 70%; 2026-12-25 none"
`

test('a table creates vehicles, and again it changes only what is different', async (t) => {
  const { site, url } = await served(t)
  t.same((await imported(t, url, FLEET, '--dry-run')).out, [
    'would be 2 created, 0 changed, 0 the same',
  ])
  t.same((await site.rest('GET', '/vehicles')).body, [])
  t.match(await imported(t, url, FLEET), { code: 0, out: ['2 created, 0 changed, 0 the same'] })
  t.match((await site.rest('GET', '/vehicles')).body, [
    { name: 'Bus 14', target_soc: 80, departures: [{ time: '05:30' }] },
    {
      name: 'Bus 15',
      departures: [{ time: '06:10', target_soc: 70 }],
      one_off_departures: [{ date: '2026-12-25' }],
    },
  ])
  t.match(await imported(t, url, FLEET), { code: 0, out: ['0 created, 0 changed, 2 the same'] })
  const again = await imported(t, url, 'name;battery_kwh\nBus 14;350\nBus 16;\n')
  t.match(again, { code: 0, out: ['1 created, 1 changed, 0 the same'] })
  t.match((await site.rest('GET', '/vehicles')).body, [
    { name: 'Bus 14', battery_kwh: 350, id_tags: ['TAG14'] },
    {},
    { name: 'Bus 16' },
  ])
})

test('a wrong table changes nothing, and is told line by line', async (t) => {
  const { site, url } = await served(t)
  t.match(await imported(t, url, 'name,phases\nBus 14,4\n,1\n'), {
    code: 2,
    err: [/^fleet.csv:2:8: phases: must be 1, 2 or 3, got 4$/, /^fleet.csv:3:1: name: is missing/],
  })
  t.match(await imported(t, url, 'id,name\nx7,Bus 14\n'), {
    code: 2,
    err: ['fleet.csv:2:1: no vehicle has the id "x7": leave the cell empty to create one'],
  })
  for (const _ of [1, 2]) await site.rest('POST', '/vehicles', { name: 'Twin' })
  t.match(await imported(t, url, 'name\ntwin\n'), {
    code: 2,
    err: [/^fleet.csv:2:1: 2 vehicles have the name "twin": state the id, one of /],
  })
})

test('what the gateway refuses is told with its line, and the others are in force', async (t) => {
  const { site, url } = await served(t)
  await site.rest('POST', '/vehicles', { name: 'Old', id_tags: ['TAG14'] })
  t.match(await imported(t, url, FLEET), {
    code: 1,
    out: ['1 created, 0 changed, 0 the same, 1 refused: correct them and import again'],
    err: [/^fleet.csv:2:1: id_tags.0 "TAG14" belongs to vehicle "Old"/],
  })
})

test('without a gateway it says so, and without a file as well', async (t) => {
  t.match(await imported(t, 'http://127.0.0.1:9', FLEET), {
    code: 1,
    err: [/is the gateway there/],
  })
  const io = recordedIo()
  t.equal(await runProgram(['import', 'vehicles', '/nowhere.csv'], io), 2)
  t.match(io.stderr, [/^\/nowhere.csv:1:1: cannot be read/])
})
