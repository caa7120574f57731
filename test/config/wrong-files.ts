/** Configuration files with something wrong in them, and what is said about each. */

/** A file that is right, for tests that spoil one thing in it. */
export const RIGHT = `site: {fuse_a: 63}
meters:
  - id: grid
    modbus_tcp: {host: 10.0.0.5}
    registers:
      current_a:
        - {address: 6, function_code: 4, type: float32}
        - {address: 8, function_code: 4, type: float32}
        - {address: 10, function_code: 4, type: float32}
    worst_base_load_a: 20
limit_sources:
  - id: dso
    constraint_id: vans
    modbus_tcp: {host: 10.0.0.6}
    register: {address: 0, function_code: 3, type: uint16}
    unit: W
    fallback: 12000
depot:
  constraints:
    - {id: vans, name: Vans, type: charge_group, max_power_kw: 22}
  chargers:
    - id: van-1
      name: Van 1
      max_power_kw: 11
      parent_charge_group: vans
      ocpp_charge_point_id: CP1
      evses: [{id: 1, max_power_kw: 11, max_current_a: 16}]
`

function spoiled(from: string, to: string): string {
  if (!RIGHT.includes(from)) throw new Error(`the right file has no ${from}`)
  return RIGHT.replace(from, to)
}

const URL_PROBLEM =
  'c.yaml:1:13 mqtt.url: must be mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; user and password ' +
  'have own keys'

