import { test } from 'tap'
import { problemText } from '../../src/config/problem.js'
import { OBEDIENT } from '../../src/testing/behaviour.js'
import {
  behaviourKey,
  behaviourKeys,
  behaviourOf,
  behaviourSchema,
} from '../../src/testing/scenario-file/behaviour-keys.js'
import { faultsYaml } from '../../src/testing/scenario-file/fault-yaml.js'
import { readScenario } from '../../src/testing/scenario-file/read.js'
import type { ScenarioFile } from '../../src/testing/scenario-file/scenario-file.js'
import { scenarioOf } from '../../src/testing/scenario-file/scenario-file.js'
import { durationMs, durationText } from '../../src/testing/scenario-file/times.js'
import { localClockText } from '../../src/testing/scenario-file/wall-time.js'
import { RIGHT, WRONG } from './wrong-scenarios.js'

const noSecret = (): string => {
  throw new Error('no secret')
}

function problemsOf(text: string): string[] {
  const read = readScenario(text, 's.yaml', noSecret)
  return read.ok ? [] : read.problems.map(problemText)
}

function fileOf(text: string): ScenarioFile {
  const read = readScenario(text, 's.yaml', noSecret)
  if (!read.ok) throw new Error(read.problems.map(problemText).join('\n'))
  return read.file
}

for (const [what, text, problems] of WRONG) {
  test(`refused with its place: ${what}`, async (t) => {
    t.same(problemsOf(text), problems)
  })
}

test('the file that the wrong ones are made from is right', async (t) => {
  t.same(problemsOf(RIGHT), [])
})

test('times of day are in the zone of the site, durations count from the start', async (t) => {
  const scenario = scenarioOf(fileOf(RIGHT))
  // 06:00 in Berlin in winter.
  t.equal(scenario.startWallMs, Date.UTC(2026, 2, 2, 5))
  t.same(
    scenario.arrivals.map(({ atMs, leavesAtMs }) => [atMs, leavesAtMs]),
    [
      [600_000, undefined],
      [900_000, 3_600_000],
    ],
  )
  t.same(scenario.faults, [
    { atMs: 1_800_000, fault: { type: 'cut', charger: 'CP003', halfOpen: false } },
    { atMs: 2_400_000, fault: { type: 'heal', charger: 'CP003' } },
  ])
})

test('a time of day after the clocks went forward is as early as they show it', async (t) => {
  const text = RIGHT.replace('2026-03-02T06:00', '2026-03-29T00:30').replaceAll(
    /at: 06:/g,
    'at: 01:',
  )
  const { faults, startWallMs } = scenarioOf(
    fileOf(text.replace('leaves_at: 07:00', 'leaves_at: 03:15')),
  )
  t.equal(faults[0]?.atMs, 3_600_000)
  const { arrivals } = scenarioOf(fileOf(text.replace('leaves_at: 07:00', 'leaves_at: 03:15')))
  t.equal(arrivals[0]?.leavesAtMs, 6_300_000, 'an hour is missing')
  t.equal(localClockText(startWallMs, 6_300_000, 'Europe/Berlin'), '03:15:00')
})

test('an offset in the start goes over the zone of the site', async (t) => {
  const { startWallMs } = scenarioOf(fileOf(RIGHT.replace('06:00', '06:00+02:00')))
  t.equal(startWallMs, Date.UTC(2026, 2, 2, 4))
})

test('the short form is a depot with a limit, groups, a meter and a source of the limit', async (t) => {
  const { settings, chargers } = scenarioOf(
    fileOf(
      'duration: 1h\nsite: {chargers: 12, limit_a: 110, connectors: 2}\nlimits: [{at: 0s, limit_a: 90}]\nbase_load: {low_a: 2, high_a: 14}',
    ),
  )
  t.same([...(settings.depot?.constraints.keys() ?? [])], ['yard', 'group1', 'group2'])
  t.same(settings.depot?.constraints.get('yard')?.maxCurrentA, [110, 110, 110])
  t.equal(settings.depot?.chargers.size, 12)
  t.match(settings.meters, [{ id: 'meter', constraintId: 'yard', worstBaseLoadA: [14, 14, 14] }])
  t.match(settings.limitSources, [{ id: 'grid', fallback: 90 }])
  t.match(chargers[1], {
    identity: 'CP002',
    connectors: [{ maxCurrentA: 32, phases: 3, phaseRotation: 'STR' }, {}],
  })
})

test('settings beside the short form go over what it stands for', async (t) => {
  const { settings } = scenarioOf(
    fileOf(
      'duration: 1h\nsite: {chargers: 1, fuse_a: 63}\nsettings: {site: {name: Hof}, balancing: {min_on_s: 60}}',
    ),
  )
  t.match(settings, { site: { name: 'Hof', fuseA: 63 }, balance: { minOnS: 60 } })
})

