/** What ties the program to its machine: clock, randomness, calendar, service manager. */
import { watch } from 'node:fs'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { CronError } from '../../src/adapters/cron-error.js'
import { cronHousekeeping, type HousekeepingTask } from '../../src/adapters/cron-housekeeping.js'
import { randomIds } from '../../src/adapters/random-ids.js'
import { systemClock } from '../../src/adapters/system-clock.js'
import { systemdNotify } from '../../src/adapters/systemd-notify.js'
import { tokenSecrets } from '../../src/adapters/token-secrets.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { recordingLog } from './modbus-world.js'

test('the clock goes on in steps of the period and stops when told, also from inside', async (t) => {
  const clock = systemClock()
  const startMs = clock.monotonic()
  const atMs: number[] = []
  await new Promise<void>((resolve) => {
    const cancel = clock.every(10, () => {
      atMs.push(clock.monotonic() - startMs)
      if (atMs.length < 5) return
      cancel()
      resolve()
    })
  })
  for (const [index, ms] of atMs.entries()) {
    t.ok(ms >= (index + 1) * 10, `call ${index} came at ${ms} ms`)
  }
  // Another period passes for a timer begun later: the cancelled one would have been due before.
  await new Promise<void>((resolve) => {
    const cancel = clock.every(20, () => {
      cancel()
      resolve()
    })
  })
  t.equal(atMs.length, 5)
  t.ok(Math.abs(clock.now() - Date.now()) < 1000)
})

test('a round that takes longer than the period is followed by one round, not by many', async (t) => {
  const clock = systemClock()
  const atMs: number[] = []
  let inside = 0
  await new Promise<void>((resolve) => {
    const cancel = clock.every(10, () => {
      inside += 1
      t.equal(inside, 1, 'rounds do not overlap')
      atMs.push(clock.monotonic())
      const untilMs = clock.monotonic() + (atMs.length === 1 ? 105 : 0)
      while (clock.monotonic() < untilMs);
      inside -= 1
      if (atMs.length < 6) return
      cancel()
      resolve()
    })
  })
  // Ten were missed: made up for, they would all come at once.
  const [, second = 0, , , , sixth = 0] = atMs
  t.ok(sixth - second >= 30, `four rounds took ${sixth - second} ms`)
})

test('ids are URL-safe, short and never the same', async (t) => {
  const random = randomIds()
  const ids = Array.from({ length: 2000 }, () => random.next())
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids) {
    if (!/^[0-9a-z]{25}$/.test(id)) t.fail(`id ${id}`)
  }
})

test('a token verifies against its own hash and nothing else does', async (t) => {
  const secrets = tokenSecrets()
  const { token, hash } = secrets.newToken()
  t.match(token, /^[\w-]{43}$/)
  t.notMatch(hash, token)
  t.ok(secrets.verify(token, hash))
  t.ok(tokenSecrets().verify(token, hash), 'also after a restart')
  const other = secrets.newToken()
  t.not(other.token, token)
  for (const [claimed, stored] of [
    [other.token, hash],
    [token, other.hash],
    [`${token} `, hash],
    ['', hash],
    [token, ''],
    [token, hash.toUpperCase()],
    [token, hash.slice(0, 62)],
    [token, `${hash}00`],
    [token, 'ü'.repeat(64)],
    [hash, hash],
  ] as const) {
    t.notOk(secrets.verify(claimed, stored), JSON.stringify([claimed, stored]))
  }
})

const NIGHTLY: HousekeepingTask = {
  name: 'fold journal',
  expression: '17 3 * * *',
  timezone: 'Europe/Berlin',
  run() {},
}

test('tasks are made anew after a jump of the wall clock, in either direction', async (t) => {
  const clock = manualClock()
  const log = recordingLog()
  let made = 0
  let running = 0
  const housekeeping = cronHousekeeping({
    tasks: [NIGHTLY, { ...NIGHTLY, name: 'report' }],
    clock,
    log,
    schedule() {
      made += 1
      running += 1
      return () => {
        running -= 1
      }
    },
  })
  t.equal(made, 0)
  housekeeping.start()
  housekeeping.start()
  t.equal(made, 2)
  await clock.advance(3_600_000)
  t.equal(made, 2)
  clock.step(2000)
  await clock.advance(1000)
  t.equal(made, 2, 'NTP may slew that much')
  clock.step(2001)
  await clock.advance(1000)
  t.equal(made, 4)
  await clock.advance(60_000)
  t.equal(made, 4, 'once for one jump')
  clock.step(-86_400_000)
  await clock.advance(1000)
  t.equal(made, 6)
  t.equal(running, 2)
  t.match(log.lines, [
    { event: 'wallClockStepped', fields: { stepMs: 2001 } },
    { event: 'wallClockStepped', fields: { stepMs: -86_400_000 } },
  ])
  housekeeping.stop()
  housekeeping.stop()
  t.equal(running, 0)
  clock.step(86_400_000)
  await clock.advance(5000)
  t.equal(made, 6)
})

test('a task that fails is logged with its name, and comes again', async (t) => {
  const log = recordingLog()
  let runs = 0
  await new Promise<void>((resolve) => {
    const housekeeping = cronHousekeeping({
      tasks: [
        {
          ...NIGHTLY,
          expression: '* * * * * *',
          async run() {
            runs += 1
            if (runs < 2) throw new Error('disk full')
            housekeeping.stop()
            resolve()
          },
        },
      ],
      clock: systemClock(),
      log,
    })
    housekeeping.start()
  })
  t.match(
    log.lines.filter(({ event }) => event === 'housekeepingFailed'),
    [{ fields: { task: 'fold journal', error: { message: 'disk full' } } }],
  )
})

