/** Files that people give us: each is taken, or refused with the place of every problem. */
import { readdirSync, readFileSync } from 'node:fs'
import { balanzModel } from '../../../dist/config/import/balanz-model.js'
import { icsDates } from '../../../dist/config/import/ics-dates.js'
import { vehicleTable } from '../../../dist/config/import/vehicle-csv.js'
import { parseSettings } from '../../../dist/config/load.js'
import { readScenario } from '../../../dist/testing/scenario-file/read.js'
import { depotYaml } from '../depot.js'
import { mutateText, longText } from '../mutate.js'

const example = (name) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')

const ICS = `BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261225
DTEND;VALUE=DATE:20261227
SUMMARY:Weihnachten
RRULE:FREQ=YEARLY
END:VEVENT
BEGIN:VEVENT
DTSTART:20260501T000000Z
SUMMARY:Tag der
  Arbeit
END:VEVENT
END:VCALENDAR
`
const VEHICLES = `name,id_tags,battery_kwh,max_current_a,phases,priority,departures
Bus 1,"CAR1;CAR2",300,32,3,2,"Mo-Fr 06:00"
"Bus ""2""",CAR3,280,,,,
`
const GROUPS = `group_id,description,parent_id,max_allocation
default,All,,"00:00-05:59>0=24:48;06:00-19:59>0=12:24"
yard,Yard,default,
`
const CHARGERS = `charger_id,alias,group_id,no_connectors,priority,description,conn_max
CP1,one,yard,1,1,x,32
CP2,two,yard,2,1,y,16
`
const TAGS = `id_tag,user_name,parent_id_tag,description,status,priority
TAG1,me,,x,Activated,1
`

const noSecret = () => {
  throw new Error('there is none')
}

export async function files() {
  const scenarios = readdirSync(
    new URL('../../../docs/examples/scenarios/', import.meta.url),
  ).filter((name) => /\.ya?ml$/.test(name))
  const kinds = [
    [
      'a configuration',
      [depotYaml(), example('config/example.yaml')],
      (text) => parseSettings(text, 'a.yaml'),
    ],
    [
      'a scenario',
      scenarios.map((name) => example(`docs/examples/scenarios/${name}`)),
      (text) => readScenario(text, 'a.yaml', noSecret),
    ],
    ['a calendar', [ICS], icsDates],
    ['a table of vehicles', [VEHICLES], vehicleTable],
    [
      'a balanz model',
      [GROUPS],
      (text) => balanzModel({ groups: text, chargers: CHARGERS, tags: TAGS }),
    ],
    [
      'balanz chargers',
      [CHARGERS],
      (text) => balanzModel({ groups: GROUPS, chargers: text, tags: TAGS }),
    ],
    [
      'balanz tags',
      [TAGS],
      (text) => balanzModel({ groups: GROUPS, chargers: CHARGERS, tags: text }),
    ],
  ]
  let given
  return {
    async each(random) {
      const [kind, texts, read] = random.pick(kinds)
      given = {
        kind,
        text: random.chance(0.98)
          ? mutateText(random.pick(texts), random)
          : longText(random, 65_536),
      }
      const result = read(given.text)
      if (result.ok) return
      if (result.problems.length === 0) throw new Error(`${kind} is refused without a problem`)
      for (const { line, column, message } of result.problems) {
        if (!(line >= 1) || !(column >= 1) || !message)
          throw new Error(`${kind}: a problem without a place: ${line}:${column} ${message}`)
      }
    },
    input: () => given,
    look: undefined,
    lookEvery: 1,
    growthMiB: 16,
    async stop() {},
  }
}
