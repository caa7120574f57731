/** `yardmaster import`: files of others become a configuration that `check` accepts. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { runProgram } from '../../src/cli/program.js'
import { recordedIo } from './recorded-io.js'

const GROUPS = `group_id,description,max_allocation
RR2,Road Runner 2 Site,00:00-23:59>0=24:3=40:5=48
Default,Default Group for autoregistered chargers,
`
const CHARGERS = `charger_id,alias,group_id,no_connectors,priority,description,conn_max,auth_sha
TACW224317G584,RR2-01,RR2,1,3,"RR2, high",32.0,
TACW223437G682,RR2-04,RR2,2,1,,8.0,
`
const TAGS = `id_tag,user_name,parent_id_tag,description,status,priority
FE7FF01E,Michael Miller,,,Activated,10
DB08E534,Corp EV 5,ACME,,Blocked,
`

async function ran(
  ...args: readonly string[]
): Promise<ReturnType<typeof recordedIo> & { code: number }> {
  const io = recordedIo()
  const code = await runProgram(args, io)
  return { ...io, code }
}

test('the model of balanz becomes a file that check accepts', async (t) => {
  const folder = t.testdir({ 'groups.csv': GROUPS, 'chargers.csv': CHARGERS, 'tags.csv': TAGS })
  const out = join(folder, 'depot.yaml')
  const made = await ran(
    'import',
    'balanz',
    folder,
    '--out',
    out,
    '--timezone',
    'Europe/Copenhagen',
  )
  t.match(made, { code: 0, stdout: [] })
  t.match(made.stderr, [/group Default is left out/, /parent_id_tag is left out/, /written/])
  const checked = await ran('check', '--config', out)
  t.match(checked, { code: 0, stderr: [] })
  t.match(checked.stdout.join('\n'), /times in Europe\/Copenhagen.*2 with 3 EVSEs, 33\.1 kW/s)
  const day = await ran('schedule', '--config', out, '--date', '2026-06-12', '--constraint', 'RR2')
  t.match(
    day.stdout.at(-1),
    /00:00-24:00 {2}48 A .* 24 A for priorities from 0 on; 40 A .* from 3 on/,
  )

  const again = await ran('import', 'balanz', folder, '--out', out)
  t.match(again, {
    code: 1,
    stderr: [/./, /./, /cannot be written: .*Name a file that is not there yet/],
  })
})

test('what cannot be represented is refused with file, line and column', async (t) => {
  const folder = t.testdir({
    'groups.csv': GROUPS.replace('00:00-23:59>0=24', '00:00-24:00>0=24'),
    'chargers.csv': CHARGERS,
  })
  const { code, stdout, stderr } = await ran('import', 'balanz', folder)
  t.equal(code, 2)
  t.same(stdout, [])
  t.same(stderr, [
    `${join(folder, 'groups.csv')}:2:30: 24:00 is no time of balanz: write 23:59, the end is inclusive`,
  ])
  t.match(await ran('import', 'balanz', join(folder, 'nowhere')), {
    code: 2,
    stderr: [/nowhere\/groups\.csv:1:1: cannot be read/, /chargers\.csv:1:1: cannot be read/],
  })
})

test('a calendar becomes a list of holidays that a schedule names', async (t) => {
  const folder = t.testdir({
    'nrw.ics':
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261225\nSUMMARY:Christmas\nEND:VEVENT\nEND:VCALENDAR\n',
  })
  const { code, stdout } = await ran('import', 'holidays', join(folder, 'nrw.ics'), '--name', 'nrw')
  t.equal(code, 0)
  const config = join(folder, 'depot.yaml')
  const depot = `depot:
  constraints:
    - { id: a, name: A, type: constraint, max_power_kw: 9, schedule: [{ holidays: nrw, max_power_kw: 3 }] }
`
  await writeFile(config, `${stdout.join('\n')}\n${depot}`)
  const day = await ran('schedule', '--config', config, '--date', '2026-12-25', '--constraint', 'a')
  t.match(day.stdout, [/A \(a\)/, /3 kW \(exception of the schedule, 00:00 to 24:00\)/])
})
