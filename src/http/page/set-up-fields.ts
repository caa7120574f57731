/** What is set up at a depot: of each kind its fields, its columns and its words. */
import type { Field, Option } from './field.js'
import { placedNodes } from './state.js'
import type { SiteState } from './state.js'
import { amps, phasesText } from './words.js'

export interface Kind {
  /** As in the address and in REST. */
  readonly name: 'constraints' | 'chargers' | 'id-tags' | 'vehicles'
  readonly title: string
  readonly one: string
  readonly about: string
  readonly fields: (state: () => SiteState, id: string | undefined) => readonly Field[]
  readonly columns: readonly string[]
  /** One text for each column. */
  readonly cells: (item: Item, state: SiteState) => readonly string[]
  readonly idOf: (item: Item) => string
  readonly nameOf: (item: Item) => string
}

/** As REST answers it. */
export type Item = Readonly<Record<string, unknown>>

const PRIORITY = { kind: 'number', name: 'priority', label: 'Priority', whole: true } as const
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].join(', ')

const constraints: Kind = {
  name: 'constraints',
  title: 'Limits',
  one: 'constraint or charge group',
  about:
    'The tree below the grid connection. Chargers belong to charge groups. Fuse and contract of the connection are in the configuration file.',
  fields: (state, id) => [
    { kind: 'text', name: 'name', label: 'Name', required: true },
    {
      kind: 'choice',
      name: 'type',
      label: 'Kind',
      required: true,
      initial: 'charge_group',
      options: [
        { value: 'charge_group', label: 'charge group: holds chargers' },
        { value: 'constraint', label: 'constraint: holds other nodes' },
      ],
    },
    {
      kind: 'choice',
      name: 'parent_id',
      label: 'Below',
      hint: 'Empty: directly below the grid connection.',
      options: () => nodeOptions(state(), id),
    },
    { kind: 'number', name: 'max_power_kw', label: 'At most in all', unit: 'kW', required: true },
    {
      kind: 'phases',
      name: 'max_current_a',
      label: 'At most per phase',
      unit: 'A',
      hint: 'One figure, or three for L1, L2, L3 with commas.',
    },
    {
      kind: 'number',
      name: 'base_load_a',
      label: 'Load here that nobody measures or controls',
      unit: 'A on each phase',
    },
    { ...PRIORITY, hint: 'Higher goes first. Empty: that of the node above.' },
    {
      kind: 'json',
      name: 'schedule',
      label: 'Schedule',
      placeholder:
        '[{"days": ["mon", "tue"], "from": "17:00", "to": "20:00", "max_current_a": 24}]',
      hint: 'A list of windows as REST takes them. What comes of it is shown on the view "Schedule".',
    },
  ],
  columns: ['Name', 'Kind', 'Below', 'Limit'],
  cells: (item, state) => [
    text(item['name']),
    item['type'] === 'charge_group' ? 'charge group' : 'constraint',
    state.constraints.get(text(item['parent_id']))?.name ?? 'grid connection',
    limitCell(item),
  ],
  idOf: (item) => text(item['id']),
  nameOf: (item) => text(item['name']),
}

