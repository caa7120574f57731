/** `yardmaster schedule`: from a file, from a data folder, for people and for programs. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { runProgram } from '../../src/cli/program.js'
import { withStore } from '../adapters/stored-folder.js'
import { recordedIo } from './recorded-io.js'

const CONFIG = `
site: { timezone: Europe/Berlin, fuse_a: 63 }
depot:
  constraints:
    - id: yard
      name: Yard
      type: constraint
      max_power_kw: 40
      schedule:
        - { days: [mon, tue, wed, thu, fri], from: '17:00', to: '20:00', max_power_kw: 24 }
    - { id: vans, name: Vans, type: charge_group, parent_id: yard, max_power_kw: 30, max_current_a: [50, 40, 40] }
`

async function ran(
  folder: string,
  ...args: readonly string[]
): Promise<ReturnType<typeof recordedIo>> {
  const config = join(folder, 'depot.yaml')
  await writeFile(config, CONFIG)
  const io = recordedIo()
  const code = await runProgram(['schedule', '--config', config, ...args], io)
  if (code !== 0) io.stderr.push(`exit code ${code}`)
  return io
}

test('each node of the file has its day, with what binds it and where', async (t) => {
  const { stdout, stderr } = await ran(t.testdir(), '--date', '2026-06-12')
  t.same(stderr, [])
  t.same(stdout, [
    'Depot (site), fri 2026-06-12, Europe/Berlin',
    '  00:00-24:00  63 A (main fuse)',
    'Yard (yard), fri 2026-06-12, Europe/Berlin',
    '  00:00-17:00  63 A (main fuse); 40 kW (configured limit)',
    '  17:00-20:00  63 A (main fuse); 24 kW (schedule 17:00 to 20:00)',
    '  20:00-24:00  63 A (main fuse); 40 kW (configured limit)',
    'Vans (vans), fri 2026-06-12, Europe/Berlin',
    '  00:00-17:00  L1 50 A (configured limit); L2 40 A (configured limit); L3 40 A (configured limit); 30 kW (configured limit)',
    '  17:00-20:00  L1 50 A (configured limit); L2 40 A (configured limit); L3 40 A (configured limit); 24 kW (schedule 17:00 to 20:00 of Yard)',
    '  20:00-24:00  L1 50 A (configured limit); L2 40 A (configured limit); L3 40 A (configured limit); 30 kW (configured limit)',
  ])
})

test('the depot of a data folder goes over that of the file, as for run', async (t) => {
  const folder = t.testdir()
  const constraint = { id: 'gate', name: 'Gate', type: 'constraint', max_power_kw: 11 }
  await withStore(folder, (store) =>
    store.saveDepot({
      depot: { version: 1, constraints: [constraint], chargers: [], id_tags: [] },
      access: {},
    }),
  )
  const args = ['--data-dir', folder, '--constraint', 'gate', '--date', '2026-06-12', '--json']
  const { stdout } = await ran(folder, ...args)
  t.match(JSON.parse(stdout.join('\n')), [
    {
      node_id: 'gate',
      date: '2026-06-12',
      timezone: 'Europe/Berlin',
      windows: [
        {
          from: '00:00',
          to: '24:00',
          starts_at: '2026-06-11T22:00:00Z',
          ends_at: '2026-06-12T22:00:00Z',
          entries: [],
          max_current_a: { l1: { limit: 63, source: 'main fuse', node_id: 'site' } },
          max_power_kw: { limit: 11, source: 'configured limit', node_id: 'gate' },
        },
      ],
    },
  ])
})

for (const [what, args, words] of [
  [
    'a node that is not there',
    ['--constraint', 'gate'],
    /no constraint .* "gate": there are site, yard, vans/,
  ],
  [
    'a folder without a depot',
    ['--data-dir', '/nowhere'],
    /no depot in \/nowhere: name the folder of run/,
  ],
  ['a day that is not there', ['--date', '2026-02-30'], /It must be a date such as 2026-12-24/],
] as const) {
  test(`refused with what to do: ${what}`, async (t) => {
    const { stdout, stderr } = await ran(t.testdir(), ...args)
    t.same(stdout, [])
    t.match(stderr.join('\n'), words)
    t.match(stderr.join('\n'), /exit code 2/)
  })
}
