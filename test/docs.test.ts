import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { runProgram } from '../src/cli/program.js'
import { parseSettings } from '../src/config/load.js'
import { problemText } from '../src/config/problem.js'
import { parseCommand } from '../src/telemetry/commands.js'
import { siteTopics } from '../src/telemetry/topics.js'
import { recordedIo } from './cli/recorded-io.js'
import { eventually } from './process/deadline.js'
import { restClient } from './process/rest-client.js'
import type { SessionBody } from './process/rest-client.js'
import { startGateway, temporaryFolder } from './process/yardmaster-process.js'
import type { Scope } from './process/yardmaster-process.js'
import { blocks, README, REPOSITORY, requests, substituted, yardmasterCommands } from './readme.js'

const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))).scripts

test('every file that a document links to is there', async (t) => {
  for (const document of ['README.md', 'src/README.md', 'bench/README.md']) {
    const text = readFileSync(join(REPOSITORY, document), 'utf8')
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      t.ok(existsSync(join(REPOSITORY, dirname(document), link)), `${document}: ${link}`)
    }
  }
  t.match(README, /\(docs\/examples\/embed\.mjs\)/)
})

test('every configuration of the README is right, alone and as one file', async (t) => {
  const parts = blocks('yaml')
  t.ok(parts.length >= 4, 'the blocks were found')
  for (const text of [...parts, parts.join('\n')]) {
    const parsed = parseSettings(text, 'depot.yaml')
    t.same(parsed.ok ? [] : parsed.problems.map(problemText), [], text.slice(0, 20))
  }
})

/** Their first word is a command of their own. */
const WITH_COMMANDS: ReadonlySet<string> = new Set(['import', 'export', 'certs'])

test('every command and option of the README is one', async (t) => {
  const commands = yardmasterCommands()
  t.ok(commands.length >= 3, 'the commands were found')
  for (const [command = '', ...words] of commands) {
    const io = recordedIo()
    const below = WITH_COMMANDS.has(command) ? words.slice(0, 1) : []
    t.equal(await runProgram([command, ...below, '--help'], io), 0, command)
    for (const word of words.filter((text) => text.startsWith('--'))) {
      t.match(io.stdout.join('\n'), word, `${command} ${word}`)
    }
  }
  for (const [, script = ''] of README.matchAll(/npm (?:run )?(start|test|build)\b/g)) {
    t.ok(script in scripts, `npm ${script}`)
  }
  for (const [, file = ''] of README.matchAll(/node (docs\/\S+)/g)) {
    t.ok(existsSync(join(REPOSITORY, file)), file)
  }
})

test('the MQTT command of the README is taken', async (t) => {
  const { site } = z.object({ site: z.object({ id: z.string() }) }).parse(parse(firstBlock()))
  const shell = blocks('sh').join('\n')
  const [, topic = '', body = ''] = /-t (\S+\/cmd\/\S+) \\\n +-m '(.+)'$/m.exec(shell) ?? []
  const nowMs = 1_795_254_363_000
  const payload = substituted(body, new Map([['TS', String(nowMs)]]))
  const request = { topic, payload, retained: false }
  const parsed = parseCommand(siteTopics('depot/v1', site.id), request, nowMs)
  t.match(parsed, { ok: true, command: { type: 'limit', limitKw: 20, validForS: 300 } })
})

test('the depot of the README charges behind its meter', async (t) => {
  const modbusPort = await freePort()
  const config = blocks('yaml')
    .filter((text) => /^(site|meters):/m.test(text))
    .join('\n')
    .replaceAll('port: 1502', `port: ${modbusPort}`)
  t.match(config, `port: ${modbusPort}`)
  const gateway = await startGateway(t, { config })

  const values = new Map<string, string>()
  for (const one of requests()) {
    for (const N of one.body.includes('$N') ? ['1', '2'] : ['']) {
      values.set('N', N)
      const response = await fetch(
        `http://localhost:${gateway.port}/api/v1${substituted(one.path, values)}`,
        {
          method: one.method,
          headers: { 'content-type': 'application/json' },
          body: substituted(one.body, values),
        },
      )
      const text = await response.text()
      t.ok(response.ok, `${one.method} ${one.path}: ${text}`)
      if (one.keptAs === undefined) continue
      const { id } = z.object({ id: z.string() }).parse(JSON.parse(text))
      values.set(one.keptAs, id)
    }
  }
  t.same([...values.keys()].toSorted(), ['N', 'VANS', 'YARD'])

  const hardware = example(t, 'simulated-hardware.mjs', ['CP_001', 'CP_002'], {
    GATEWAY: `ws://127.0.0.1:${gateway.port}`,
    MODBUS_PORT: String(modbusPort),
  })
  await hardware.line(/CP_001 permits [1-9].*CP_002 permits [1-9]/)
  const rest = restClient(gateway.port)
  const { body } = await rest.get<SessionBody[]>('/sessions/live')
  t.same(body.map((session) => session.ocpp_charge_point_id).toSorted(), ['CP_001', 'CP_002'])
  hardware.type('30')
  t.equal(await hardware.line(/^limit/), 'limit 30 A')
  await eventually('the limit of the register', async () => {
    const { body: site } = await rest.get<{ readonly limit_source: string }>('/site')
    return site.limit_source === 'grid limit grid-operator' || undefined
  })
})

test('the embedded controller shares 20 kW between three cars', async (t) => {
  const run = example(t, 'embed.mjs', [])
  t.equal(await run.ended, 0)
  t.equal(run.lines.length, 3)
  for (const line of run.lines) t.match(line, /^CP00[123]: 9\.[67] A, 3\.\d kWh so far$/)
  const [text = ''] = blocks('js')
  const source = readFileSync(join(REPOSITORY, 'docs/examples/embed.mjs'), 'utf8')
  t.ok(source.includes(text.trim()), 'the README shows what runs')
})

test('the embedded gateway listens, and ends when told to', async (t) => {
  const run = example(t, 'embed-gateway.mjs', [await temporaryFolder(t), '0'])
  const address = /127\.0\.0\.1:\d+$/.exec(await run.line(/^listening/))?.[0] ?? ''
  const response = await fetch(`http://${address}/api/v1/site`)
  t.equal(response.status, 200)
  await response.text()
  run.stop()
  t.equal(await run.ended, 0)
})

function firstBlock(): string {
  return blocks('yaml')[0] ?? ''
}

/** Runs an example as the README says, against the built package. */
function example(
  t: Scope,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [join('docs/examples', file), ...args], {
    cwd: REPOSITORY,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], ...env },
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (text) => lines.push(text))
  const closed = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await closed
  })
  return {
    lines,
    ended: closed.then(() => child.exitCode),
    line: (pattern: RegExp) =>
      eventually(`${file} to say ${pattern}`, () => lines.find((text) => pattern.test(text)), {
        withinMs: 20_000,
        otherwise: () => `instead of: ${lines.join(' | ')}`,
      }),
    type: (text: string) => void child.stdin.write(`${text}\n`),
    stop: () => void child.kill('SIGTERM'),
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server.close()
  await once(server, 'close')
  return port
}