/** What is wrong, the whole file `c.yaml`, and every line that says so. */
export const WRONG: readonly (readonly [
  what: string,
  text: string,
  problems: readonly string[],
])[] = [
  [
    'a key that is there twice',
    'site:\n  fuse_a: 63\n  fuse_a: 100\n',
    ['c.yaml:3:3: this key is there twice in the same section'],
  ],
  [
    'a tab as indentation',
    'site:\n\tfuse_a: 63\n',
    ['c.yaml:2:1: indented with a tab; YAML takes spaces only'],
  ],
  [
    'a second document',
    'site: {}\n---\nhttp: {}\n',
    ['c.yaml:2:1: a second document begins here; the configuration is one document'],
  ],
  [
    'nesting beyond reason',
    '['.repeat(50_000),
    ['c.yaml:1:1: nested far too deeply for a configuration'],
  ],
  ['a list as the whole file', '- site\n', ['c.yaml:1:1: must be an object, got a list of 1']],
  [
    'a section without content',
    'http: {}\nsite:\n',
    ['c.yaml:2:1 site: must be an object, got null: give the key a value or leave it out'],
  ],
  [
    'an unknown section',
    'balance: {min_on_s: 5}\n',
    ['c.yaml:1:1 balance: unknown key; did you mean "balancing"?'],
  ],
  [
    'a letter missing',
    'http:\n  prt: 8000\n',
    ['c.yaml:2:3 http.prt: unknown key; did you mean "port"?'],
  ],
  [
    'no unit, in another style',
    'ocpp:\n  pingInterval: 20\n',
    [
      'c.yaml:2:3 ocpp.pingInterval: unknown key; did you mean "ping_interval_ms" (in milliseconds)?',
    ],
  ],
  [
    'a key of another section',
    'contract_kw: 40\n',
    ['c.yaml:1:1 contract_kw: unknown key here; it belongs in "site"'],
  ],
  [
    'a key nobody can guess',
    'http: {colour: red}\n',
    ['c.yaml:1:8 http.colour: unknown key; expected one of host, port, public_url, loopback_trust'],
  ],
  [
    'a relay that is there twice',
    `relays:
  - {id: a, modbus_tcp: {host: h}, coil: 0}
  - {id: a, modbus_tcp: {host: h}, coil: 1}
`,
    ['c.yaml:3:10 relays.1.id: "a" is there twice'],
  ],
  [
    'a key that is a trap in JavaScript',
    '__proto__: {fuse_a: 1}\n',
    [
      'c.yaml:1:1 __proto__: unknown key; expected one of site, http, ocpp, authorisation, balancing, watchdog, meters, ' +
        'limit_sources, relays, holidays, mqtt, depot',
    ],
  ],
  [
    'the unit beside the number',
    'site: {fuse_a: 63 A}\n',
    [
      'c.yaml:1:16 site.fuse_a: must be a number, got "63 A": leave the unit out, the key states it',
    ],
  ],
  [
    'a number out of range, half a port',
    'http: {port: 70000}\nocpp: {listen: {port: 80.5}}\n',
    [
      'c.yaml:1:14 http.port: must be at most 65535, got 70000',
      'c.yaml:2:23 ocpp.listen.port: must be a whole number, got 80.5',
    ],
  ],
  [
    'no number at all',
    'site: {fuse_a: .nan}\n',
    ['c.yaml:1:16 site.fuse_a: must be a number, got NaN'],
  ],
  [
    'a truth of YAML 1.1',
    'http: {loopback_trust: yes}\n',
    ['c.yaml:1:24 http.loopback_trust: must be true or false, got "yes"'],
  ],
  [
    'a choice that is none',
    'mqtt: {url: "mqtt://b", commands: some}\n',
    ['c.yaml:1:35 mqtt.commands: must be off or lower-only or all, got "some"'],
  ],
  [
    'an unknown time zone',
    'site:\n  timezone: Europe/Berln\n',
    [
      'c.yaml:2:13 site.timezone: must be an IANA time zone such as Europe/Berlin, got "Europe/Berln"',
    ],
  ],
  ['a broker URL of another kind', 'mqtt: {url: "http://broker"}\n', [URL_PROBLEM]],
  ['a password in the broker URL', 'mqtt: {url: "mqtts://u:p@broker"}\n', [URL_PROBLEM]],
  [
    'an id that reads as a number',
    spoiled('ocpp_charge_point_id: CP1', 'ocpp_charge_point_id: 0017'),
    [
      'c.yaml:26:29 depot.chargers.0.ocpp_charge_point_id: must be 1 to 64 printable characters, ' +
        'without spaces around them, got 17: put it in quotes',
    ],
  ],
  [
    'something left out that has no default',
    spoiled('    worst_base_load_a: 20\n', ''),
    [
      'c.yaml:3:5 meters.0.worst_base_load_a: is missing: must be from 0 to 100000 A: one number ' +
        'for all phases, [l1, l2, l3] or {"l1":, "l2":, "l3":}',
    ],
  ],
  [
    'a meter of two phases',
    spoiled('        - {address: 10, function_code: 4, type: float32}\n', ''),
    ['c.yaml:7:9 meters.0.registers.current_a: must have a length of at least 3, got a list of 2'],
  ],
  [
    'registers that overlap',
    spoiled('address: 8', 'address: 7'),
    [
      'c.yaml:8:21 meters.0.registers.current_a.1.address: registers 7 to 8 (float32) overlap ' +
        'those of registers.current_a.0',
    ],
  ],
  [
    'a register past the end of the address space',
    spoiled('address: 10', 'address: 65535'),
    [
      'c.yaml:9:21 meters.0.registers.current_a.2.address: float32 takes 2 registers: from 65535 ' +
        'that is past 65535',
    ],
  ],
  [
    'a scale that makes every value 0',
    spoiled('type: uint16}', 'type: uint16, scale: 0}'),
    ['c.yaml:15:67 limit_sources.0.register.scale: must not be 0: every value would read 0'],
  ],
  [
    'a node that does not exist',
    spoiled('constraint_id: vans', 'constraint_id: van'),
    [
      'c.yaml:13:20 limit_sources.0.constraint_id: no constraint below "depot" has the id "van"; ' +
        'leave it out for the whole site',
    ],
  ],
  [
    'two meters at one node',
    spoiled(
      'limit_sources:\n',
      '  - {id: grid, modbus_tcp: {host: a}, worst_base_load_a: 1, registers: {current_a: [' +
        '{address: 0, function_code: 3, type: int16}, {address: 1, function_code: 3, type: int16}, ' +
        '{address: 2, function_code: 3, type: int16}]}}\nlimit_sources:\n',
    ),
    [
      'c.yaml:11:5 meters.1: the whole site is measured by meter "grid" already; a node has one meter',
      'c.yaml:11:10 meters.1.id: "grid" is there twice',
    ],
  ],
  [
    'one address for two listeners',
    'ocpp: {listen: {host: 0.0.0.0, port: 8000}}\n',
    [
      'c.yaml:1:16 ocpp.listen: is the address of "http" (port 8000): leave "listen" out to share it',
    ],
  ],
  [
    'answers slower than the refresh',
    'ocpp:\n  profile_duration_s: 60\n  profile_timeout_ms: 20000\n',
    [
      'c.yaml:3:23 ocpp.profile_timeout_ms: must be below a third of profile_duration_s ' +
        '(20000 ms), at which offers are refreshed, got 20000',
    ],
  ],
  [
    'two passwords',
    'mqtt:\n  url: mqtt://b\n  password: a\n  password_file: b\n',
    ['c.yaml:4:3 mqtt.password_file: is there beside "password": state one of them'],
  ],
  [
    'a password that reads as a number, without telling it',
    'mqtt: {url: "mqtt://b", password: 4711}\n',
    ['c.yaml:1:35 mqtt.password: must be text: put it in quotes'],
  ],
  [
    'a window that is no time',
    spoiled(
      'max_power_kw: 22}',
      'max_power_kw: 22, schedule: [{from: "7:00", to: "24:00", max_power_kw: 3}]}',
    ),
    [
      'c.yaml:20:86 depot.constraints.0.schedule.0.from: must be a time from 00:00 to 23:59 ' +
        '(HH:MM), got "7:00"',
    ],
  ],
  [
    'windows whose fields do not go together',
    `depot:
  constraints:
    - id: a
      name: A
      type: constraint
      max_power_kw: 9
      schedule_timezone: Berlin
      schedule:
        - { from: '17:00', max_power_kw: 3 }
        - { dates: ['2026-02-30'], no_limit: true }
        - { dates: ['2026-12-24/2026-12-01'], days: [mon], max_power_kw: 3 }
        - { from: '2026-06-14T16:00', to: '22:00', max_power_kw: 3 }
        - { from: '2026-06-14T16:00', to: '2026-06-14T16:00', max_power_kw: 3 }
        - { season: { from: 11-01, to: 2027-03-01 }, max_power_kw: 3 }
        - { days: [sat], max_power_kw: 3, no_limit: true }
        - { no_limit: true }
        - { days: [sun] }
`,
    [
      'c.yaml:7:26 depot.constraints.0.schedule_timezone: must be an IANA time zone such as ' +
        'Europe/Berlin, got "Berlin"',
      'c.yaml:9:11 depot.constraints.0.schedule.0: has "from" without "to": state both, or ' +
        'neither for the whole day',
      'c.yaml:10:21 depot.constraints.0.schedule.1.dates.0: there is no 2026-02-30 in the calendar',
      'c.yaml:11:21 depot.constraints.0.schedule.2.dates.0: must end after it begins, got ' +
        '"2026-12-24/2026-12-01"',
      'c.yaml:11:53 depot.constraints.0.schedule.2.days: does not go with the rest: an exception is ' +
        'on the days of dates and holidays. Leave it out',
      'c.yaml:12:43 depot.constraints.0.schedule.3.to: must have a date too, as the other end has: ' +
        '2026-06-14T22:00, got "22:00"',
      'c.yaml:13:43 depot.constraints.0.schedule.4.to: must be after from (2026-06-14T16:00), got ' +
        '"2026-06-14T16:00"',
      'c.yaml:14:40 depot.constraints.0.schedule.5.season.to: must be like from: both with a year ' +
        'or both without, got "2027-03-01"',
      'c.yaml:15:53 depot.constraints.0.schedule.6.no_limit: is true beside max_power_kw: state one ' +
        'of them',
      'c.yaml:16:23 depot.constraints.0.schedule.7.no_limit: is what holds without a default: remove ' +
        'this entry',
      'c.yaml:17:11 depot.constraints.0.schedule.8: must limit something: max_power_kw, ' +
        'max_current_a, ceilings (or no_limit: true)',
    ],
  ],
  [
    'two defaults, and a list of holidays that is not there',
    `holidays:
  - { id: nrw, dates: ['2026-12-25', '2026-13-01'] }
depot:
  constraints:
    - id: a
      name: A
      type: constraint
      max_power_kw: 9
      schedule:
        - { max_power_kw: 3 }
        - { max_current_a: 3 }
`,
    [
      'c.yaml:2:38 holidays.0.dates.1: must be a date such as "2026-12-25", got "2026-13-01"',
      'c.yaml:11:11 depot.constraints.0.schedule.1: is a second default beside entry 0: state when ' +
        'it holds (from and to, days, season, dates or holidays), or remove one',
    ],
  ],
  [
    'a list of holidays that is not there',
    `holidays:
  - { id: nrw, dates: ['2026-12-25'] }
depot:
  constraints:
    - id: a
      name: A
      type: constraint
      max_power_kw: 9
      schedule: [{ holidays: bayern, no_limit: true }]
`,
    [
      'c.yaml:9:30 depot.constraints.0.schedule.0.holidays: "bayern" is no list below "holidays" of ' +
        'the configuration file (there is nrw): add it there',
    ],
  ],
  [
    'a charger in no group',
    spoiled('parent_charge_group: vans', 'parent_charge_group: cars'),
    ['c.yaml:25:28 depot.chargers.0.parent_charge_group: no charge group has the id "cars"'],
  ],
  [
    'the minimum of an EVSE above its maximum',
    spoiled('max_current_a: 16', 'max_current_a: 5'),
    ['c.yaml:27:15 depot.chargers.0.evses.0.min_current_a: 6 A is above the maximum of 5 A'],
  ],
  [
    'the unit of a limit in words',
    spoiled('max_power_kw: 22}', 'max_power_kw: 22, limit_amps: 32}'),
    [
      'c.yaml:20:68 depot.constraints.0.limit_amps: unknown key; did you mean max_current_a or ' +
        'base_load_a?',
    ],
  ],
  [
    'fallbacks that do not fit below the grid limit without a controller',
    spoiled('max_current_a: 16', 'max_current_a: 16, fallback_current_a: 15').replace(
      '12000',
      '9000',
    ),
    [
      'c.yaml:20:7 depot.constraints.0: the fallbacks of 1 EVSEs below "Vans" add up to 45.0 A ' +
        'summed over the phases, but its lowest limit less the worst base load leaves 39.1 A: ' +
        '5.9 A too much. Lower fallback_current_a (or use "auto"), or raise the limit',
    ],
  ],
  [
    'fallbacks that do not fit below the fuse',
    spoiled('max_current_a: 16', 'max_current_a: 16, fallback_current_a: 15').replace('63', '30'),
    [
      'c.yaml:1:7 site: the fallbacks of 1 EVSEs below "Depot" add up to 15.0 A on L1, but its ' +
        'lowest limit less the worst base load leaves 10.0 A: 5.0 A too much. Lower ' +
        'fallback_current_a (or use "auto"), or raise the limit',
    ],
  ],
  [
    'much at once, in the order of the file, a reference in a sound section among it',
    spoiled('fuse_a: 63', 'fuse_kw: 63')
      .replace('unit: W', 'unit: kW')
      .replace('parent_charge_group: vans', 'parent_charge_group: cars'),
    [
      'c.yaml:1:8 site.fuse_kw: unknown key; did you mean "fuse_a" (in amperes)?',
      'c.yaml:16:11 limit_sources.0.unit: must be A or W, got "kW"',
      'c.yaml:25:28 depot.chargers.0.parent_charge_group: no charge group has the id "cars"',
    ],
  ],
]
