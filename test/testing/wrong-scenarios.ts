/** Scenario files with something wrong in them, and what is said about each. */

/** A file that is right, for tests that spoil one thing in it. */
export const RIGHT = `name: three cars
duration: 2h
quiet: 10m
start: 2026-03-02T06:00
site: {chargers: 3, limit_a: 40, timezone: Europe/Berlin}
limits: [{at: 0s, limit_a: 40}]
cars:
  arrivals:
    - {at: 06:10, charger: CP001, energy_kwh: 20}
    - {at: 15m, charger: CP002, energy_kwh: 20, leaves_at: 07:00}
faults:
  - {at: 06:30, cut: CP003}
  - {at: 06:40, heal: CP003}
expect:
  - {at: 1h, charger: CP001, offer_a: 16}
  - {node: yard, max_a: 40}
`

function spoiled(from: string, to: string): string {
  if (!RIGHT.includes(from)) throw new Error(`the right file has no ${from}`)
  return RIGHT.replace(from, to)
}

/** What is wrong, the whole file `s.yaml`, and every line that says so. */
export const WRONG: readonly (readonly [
  what: string,
  text: string,
  problems: readonly string[],
])[] = [
  [
    'an empty file',
    '',
    [
      's.yaml:1:1 duration: is missing: must be a duration such as 90s, 15m, 2h or 1h30m',
      's.yaml:1:1: states no depot: add "site: {chargers: 3, limit_a: 40}", or "settings:"',
    ],
  ],
  [
    'a slip in a key',
    spoiled('cut: CP003', 'cutt: CP003'),
    ['s.yaml:12:17 faults.0.cutt: unknown key; did you mean "cut"?'],
  ],
  [
    'a duration without a unit',
    spoiled('duration: 2h', 'duration: 2'),
    ['s.yaml:2:11 duration: must be a duration such as 90s, 15m, 2h or 1h30m, got 2'],
  ],
  [
    'an entry with two faults',
    spoiled('cut: CP003', 'cut: CP003, meter: silent'),
    ['s.yaml:12:5 faults.0: says cut and meter: one entry holds one fault, give each its own'],
  ],
  [
    'an entry without a fault',
    spoiled(', cut: CP003', ''),
    [
      's.yaml:12:5 faults.0: must say what goes wrong: one of cut, cut_half_open, heal, ' +
        'reset_connection, duplicate_connection, lose_frames, behave, answer_next, reboot, ' +
        'meter, meter_delay, limit_source, limit_a, crash, disk_fails, disk_hangs, clock_step, broker, ' +
        'broker_keeps_silent',
    ],
  ],
  [
    'chargers that are not there, and everything else at once',
    spoiled('cut: CP003', 'cut: CP004').replace('charger: CP002', 'charger: cp002'),
    [
      's.yaml:10:26 cars.arrivals.1.charger: the depot has no charger "cp002": it has CP001, CP002, CP003',
      's.yaml:12:22 faults.0.cut: the depot has no charger "CP004": it has CP001, CP002, CP003',
    ],
  ],
  [
    'a connector that is not there',
    spoiled('charger: CP001, energy', 'charger: CP001, connector: 2, energy'),
    ['s.yaml:9:46 cars.arrivals.0.connector: CP001 has one connector'],
  ],
  [
    'a time of day after the end',
    spoiled('at: 06:10', 'at: 05:00'),
    ['s.yaml:9:12 cars.arrivals.0.at: is later than the run lasts, 2h (23h after the start)'],
  ],
  [
    'a fault in the quiet part',
    spoiled('at: 06:40', 'at: 1h55m'),
    ['s.yaml:13:10 faults.1.at: falls into the last 10m, in which nothing goes wrong ("quiet")'],
  ],
  [
    'an expectation of nothing',
    spoiled(', offer_a: 16', ''),
    [
      's.yaml:15:5 expect.0: must claim something: offer_a, min_offer_a, max_offer_a, draw_a, ' +
        'reason, connected, transaction, status, max_a, min_a, charged_kwh, max_residual_as, min_transactions',
    ],
  ],
  [
    'a node that is not there',
    spoiled('node: yard', 'node: garage'),
    ['s.yaml:16:12 expect.1.node: the depot has no node "garage": it has site, yard, group1'],
  ],
  [
    'no depot',
    spoiled('site: {chargers: 3, limit_a: 40, timezone: Europe/Berlin}\n', ''),
    ['s.yaml:1:1: states no depot: add "site: {chargers: 3, limit_a: 40}", or "settings:"'],
  ],
  [
    'a depot beside the short form',
    `${RIGHT}settings: {depot: {}}\n`,
    ['s.yaml:17:12 settings.depot: is there beside the short form "site": state one of them'],
  ],
  [
    'a configuration that is wrong',
    `${RIGHT}settings: {balancing: {min_on: 5}, meter: []}\n`,
    [
      's.yaml:17:24 settings.balancing.min_on: unknown key; did you mean "min_on_s" (in seconds)?',
      's.yaml:17:36 settings.meter: unknown key; did you mean "meters"?',
    ],
  ],
  [
    'a zone that is none',
    spoiled('Europe/Berlin', 'Berlin'),
    [
      's.yaml:5:1 site: site.timezone: must be an IANA time zone such as Europe/Berlin, got "Berlin"',
    ],
  ],
  [
    'a start that is no date',
    spoiled('2026-03-02T06:00', '2026-02-30T06:00'),
    [
      's.yaml:4:8 start: must be a date and time such as 2026-03-02T06:00, with or without +01:00 ' +
        'or Z, got "2026-02-30T06:00"',
    ],
  ],
  [
    'limits that begin later',
    spoiled('at: 0s', 'at: 5m'),
    ['s.yaml:6:9 limits: must say what holds at the start: add {at: 0s, limit_a: ...}'],
  ],
]
