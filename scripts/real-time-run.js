// Optional, some minutes: the built controller and four built `yardmaster cp`, each a process of its
// own with a command port, in real time. One group of 24 A; a charger of 16 A, one of 8 A, one of
// high priority. Exit code 0: all of it came, and the cars never drew more than the group may.
//   npm run build && node scripts/real-time-run.js
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'

const LIMIT_A = 24
const CHARGERS = [
  { id: 'RR2-01', amps: 32, priority: 5 },
  { id: 'RR2-02', amps: 32, priority: 1 },
  { id: 'RR2-03', amps: 16, priority: 1 },
  { id: 'RR2-04', amps: 8, priority: 1 },
]
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const kw = (amps) => (amps * 3 * 230) / 1000

const CONFIG = {
  site: { id: 'rr2' },
  depot: {
    constraints: [{ id: 'rr2', name: 'RR2', type: 'charge_group', max_power_kw: kw(LIMIT_A) }],
    chargers: CHARGERS.map(({ id, amps, priority }) => ({
      id,
      name: id,
      parent_charge_group: 'rr2',
      ocpp_charge_point_id: id,
      max_power_kw: kw(amps),
      priority,
      evses: [{ id: 1, max_power_kw: kw(amps), max_current_a: amps }],
    })),
  },
}

const folder = mkdtempSync(join(tmpdir(), 'yardmaster-real-time-'))
const processes = []

/** Resolves with the address in the first line that has one. */
async function started(args, pattern) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  processes.push(child)
  for await (const line of createInterface({ input: child.stdout })) {
    const address = pattern.exec(line)?.[1]
    if (address !== undefined) {
      child.stdout.resume()
      return address
    }
  }
  throw new Error(`yardmaster ${args[0]} ended before it was ready`)
}

/** Gives one command at a time to a charge point; rejects when it fails. */
async function commander(address) {
  const socket = new WebSocket(address)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const waiting = new Map()
  let lastId = 0
  socket.on('message', (data) => {
    const answer = JSON.parse(Buffer.from(data).toString('utf8'))
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  return async (command) => {
    const id = (lastId += 1)
    socket.send(JSON.stringify({ id, command }))
    const answer = await new Promise((resolve) => waiting.set(id, resolve))
    if (!answer.ok) throw new Error(answer.problem)
    return answer
  }
}

async function run() {
  const config = join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify(CONFIG))
  const place = ['--data-dir', join(folder, 'data'), '--host', '127.0.0.1', '--port', '0']
  const port = await started(['run', '--config', config, ...place], /127\.0\.0\.1:(\d+)$/)
  const cars = []
  const eyes = []
  for (const { id, amps } of CHARGERS) {
    const args = ['cp', '--charge-point-id', id, '--port', port, '--max-amps', String(amps)]
    const address = await started([...args, '--command-port', '0'], /(ws:\S+)$/)
    cars.push(await commander(address))
    // A second connection: the first may wait for something.
    eyes.push(await commander(address))
  }
  const [first, second, third, fourth] = cars
  let highestA = 0
  const watch = setInterval(() => {
    Promise.all(eyes.map((look) => look('status json'))).then((reports) => {
      const draws = reports.map(({ connectors }) => connectors[0].draw)
      highestA = Math.max(
        highestA,
        draws.reduce((sum, draw) => sum + draw, 0),
      )
    }, console.error)
  }, 500)

  const step = async (words, work) => {
    const fromMs = Date.now()
    await work()
    console.log(`${words} (${((Date.now() - fromMs) / 1000).toFixed(0)} s)`)
  }
  await step('all four are accepted', () =>
    Promise.all(cars.map((cp) => cp('wait-for accepted=yes'))),
  )
  await step('a car alone has more than its share', async () => {
    await first('plug tag=CAR_1 amps=32')
    await first('wait-for draw>=18 timeout=120')
  })
  await step('a second car gets some of it', async () => {
    await second('plug tag=CAR_2 amps=32')
    await second('wait-for draw>=6 timeout=180')
  })
  await step('a car that pauses gives its room away, and gets some again', async () => {
    await first('suspend')
    await first('wait-for status=SuspendedEV')
    await second('wait-for draw>=12 timeout=240')
    await first('resume')
    await first('wait-for draw>=6 timeout=240')
  })
  await step('four cars charge, each within its charger', async () => {
    await third('plug tag=CAR_3 amps=32')
    await fourth('plug tag=CAR_4 amps=32')
    await Promise.all(cars.map((cp) => cp('wait-for draw>=6 timeout=300')))
    await third('wait-for offer<=16 timeout=0')
    await fourth('wait-for offer<=8 timeout=0')
  })
  await step('all leave', async () => {
    await Promise.all(cars.map((cp) => cp('unplug')))
    await Promise.all(cars.map((cp) => cp('wait-for status=Available')))
  })
  clearInterval(watch)
  console.log(`together at most ${highestA.toFixed(1)} A of ${LIMIT_A} A`)
  if (highestA > LIMIT_A + 0.05) throw new Error('the cars drew more than the group may')
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  for (const child of processes.toReversed()) child.kill('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 2000))
  rmSync(folder, { recursive: true, force: true })
  process.exit()
}
