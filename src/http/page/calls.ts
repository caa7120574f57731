/** What an operator can ask of a charger: a line each. `fields` are those of the call in REST. */
import type { Field, Option } from './field.js'
import type { Charger } from './wire.js'

export interface CallSpec {
  /** By its name in OCPP 1.6. */
  readonly action: string
  readonly label: string
  readonly fields: (charger: Charger) => readonly Field[]
  /** What it costs; asked about first. */
  readonly danger?: string
}

export const CALLS: readonly CallSpec[] = [
  {
    action: 'RemoteStartTransaction',
    label: 'Start charging',
    fields: (charger) => [
      { kind: 'text', name: 'id_tag', label: 'Id tag', required: true },
      connector(charger, { label: 'Connector', none: 'whichever is free' }),
    ],
  },
  {
    action: 'RemoteStopTransaction',
    label: 'Stop charging',
    fields: (charger) => [
      {
        kind: 'choice',
        name: 'transaction_id',
        label: 'Session',
        numbers: true,
        required: true,
        options: charger.evses.flatMap(({ id, transaction_id: transaction }) =>
          transaction === null
            ? []
            : [{ value: String(transaction), label: `${transaction} on connector ${id}` }],
        ),
      },
    ],
    danger: 'The session ends; the car may not go on by itself.',
  },
  {
    action: 'UnlockConnector',
    label: 'Unlock the cable',
    fields: (charger) => [connector(charger, { label: 'Connector' })],
    danger: 'A running session on it ends.',
  },
  {
    action: 'ChangeAvailability',
    label: 'Put in or out of service',
    fields: (charger) => [
      {
        kind: 'choice',
        name: 'type',
        label: 'Service',
        required: true,
        options: [
          { value: 'Operative', label: 'in service' },
          { value: 'Inoperative', label: 'out of service' },
        ],
      },
      connector(charger, { label: 'Of', whole: true }),
    ],
    danger: 'Out of service, nobody can start to charge there until you put it back.',
  },
  {
    action: 'Reset',
    label: 'Restart the charger',
    fields: () => [
      {
        kind: 'choice',
        name: 'type',
        label: 'How',
        required: true,
        options: [
          { value: 'Soft', label: 'soft: ends sessions properly first' },
          { value: 'Hard', label: 'hard: at once' },
        ],
      },
    ],
    danger:
      'Running sessions end. Until it has taken its limits again it counts at its hardware maximum, so others may have to give way.',
  },
  {
    action: 'TriggerMessage',
    label: 'Ask for a message',
    fields: (charger) => [
      {
        kind: 'choice',
        name: 'message',
        label: 'Message',
        required: true,
        options: [
          'StatusNotification',
          'MeterValues',
          'BootNotification',
          'Heartbeat',
          'DiagnosticsStatusNotification',
          'FirmwareStatusNotification',
        ].map(same),
      },
      connector(charger, { label: 'Connector', none: 'all' }),
    ],
  },
  {
    action: 'ReserveNow',
    label: 'Keep a connector for an id tag',
    fields: (charger) => [
      { kind: 'text', name: 'id_tag', label: 'Id tag', required: true },
      connector(charger, { label: 'Connector', none: 'whichever is free' }),
      { kind: 'datetime', name: 'until', label: 'Until', required: true },
    ],
  },
  {
    action: 'CancelReservation',
    label: 'End a reservation',
    fields: () => [
      {
        kind: 'number',
        name: 'reservation_id',
        label: 'Number of the reservation',
        whole: true,
        required: true,
      },
    ],
  },
  {
    action: 'GetDiagnostics',
    label: 'Fetch its log',
    fields: () => [
      { kind: 'datetime', name: 'from', label: 'Nothing older than' },
      {
        kind: 'text',
        name: 'location',
        label: 'Where to send it',
        placeholder: 'ftp://user:secret@host/folder/',
        hint: 'Left empty: to this gateway.',
      },
    ],
  },
  {
    action: 'UpdateFirmware',
    label: 'Update the firmware',
    fields: () => [
      { kind: 'text', name: 'location', label: 'Where it is', placeholder: 'https://host/file' },
      { kind: 'text', name: 'file', label: 'or id of firmware on this gateway' },
      { kind: 'datetime', name: 'retrieve_at', label: 'When', hint: 'Left empty: now.' },
    ],
    danger: 'The charger restarts; sessions end. A wrong file may make it useless.',
  },
  {
    action: 'GetCompositeSchedule',
    label: 'Ask which limit it holds',
    fields: (charger) => [connector(charger, { label: 'Of', whole: true })],
  },
  { action: 'GetLocalListVersion', label: 'Ask for its list of id tags', fields: () => [] },
  {
    action: 'ClearCache',
    label: 'Forget the id tags it remembers',
    fields: () => [],
  },
  {
    action: 'ClearChargingProfile',
    label: 'Clear all charging profiles',
    fields: () => [],
    danger:
      'Also profiles of others. Refused while a car charges; the fallback is sent again at once.',
  },
]

function connector(
  { evses }: Charger,
  { label, none, whole = false }: { label: string; none?: string; whole?: boolean },
): Field {
  const all: readonly Option[] = whole ? [{ value: '0', label: 'the whole charger' }] : []
  const options = [
    ...all,
    ...evses.map(({ id }) => ({ value: String(id), label: `connector ${id}` })),
  ]
  return {
    kind: 'choice',
    name: 'connector_id',
    label,
    numbers: true,
    options,
    ...(none === undefined ? { required: true } : { hint: `Left empty: ${none}.` }),
  }
}

function same(value: string): Option {
  return { value, label: value }
}