test('a whole configuration is simulated with the devices that the simulation has', async (t) => {
  const { settings, chargers } = scenarioOf(
    fileOf(`duration: 1h
limits: [{at: 0s, limit_a: 30}]
settings:
  site: {fuse_a: 63}
  limit_sources:
    - {id: dso, modbus_tcp: {host: 10.0.0.6}, register: {address: 0, function_code: 3, type: uint16}, unit: A, fallback: 30}
  depot:
    constraints: [{id: vans, name: Vans, type: charge_group, max_power_kw: 22}]
    chargers:
      - {id: v1, name: V1, max_power_kw: 11, parent_charge_group: vans, ocpp_charge_point_id: BOX1, evses: [{id: 1, max_power_kw: 11, phase_rotation: STR}]}
      - {id: v2, name: V2, max_power_kw: 11, parent_charge_group: vans}
`),
  )
  t.match(settings.limitSources, [{ id: 'grid', fallback: 30 }])
  t.same(chargers, [
    { identity: 'BOX1', connectors: [{ maxCurrentA: 16, phases: 3, phaseRotation: 'STR' }] },
  ])
})

test('behaviours are by name, later entries on top of earlier ones', async (t) => {
  const { chargers } = scenarioOf(
    fileOf(`duration: 1h
site: {chargers: 3}
chargers:
  - {charger: all, answer_delay: 2s}
  - {charger: [CP002, CP003], rejects_profiles: true, relative_duration_from: receipt}
`),
  )
  t.same(
    chargers.map(({ behaviour }) => behaviour),
    [
      { answerDelayMs: 2000 },
      { answerDelayMs: 2000, rejectsProfiles: true, relativeDurationFrom: 'receipt' },
      { answerDelayMs: 2000, rejectsProfiles: true, relativeDurationFrom: 'receipt' },
    ],
  )
})

test('every behaviour of a simulated charger has a key', async (t) => {
  const known = Object.keys(behaviourSchema.shape)
  t.same(Object.keys(OBEDIENT).map(behaviourKey).toSorted(), known.toSorted())
  const parsed = behaviourSchema.parse(
    behaviourKeys({ ...OBEDIENT, replaysOfflineQueue: 'outOfOrder' }),
  )
  t.match(behaviourOf(parsed), { minCurrentA: 6, replaysOfflineQueue: 'outOfOrder' })
})

const EVERY_FAULT = `faults:
  - { at: 1s, cut: CP001 }
  - { at: 2s, cut_half_open: CP001 }
  - { at: 3s, heal: CP001 }
  - { at: 4s, reset_connection: CP001 }
  - { at: 5s, duplicate_connection: CP001 }
  - { at: 6s, lose_frames: { charger: CP001, to: gateway, count: 2 } }
  - { at: 7s, behave: { charger: CP001, answer_delay: 2s500ms, never_answers: [ SetChargingProfile ], clock_offset: -1h, starts_offline: false } }
  - { at: 8s, answer_next: { charger: CP001, action: SetChargingProfile, answers: [ reject, lose_answer ] } }
  - { at: 9s, reboot: { charger: CP001, keep_profiles: false } }
  - { at: 10s, meter: not_a_number }
  - { at: 11s, limit_source: failing }
  - { at: 12s, limit_a: 20 }
  - { at: 13s, crash: { down: 20s, on: profile } }
  - { at: 14s, disk_fails: { writes: 3 } }
  - { at: 15s, disk_hangs: { for: 5s } }
  - { at: 1m, clock_step: -1h }
  - { at: 1m1s, broker: down }`

test('every fault is read, and written back as it was', async (t) => {
  const text = `duration: 1h
site: {chargers: 1}
limits: [{at: 0s, limit_a: 20}]
settings: {mqtt: {url: "mqtt://broker"}}
${EVERY_FAULT}
`
  t.equal(faultsYaml(scenarioOf(fileOf(text)).faults), EVERY_FAULT)
})

test('random faults are the same for a seed, others for another, and leave the quiet part alone', async (t) => {
  const file = fileOf(
    'duration: 4h\nquiet: 10m\nsite: {chargers: 5}\nrandom_faults: {per_hour: 20, of: [cut, reject, meter]}',
  )
  const faults = scenarioOf(file, { seed: '7' }).faults
  t.same(scenarioOf(file, { seed: '7' }).faults, faults)
  t.notSame(scenarioOf(file, { seed: '8' }).faults, faults)
  t.ok(faults.length > 60 && faults.length < 240, `${faults.length}`)
  t.ok(faults.every(({ atMs }) => atMs <= 230 * 60_000))
  const kinds = new Set(faults.map(({ fault }) => fault.type))
  t.same([...kinds].toSorted(), ['answerNext', 'cut', 'heal', 'meter'])
})

test('a duration that is stated over the file leaves out what would be later', async (t) => {
  const scenario = scenarioOf(fileOf(RIGHT), { durationMs: 35 * 60_000 })
  t.equal(scenario.durationMs, 35 * 60_000)
  t.same(
    scenario.faults.map(({ fault }) => fault.type),
    ['cut'],
  )
})

test('durations are read and written', async (t) => {
  for (const [text, ms] of [
    ['0s', 0],
    ['250ms', 250],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ] as const) {
    t.equal(durationMs(text), ms, text)
    t.equal(durationMs(durationText(ms)), ms)
  }
  for (const text of ['', '5', '5x', 'm', '-5m', '5s5m', '5 m'])
    t.equal(durationMs(text), undefined, text)
})
