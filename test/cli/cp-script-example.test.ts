/** The script of the manual, against a real gateway in real time. */
import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { cpInteractive } from '../../src/cli/cp-interactive.js'
import { createGateway } from '../../src/cli/gateway.js'
import { loadSettings } from '../../src/config/load.js'
import { CONSOLE_COMMANDS } from '../../src/testing/console/console.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import { recordedIo } from './recorded-io.js'

const SCRIPT = 'docs/examples/charge-point-script.txt'
const MANUAL = readFileSync('docs/charge-point-simulator.md', 'utf8')

test('the script of the manual runs to its end', async (t) => {
  const loaded = await loadSettings('config/minimal.yaml')
  if (!loaded.ok) throw new Error('the example is wrong')
  const settings = {
    ...loaded.settings,
    http: { ...loaded.settings.http, host: '127.0.0.1', port: 0 },
  }
  const gateway = createGateway(settings, t.testdir(), memoryLog())
  const { port } = await gateway.start()
  t.teardown(() => gateway.stop())
  const io = recordedIo()
  const exitCode = await cpInteractive(
    {
      chargePointId: 'CP1',
      host: '127.0.0.1',
      port,
      connectors: 1,
      maxAmps: 32,
      phases: 3,
      script: SCRIPT,
    },
    io,
    { lines: (async function* none() {})(), isTyped: false, close() {} },
  )
  t.same([exitCode, io.stderr], [0, []], io.stdout.join('\n'))
})

test('the manual shows the script as it is, and every command', async (t) => {
  const shown = /```\n(wait-for[\s\S]*?)```/.exec(MANUAL)?.[1] ?? ''
  t.ok(shown.length > 50)
  t.ok(readFileSync(SCRIPT, 'utf8').includes(shown))
  const table = MANUAL.slice(MANUAL.indexOf('## Commands'))
  for (const name of CONSOLE_COMMANDS) t.match(table, `\`${name}`, name)
})
