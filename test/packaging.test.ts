import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { z } from 'zod'

const UNIT = 'systemd/yardmaster.service'

/** `Section.Key` with its values, in the order of the file. */
function unitKeys(): Map<string, string[]> {
  const keys = new Map<string, string[]>()
  let section = ''
  for (const line of readFileSync(UNIT, 'utf8').split('\n')) {
    const header = /^\[(\w+)\]$/.exec(line)
    if (header) section = header[1] ?? ''
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    keys.set(`${section}.${key}`, [...(keys.get(`${section}.${key}`) ?? []), value])
  }
  return keys
}

test('the service comes back for ever, is watched, and keeps its state', async (t) => {
  const keys = unitKeys()
  const expected = {
    'Unit.StartLimitIntervalSec': ['0'],
    'Service.Type': ['notify'],
    // The notices come from a child process.
    'Service.NotifyAccess': ['all'],
    'Service.ExecStart': ['yardmaster run'],
    'Service.WatchdogSec': ['15'],
    'Service.Restart': ['always'],
    'Service.RestartSec': ['3'],
    'Service.StateDirectory': ['yardmaster'],
    'Service.CapabilityBoundingSet': [''],
    'Install.WantedBy': ['multi-user.target'],
  }
  for (const [key, value] of Object.entries(expected)) t.same(keys.get(key), value, key)
  t.notOk(keys.has('Service.MemoryDenyWriteExecute'), 'it would end the compiler of Node')
  t.match(keys.get('Service.DeviceAllow'), ['char-ttyUSB rw', 'char-ttyACM rw'])
  t.match(keys.get('Service.RestrictAddressFamilies'), [/AF_INET AF_INET6 AF_UNIX AF_NETLINK/])
})

const hasAnalyzer = spawnSync('systemd-analyze', ['--version']).status === 0
const analyzer = hasAnalyzer ? {} : { skip: 'systemd-analyze is not installed' }

test('systemd knows every key of the unit and finds little to attack', analyzer, async (t) => {
  const folder = await temporary(t)
  const installed = join(folder, 'yardmaster.service')
  // The program is not installed here; what stands in for it does not matter.
  const unit = readFileSync(UNIT, 'utf8').replace('ExecStart=yardmaster', 'ExecStart=/bin/true')
  await writeFile(installed, unit)
  const verified = spawnSync('systemd-analyze', ['verify', installed], { encoding: 'utf8' })
  t.equal(verified.stderr, '')
  t.equal(verified.status, 0)

  const judged = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--threshold=20', '--no-pager', UNIT],
    { encoding: 'utf8' },
  )
  t.equal(judged.status, 0, /Overall exposure.*/.exec(judged.stdout)?.[0] ?? judged.stderr)
})

test('the image is built from files that are there and reach the builder', async (t) => {
  const dockerfile = readFileSync('Dockerfile', 'utf8')
  const allowed = new Set(
    readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1)),
  )
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, names]) => names?.split(' ') ?? [],
  )
  t.ok(sources.length >= 5, 'the copies were found')
  for (const source of sources) {
    t.ok(existsSync(source), `${source} exists`)
    t.ok(allowed.has(source), `.dockerignore lets ${source} through`)
  }
  t.match(dockerfile, /^USER node$/m)
  t.match(dockerfile, /^STOPSIGNAL SIGTERM$/m)
  t.match(dockerfile, /^VOLUME \/var\/lib\/yardmaster$/m)
})

test('the health check of the image follows /healthz', async (t) => {
  const [, command] = /HEALTHCHECK[^\n]*\\\n\s*CMD (\[.*\])/.exec(
    readFileSync('Dockerfile', 'utf8'),
  ) ?? ['', '[]']
  const [, , script] = z.array(z.string()).parse(JSON.parse(command ?? '[]'))
  let status = 200
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const check = (): Promise<number | null> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ['-e', String(script).replace('8000', `${port}`)])
      child.on('exit', resolve)
    })
  t.equal(await check(), 0)
  status = 503
  t.equal(await check(), 1)
  t.same(asked, ['/healthz', '/healthz'])
  server.close()
  server.closeAllConnections()
  t.equal(await check(), 1, 'nobody answers')
})

const packageSchema = z.object({
  bin: z.record(z.string(), z.string()),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  files: z.array(z.string()),
})

test('what the package promises is in the build', async (t) => {
  const content = JSON.parse(readFileSync('package.json', 'utf8'))
  const { bin, exports, files } = packageSchema.parse(content)
  const promised = [
    ...Object.values(bin),
    ...Object.values(exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    ),
    ...files,
  ]
  for (const path of promised) t.ok(existsSync(path), path)
  t.match(readFileSync(bin['yardmaster'] ?? '', 'utf8'), /^#!\/usr\/bin\/env node\n/)
})

interface Run {
  readonly tap: string
  readonly testCode?: number
  readonly checkCode?: number
}

for (const [what, run, lastLine, code] of [
  ['all is well', { tap: '# { total: 9, pass: 9 }' }, '9 passed, 0 failed', 0],
  ['tests fail', { tap: '# { total: 9, pass: 7, fail: 2 }', testCode: 1 }, '7 passed, 2 failed', 1],
  [
    'a test is skipped',
    { tap: 'ok 1 - x # SKIP no broker\n# { total: 9, pass: 8, skip: 1 }' },
    '8 passed, 1 failed',
    1,
  ],
  [
    'a test is still to do',
    { tap: 'ok 1 - x # TODO\n# { total: 9, pass: 8, todo: 1 }' },
    '8 passed, 1 failed',
    1,
  ],
  ['the checks fail', { tap: '# { total: 9, pass: 9 }', checkCode: 1 }, '9 passed, 1 failed', 1],
  ['tap ends badly', { tap: '# { total: 9, pass: 9 }', testCode: 1 }, '9 passed, 1 failed', 1],
  ['nothing runs at all', { tap: '' }, '0 passed, 1 failed', 1],
] as const satisfies readonly (readonly [string, Run, string, number])[]) {
  test(`the last line of a run in CI counts, and its exit code tells: ${what}`, async (t) => {
    const { stdout, status } = await ranInCi(await temporary(t), run)
    t.equal(stdout.trimEnd().split('\n').at(-1), lastLine)
    t.equal(status, code)
  })
}

/** `.ci/run` in a folder of its own, with programs around it that only pretend. */
async function ranInCi(
  folder: string,
  { tap, testCode = 0, checkCode = 0 }: Run,
): Promise<{ readonly stdout: string; readonly status: number | null }> {
  await mkdir(join(folder, '.ci'))
  await copyFile('.ci/run', join(folder, '.ci/run'))
  const bin = join(folder, 'bin')
  await mkdir(bin)
  await writeFile(join(folder, 'result.tap'), `${tap}\n`)
  const npm = `case "$1" in
ci) ;;
run) exit ${checkCode} ;;
test) cp '${folder}/result.tap' "$TAP_OUTPUT_FILE"; exit ${testCode} ;;
*) exit 9 ;;
esac`
  for (const [name, script] of [
    ['npm', npm],
    // There, so that nothing is installed.
    ...['mosquitto', 'socat', 'systemd-analyze'].map((tool) => [tool, 'exit 0'] as const),
    ['apt-get', 'exit 9'],
  ] as const) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(bin, name), 0o755)
  }
  return spawnSync('bash', [join(folder, '.ci/run')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
  })
}

async function temporary(t: { teardown(handler: () => unknown): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-packaging-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}