for (const [changed, message] of [
  [
    { expression: '61 * * * *' },
    /task fold journal: "61 \* \* \* \*" is no cron expression \(minute/,
  ],
  [{ expression: 'nightly' }, /"nightly" is no cron expression/],
  [{ expression: '' }, /"" is no cron expression/],
  [{ timezone: 'Mars/Base' }, /"Mars\/Base" is no time zone/],
] as const) {
  test(`a task with ${JSON.stringify(changed)} is refused at once`, async (t) => {
    const create = () =>
      cronHousekeeping({
        tasks: [{ ...NIGHTLY, ...changed }],
        clock: manualClock(),
        log: recordingLog(),
      })
    t.throws(create, { name: 'CronError', task: 'fold journal', message })
    t.throws(create, CronError)
  })
}

/** A `systemd-notify` that writes down what it is told, and what to wait for it with. */
async function fakeNotify(t: Test, script: string) {
  const folder = t.testdir()
  const said = join(folder, 'said')
  await writeFile(said, '')
  const command = join(folder, 'systemd-notify')
  await writeFile(command, `#!/bin/sh\n${script.replaceAll('$SAID', said)}\n`)
  await chmod(command, 0o755)
  const lines = async (): Promise<string[]> => {
    const text = await readFile(said, 'utf8')
    return text.split('\n').filter((line) => line !== '')
  }
  return {
    env: { PATH: `${folder}:/usr/bin:/bin`, NOTIFY_SOCKET: '/run/notify', HOME: '/nowhere' },
    lines,
    async untilSaid(count: number): Promise<string[]> {
      const watcher = watch(folder)
      try {
        for (;;) {
          const changed = new Promise((resolve) => watcher.once('change', resolve))
          const soFar = await lines()
          if (soFar.length >= count) return soFar
          await changed
        }
      } finally {
        watcher.close()
      }
    },
  }
}

test('systemd hears ready, then the watchdog while all is well, then stopping', async (t) => {
  const fake = await fakeNotify(t, 'echo "$# $1 $NOTIFY_SOCKET $HOME" >> $SAID')
  const clock = manualClock()
  const log = recordingLog()
  const env = { ...fake.env, WATCHDOG_USEC: '15000000', WATCHDOG_PID: String(process.pid) }
  const systemd = systemdNotify({ clock, log, env })
  systemd.ready()
  await fake.untilSaid(1)
  let healthy = true
  const stop = systemd.watch(() => healthy)
  await clock.advance(7499)
  await clock.advance(1)
  await fake.untilSaid(2)
  healthy = false
  await clock.advance(60_000)
  systemd.stopping()
  const said = await fake.untilSaid(3)
  stop()
  t.same(said, ['1 READY=1 /run/notify ', '1 WATCHDOG=1 /run/notify ', '1 STOPPING=1 /run/notify '])
  t.same(log.lines, [])
})

test('one systemd-notify runs at a time, and what waits does not pile up', async (t) => {
  const fake = await fakeNotify(
    t,
    'echo "begin $1" >> $SAID; while [ ! -e $SAID-go ]; do sleep 0.02; done; echo "end $1" >> $SAID',
  )
  const clock = manualClock()
  const env = { ...fake.env, WATCHDOG_USEC: '2000000' }
  const systemd = systemdNotify({ clock, log: recordingLog(), env })
  systemd.watch(() => true)
  systemd.ready()
  await fake.untilSaid(1)
  await clock.advance(100_000)
  systemd.stopping()
  t.same(await fake.lines(), ['begin READY=1'])
  await writeFile(`${fake.env.PATH.split(':')[0]}/said-go`, '')
  t.same(await fake.untilSaid(6), [
    'begin READY=1',
    'end READY=1',
    'begin WATCHDOG=1',
    'end WATCHDOG=1',
    'begin STOPPING=1',
    'end STOPPING=1',
  ])
})

test('a systemd-notify that fails is logged once and changes nothing else', async (t) => {
  const failing = await fakeNotify(t, 'echo "$1" >> $SAID; exit 3')
  const log = recordingLog()
  const systemd = systemdNotify({ clock: manualClock(), log, env: failing.env })
  systemd.ready()
  systemd.stopping()
  await failing.untilSaid(2)
  t.match(log.lines, [
    { event: 'systemdNotNotified', fields: { problem: 'systemd-notify ended with 3' } },
  ])

  const missing = recordingLog()
  const noted = new Promise<void>((resolve) => {
    const warn = (event: string, fields = {}) => {
      missing.warn(event, fields)
      resolve()
    }
    systemdNotify({
      clock: manualClock(),
      log: { ...missing, warn },
      env: { PATH: '/nowhere', NOTIFY_SOCKET: '/run/notify' },
    }).ready()
  })
  await noted
  t.match(missing.lines, [{ fields: { problem: /ENOENT/ } }])
})

for (const [name, env] of [
  ['without systemd', { NOTIFY_SOCKET: undefined }],
  ['without a watchdog', {}],
  ['with the watchdog of another process', { WATCHDOG_USEC: '2000000', WATCHDOG_PID: '1' }],
  ['with a watchdog that is no number', { WATCHDOG_USEC: 'often' }],
] as const) {
  test(`${name} the watchdog is not fed`, async (t) => {
    const fake = await fakeNotify(t, 'echo "$1" >> $SAID')
    const clock = manualClock()
    const systemd = systemdNotify({
      clock,
      log: recordingLog(),
      env: { ...fake.env, ...env },
    })
    let asked = 0
    systemd.watch(() => {
      asked += 1
      return true
    })
    await clock.advance(100_000)
    t.equal(asked, 0)
    t.same(await fake.lines(), [])
  })
}
