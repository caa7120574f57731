/** Tables of vehicles, as fleets keep them. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { readCsv } from '../../src/config/import/csv.js'
import { departuresFromWords } from '../../src/config/import/departure-words.js'
import { vehicleTable } from '../../src/config/import/vehicle-csv.js'

function texts(text: string): unknown {
  const read = readCsv(text)
  return read.ok
    ? read.rows.map((row) => row.map((cell) => cell.text))
    : read.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

test('a CSV text is read cell by cell, with its quotes, delimiters and line ends', async (t) => {
  t.same(texts('a,b\r\n1,2\r\n'), [
    ['a', 'b'],
    ['1', '2'],
  ])
  t.same(texts('\uFEFFa;b\n"x;y";"say ""hi"""\n\n;\n'), [
    ['a', 'b'],
    ['x;y', 'say "hi"'],
  ])
  t.same(texts('a,b\n"two\nlines",c'), [
    ['a', 'b'],
    ['two\nlines', 'c'],
  ])
  t.same(texts('"a;b",c\n1,2'), [
    ['a;b', 'c'],
    ['1', '2'],
  ])
  t.same(texts(''), [])
})

test('every cell knows where it begins, also behind one of several lines', async (t) => {
  const read = readCsv('a,b\n"x\ny",z\nq,r')
  t.match(read, {
    rows: [
      [{ line: 1, column: 1 }, { column: 3 }],
      [
        { line: 2, column: 1 },
        { text: 'z', line: 3, column: 4 },
      ],
      [
        { line: 4, column: 1 },
        { line: 4, column: 3 },
      ],
    ],
  })
})

for (const [what, text, problem] of [
  ['a quote that stays open', 'a\n"b', /^2:1 this quote is never closed/],
  ['text behind a quote', 'a,b\n"b"c,d', /^2:4 after a closing quote/],
  ['a quote inside', 'a,b\nx,5" rim', /^2:4 a quote inside a cell/],
  ['another encoding', 'name\nM\uFFFDller', /^2:2 this is not UTF-8: save the file as/],
] as const) {
  test(`${what} is refused with its place`, async (t) => {
    t.match(texts(text), [problem])
  })
}

test('what is written by the rules comes back as it was', async () => {
  const cell = fc.string().map((text) => text.replaceAll(/[\r\0\uFEFF\uFFFD]/g, '').trim())
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 })
  fc.assert(
    fc.property(rows, (given) => {
      const quoted = given.map((row) =>
        row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','),
      )
      const kept = given.filter((row) => row.some((text) => text !== ''))
      return JSON.stringify(texts(quoted.join('\n'))) === JSON.stringify(kept)
    }),
  )
})

test('no text makes the reader throw', async () => {
  fc.assert(fc.property(fc.string(), (text) => vehicleTable(text).ok !== undefined))
  fc.assert(fc.property(fc.string(), (text) => departuresFromWords(text).ok !== undefined))
})

for (const [words, weekly, oneOff] of [
  ['daily 5:30', [{ time: '05:30' }], []],
  ['05:30 80%', [{ time: '05:30', target_soc: 80 }], []],
  [
    'Mon-Fri 05:30 80 %; sat+sun 07:00 16,5 kWh',
    [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], time: '05:30', target_soc: 80 },
      { days: ['sat', 'sun'], time: '07:00', target_kwh: 16.5 },
    ],
    [],
  ],
  ['fri-mon 22:00', [{ days: ['mon', 'fri', 'sat', 'sun'], time: '22:00' }], []],
  [
    '2026-12-24 12:00 90%|2026-12-25 none',
    [],
    [{ date: '2026-12-24', time: '12:00', target_soc: 90 }, { date: '2026-12-25' }],
  ],
] as const) {
  test(`"${words}" are departures`, async (t) => {
    t.same(departuresFromWords(words), { ok: true, weekly, oneOff })
  })
}

test('a table gives the fields that REST takes', async (t) => {
  const text = [
    'Name;ID tags;battery_kwh;phases;target_soc;Departures',
    'Bus 14;04A2 04A3;300;3;80;"mon-fri 05:30; sat 07:00 60%"',
    'Van;;16,5;;;',
  ].join('\n')
  t.match(vehicleTable(text), {
    ok: true,
    rows: [
      {
        line: 2,
        name: 'Bus 14',
        fields: {
          id_tags: ['04A2', '04A3'],
          battery_kwh: 300,
          phases: 3,
          target_soc: 80,
          departures: [{ time: '05:30' }, { days: ['sat'], time: '07:00', target_soc: 60 }],
          one_off_departures: [],
        },
      },
      { line: 3, id: undefined, fields: { name: 'Van', battery_kwh: 16.5, id_tags: undefined } },
    ],
  })
})

test('all that is wrong with a table is told at once, with its place and what to do', async (t) => {
  const text = [
    'name,id_tags,phases,battery_kwh,target_soc,target_kwh,departures',
    'Bus 14,A,4,300,,,',
    ',B,,,,,',
    'Bus 15,a,,much,80,20,mon 25:00',
    'Bus 16,C,,60,,,"mon 05:30 80%; someday 05:30"',
    'bus 14,D,,,,,',
    'Bus 17,E,,,,,,,surplus',
  ].join('\n')
  const table = vehicleTable(text)
  const lines = table.ok
    ? []
    : table.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
  t.match(lines, [
    /^2:10 phases: must be 1, 2 or 3, got 4/,
    /^3:1 name: is missing/,
    /^4:1 the id tag "a" is in line 2 already/,
    /^4:11 battery_kwh: must be a number .*got "much"/,
    /^4:\d+ departures.0.time: must be a time from 00:00 to 23:59/,
    /^5:31 "someday 05:30" is no departure: "someday" names no days/,
    /^6:1 the name "bus 14" is in line 2 already/,
    /^7:16 there are more cells than the 7 columns/,
  ])
  t.match(vehicleTable('nmae,phases\n'), {
    problems: [{ line: 1, column: 1, message: /no column "nmae"; there are: id, name,/ }],
  })
  t.match(vehicleTable('phases\n3'), { problems: [{ message: /column "name" is missing/ }] })
  t.match(vehicleTable(''), { problems: [{ message: /the file is empty/ }] })
})