const chargers: Kind = {
  name: 'chargers',
  title: 'Chargers',
  one: 'charger',
  about:
    'A charger dials in by itself: set its backend URL to ws://THIS-GATEWAY:8000/ocpp/ followed by its charge point id.',
  fields: (state) => [
    { kind: 'text', name: 'name', label: 'Name', required: true },
    {
      kind: 'text',
      name: 'ocpp_charge_point_id',
      label: 'Charge point id',
      hint: 'How the charger calls itself; upper and lower case count.',
    },
    {
      kind: 'choice',
      name: 'parent_charge_group',
      label: 'Charge group',
      required: true,
      options: () => groupOptions(state()),
    },
    {
      kind: 'number',
      name: 'max_power_kw',
      label: 'Power of all its connectors',
      unit: 'kW',
      required: true,
    },
    {
      kind: 'choice',
      name: 'is_active',
      label: 'Use',
      required: true,
      initial: 'Active',
      options: [
        { value: 'Active', label: 'in use' },
        { value: 'Inactive', label: 'switched off: offers nothing' },
      ],
    },
    { ...PRIORITY, hint: 'Higher goes first. Empty: that of its group.' },
    {
      kind: 'choice',
      name: 'authorisation',
      label: 'Who may charge',
      required: true,
      initial: 'id-tag',
      options: [
        { value: 'id-tag', label: 'who has an accepted id tag' },
        { value: 'free-vend', label: 'anybody' },
        { value: 'by-charger', label: 'also whoever the charger itself starts' },
      ],
    },
    {
      kind: 'text',
      name: 'own_id_tag',
      label: 'Id tag that stands for the charger',
      hint: 'Empty: its charge point id.',
    },
    {
      kind: 'rows',
      name: 'evses',
      label: 'Connectors',
      add: 'Add a connector',
      hint: 'A connector that the charger has reported by itself is set up as soon as you save it here.',
      columns: [
        { kind: 'number', name: 'id', label: 'Number', whole: true, required: true },
        { kind: 'number', name: 'max_power_kw', label: 'Power', unit: 'kW', required: true },
        {
          kind: 'choice',
          name: 'phases',
          label: 'Phases',
          numbers: true,
          options: ['3', '1'].map(same),
        },
        {
          kind: 'choice',
          name: 'phase_rotation',
          label: 'Wired as',
          options: ['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR'].map(same),
        },
        { kind: 'number', name: 'max_current_a', label: 'Most', unit: 'A' },
        { kind: 'number', name: 'min_current_a', label: 'Least', unit: 'A' },
      ],
    },
    {
      kind: 'check',
      name: 'isolated',
      label: 'Its breaker is open: counts nothing until it connects',
    },
    {
      kind: 'check',
      name: 'expiry_verified',
      label: 'It is known to let limits expire by themselves',
      hint: 'A probe finds out, in the dialog of the charger.',
    },
    {
      kind: 'number',
      name: 'profile_duration_s',
      label: 'Its limits expire after',
      unit: 's',
      whole: true,
      hint: 'Empty: as for all. 600 for one that writes limits to flash.',
    },
  ],
  columns: ['Name', 'Charge point id', 'Group', 'Power', 'Connection'],
  cells: (item, state) => [
    text(item['name']),
    text(item['ocpp_charge_point_id']),
    state.constraints.get(text(item['parent_charge_group']))?.name ?? '',
    `${text(item['max_power_kw'])} kW`,
    item['connected'] === true
      ? 'connected'
      : item['last_seen'] === null
        ? 'never connected'
        : 'offline',
  ],
  idOf: (item) => text(item['id']),
  nameOf: (item) => text(item['name']),
}

const idTags: Kind = {
  name: 'id-tags',
  title: 'Id tags',
  one: 'id tag',
  about: 'Without any, every card may charge. With one, only those listed and not blocked.',
  fields: (_state, id) => [
    ...(id === undefined
      ? [{ kind: 'text', name: 'id_tag', label: 'Id tag', required: true } as const]
      : []),
    { ...PRIORITY, hint: 'Higher goes first. Empty: that of the charger.' },
    { kind: 'check', name: 'blocked', label: 'Blocked: refused at every charger' },
    { kind: 'datetime', name: 'expires_at', label: 'Accepted until', hint: 'Empty: for ever.' },
    {
      kind: 'text',
      name: 'parent_id_tag',
      label: 'Its group',
      hint: 'Who has the same may stop what another of them started.',
    },
    {
      kind: 'number',
      name: 'max_active_transactions',
      label: 'Charges at so many connectors at once',
      whole: true,
      hint: 'Empty: at any number.',
    },
  ],
  columns: ['Id tag', 'Priority', ''],
  cells: (item) => [
    text(item['id_tag']),
    text(item['priority']),
    item['blocked'] === true ? 'blocked' : '',
  ],
  idOf: (item) => text(item['id_tag']),
  nameOf: (item) => text(item['id_tag']),
}

