import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { replayCommand } from '../../src/cli/replay.js'
import { defaultSettings } from '../../src/config/settings-of.js'
import { createController } from '../../src/controller.js'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { parseFrameFile } from '../../src/testing/frame-file.js'
import type { LoggedFrame } from '../../src/testing/frame-file.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import { replayFrames } from '../../src/testing/replay-frames.js'
import { simulatedDepot } from '../../src/testing/simulated-depot.js'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import { simulatedSite } from '../../src/testing/simulated-site.js'
import { recordedIo } from '../cli/recorded-io.js'

/** Ten minutes of a charger and a car, as the frames of it are downloaded. */
async function aLog(behaviour: Partial<Behaviour> = {}): Promise<string> {
  const clock = manualClock()
  const site = simulatedSite({ seed: 7, clock, chargers: 1 })
  const [charger] = site.chargePoints
  charger?.behave(behaviour)
  const settings = {
    ...defaultSettings({ host: '127.0.0.1' }),
    depot: simulatedDepot(site.chargePoints),
  }
  const controller = createController(settings, { ...site.ports, store: memoryStore() })
  await controller.start()
  site.start()
  await clock.advance(5000)
  charger?.plugIn(1, simulatedEv({ energyNeedWh: 40_000 }), { idTag: 'ME' })
  await clock.advance(600_000)
  charger?.unplug(1)
  await clock.advance(5000)
  const request = new Request('http://localhost/api/v1/chargers/CP001/frames')
  const response = await controller.handle(request, { remoteAddress: '127.0.0.1' })
  const text = await response.text()
  site.stop()
  await controller.stop()
  return text
}

function framesOf(text: string): readonly LoggedFrame[] {
  const read = parseFrameFile(text)
  if (!read.ok) throw new Error(read.problems.join('\n'))
  return read.frames
}

test('what was recorded is answered the same by the controller it was recorded with', async (t) => {
  const frames = framesOf(await aLog())
  const { exchanges, calls, warnings, view } = await replayFrames(frames)
  t.ok(exchanges.length > 60, `${exchanges.length} messages`)
  t.same(
    exchanges.filter(({ isSame }) => !isSame),
    [],
  )
  const start = exchanges.find(({ action }) => action === 'StartTransaction')
  t.match(start?.replayed, [3, { idTagInfo: { status: 'Accepted' } }])
  const set = calls.filter(({ action }) => action === 'SetChargingProfile')
  t.ok(set.length > 5, `${set.length} profiles`)
  t.match(set[0]?.answer, [3, { status: 'Accepted' }])
  t.same(warnings, [])
  t.same(view.sessions, [], 'the session has ended')
})

test('an answer that is not as it was is found', async (t) => {
  const text = await aLog()
  const wrong = text.replace(
    '\\"idTagInfo\\":{\\"status\\":\\"Accepted\\"',
    '\\"idTagInfo\\":{\\"status\\":\\"Blocked\\"',
  )
  t.not(wrong, text)
  const { exchanges } = await replayFrames(framesOf(wrong))
  t.match(
    exchanges.filter(({ isSame }) => !isSame),
    [
      {
        recorded: [3, { idTagInfo: { status: 'Blocked' } }],
        replayed: [3, { idTagInfo: { status: 'Accepted' } }],
      },
    ],
  )
})

test('a charger that refuses in the log refuses in the replay', async (t) => {
  const frames = framesOf(await aLog({ rejectsTxProfileAbove: 8 }))
  const { calls, exchanges } = await replayFrames(frames)
  t.ok(calls.some(({ answer }) => JSON.stringify(answer) === '[3,{"status":"Rejected"}]'))
  t.ok(exchanges.every(({ isSame }) => isSame))
})

test('a frame no charger should send is replayed as it came', async (t) => {
  const lines = (await aLog()).trimEnd().split('\n')
  const broken = { ...JSON.parse(lines[5] ?? ''), kind: 'received', text: 'no json {' }
  const frames = framesOf(
    [...lines.slice(0, 5), JSON.stringify(broken), ...lines.slice(5)].join('\n'),
  )
  const { warnings, exchanges } = await replayFrames(frames)
  t.match(warnings, [{ event: 'badFrame' }])
  t.ok(exchanges.every(({ isSame }) => isSame))
})

test('yardmaster replay says what is answered otherwise, and ends with 1', async (t) => {
  const text = await aLog()
  const file = join(t.testdir(), 'cp.jsonl')
  await writeFile(file, text)
  const same = recordedIo()
  t.equal(await replayCommand(file, {}, same), 0)
  t.match(same.stdout.at(-1), /messages of charge points, 0 answered otherwise than then/)
  await writeFile(file, text.replace('\\"interval\\":300', '\\"interval\\":60'))
  const other = recordedIo()
  t.equal(await replayCommand(file, {}, other), 1)
  t.match(other.stdout, [
    /BootNotification/,
    /then \[3,.*"interval":60/,
    /now {2}\[3,.*"interval":300/,
  ])
})

test('a file that is no log says so', async (t) => {
  const file = join(t.testdir(), 'cp.jsonl')
  for (const [content, problem] of [
    ['', /cp\.jsonl: it is empty/],
    ['{"seq":1}\n', /cp\.jsonl:1: this is no line of a frame log \(time /],
    ['nonsense\n', /cp\.jsonl:1: this is no line/],
  ] as const) {
    await writeFile(file, content)
    const io = recordedIo()
    t.equal(await replayCommand(file, {}, io), 2)
    t.match(io.stderr, [problem])
  }
  const io = recordedIo()
  t.equal(await replayCommand(`${file}.gone`, {}, io), 2)
  t.match(io.stderr, [/cannot be read/])
  await writeFile(file, await aLog())
  t.equal(await replayCommand(file, { config: 'config/minimal.yaml' }, io), 2)
  t.match(io.stderr.at(-1), /has no charger with the ocpp_charge_point_id CP001/)
})