const DEPARTURE: readonly Field[] = [
  { kind: 'number', name: 'target_soc', label: 'Charged to', unit: '%' },
  { kind: 'number', name: 'target_kwh', label: 'or energy', unit: 'kWh' },
]

const vehicles: Kind = {
  name: 'vehicles',
  title: 'Vehicles',
  one: 'vehicle',
  about:
    'A vehicle is known by its id tags. Who says when it leaves with what is charged for that, and you are warned early when it will not do.',
  fields: () => [
    { kind: 'text', name: 'name', label: 'Name', required: true },
    {
      kind: 'list',
      name: 'id_tags',
      label: 'Id tags',
      placeholder: '04A2B9C1, 04A2B9C2',
      hint: 'With commas between them.',
    },
    { kind: 'number', name: 'battery_kwh', label: 'Battery', unit: 'kWh' },
    { kind: 'number', name: 'max_current_a', label: 'The most it takes', unit: 'A per phase' },
    {
      kind: 'choice',
      name: 'phases',
      label: 'Phases it charges on',
      numbers: true,
      options: ['3', '2', '1'].map(same),
    },
    { ...PRIORITY, hint: 'Before that of its id tag, its charger and its group.' },
    {
      kind: 'number',
      name: 'target_soc',
      label: 'Where a departure states no target: charged to',
      unit: '%',
    },
    { kind: 'number', name: 'target_kwh', label: 'or energy', unit: 'kWh' },
    {
      kind: 'rows',
      name: 'departures',
      label: 'Leaves each week',
      add: 'Add a departure',
      columns: [
        { kind: 'list', name: 'days', label: 'Days', placeholder: DAYS, hint: 'Empty: every day.' },
        { kind: 'time', name: 'time', label: 'At', required: true },
        ...DEPARTURE,
      ],
    },
    {
      kind: 'rows',
      name: 'one_off_departures',
      label: 'Leaves on one day',
      hint: 'On that day the week does not count.',
      add: 'Add a day',
      columns: [
        { kind: 'date', name: 'date', label: 'Date', required: true },
        { kind: 'time', name: 'time', label: 'At', hint: 'Empty: it stays.' },
        ...DEPARTURE,
      ],
    },
  ],
  columns: ['Name', 'Id tags', 'Battery', 'Departures'],
  cells: (item) => [
    text(item['name']),
    Array.isArray(item['id_tags']) ? item['id_tags'].join(', ') : '',
    item['battery_kwh'] === null ? '' : `${text(item['battery_kwh'])} kWh`,
    Array.isArray(item['departures']) && item['departures'].length > 0
      ? `${item['departures'].length} a week`
      : '',
  ],
  idOf: (item) => text(item['id']),
  nameOf: (item) => text(item['name']),
}

export const KINDS: readonly Kind[] = [constraints, chargers, idTags, vehicles]

function nodeOptions(state: SiteState, own: string | undefined): readonly Option[] {
  return placedNodes(state)
    .filter(({ id, depth }) => depth > 0 && id !== own)
    .map(({ id, node, above }) => ({ value: id, label: [...above, node.name].join(' › ') }))
}

export function groupOptions(state: SiteState): readonly Option[] {
  return placedNodes(state)
    .filter(({ node }) => 'type' in node && node.type === 'charge_group')
    .map(({ id, node, above }) => ({ value: id, label: [...above, node.name].join(' › ') }))
}

function limitCell({ max_current_a: current, max_power_kw: kw }: Item): string {
  const perPhase = typeof current === 'object' && current !== null ? Object.values(current) : []
  const [l1, l2, l3]: readonly unknown[] = perPhase
  const known = typeof l1 === 'number' && typeof l2 === 'number' && typeof l3 === 'number'
  const words = known ? `${phasesText({ l1, l2, l3 })}, ` : ''
  return `${words}${typeof kw === 'number' ? amps(kw) : text(kw)} kW`
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function same(value: string): Option {
  return { value, label: value }
}
