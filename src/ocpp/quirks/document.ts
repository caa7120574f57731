/** The page of the documentation that lists what is known of chargers: made of the records alone. */
import type { QuirkRecord } from '../../core/site/quirks.js'
import { QUIRK_RECORDS } from './records.js'
import { FIELD_REPORTS } from './reports.js'

export interface QuirkField {
  /** As it is stated with a charger. */
  readonly name: string
  readonly words: string
}

export function quirksDocument(
  fields: readonly QuirkField[],
  nameOf: (own: string) => string,
): string {
  const known = QUIRK_RECORDS.map((record) => [
    code(record.id),
    whom(record),
    Object.entries(record.quirks)
      .map(([own, value]) => code(`${nameOf(own)}: ${shown(value)}`))
      .join(' '),
    record.symptom,
    record.source,
  ])
  const reports = FIELD_REPORTS.map(({ who, what, records, why }, index) => [
    String(index + 1),
    who,
    what,
    records.map(code).join(' '),
    why,
  ])
  return [
    '# Chargers with ways of their own',
    '',
    'Made by `node scripts/generate-quirks-doc.js` from `src/ocpp/quirks`; a test compares.',
    '',
    'When a charger boots, it says its vendor, model and firmware. Of the records that fit, the later one',
    'wins, field by field; what you state with the charger (`quirks`, over REST or in the file) stands over',
    'all of them. `effective_quirks` of a charger shows what is gone by, and where each comes from.',
    'No quirk raises what is counted for a charger: a wrong one costs energy, never the limit.',
    '',
    '```yaml',
    'depot:',
    '  chargers:',
    '    - id: wall-1',
    '      name: Wall 1',
    '      parent_charge_group: vans',
    '      max_power_kw: 22',
    '      ocpp_charge_point_id: WALL_1',
    '      quirks: { kind: Relative, poll_meter_values: true, limit_rounding: 1 }',
    '      evses: [{ id: 1, max_power_kw: 22 }]',
    '```',
    '',
    '## What can be stated',
    '',
    ...table(
      ['name', 'what it does'],
      fields.map(({ name, words }) => [code(name), words]),
    ),
    '',
    'A charger with `auto_remote_start` starts for the id tag that stands for it (`own_id_tag`), where that',
    'may charge: with no id tags in the depot, with that tag among them, or with `authorisation` set to',
    '`free-vend` or `by-charger`.',
    '',
    '## What is known of models',
    '',
    ...table(['record', 'of', 'quirks', 'what was seen', 'reported in'], known),
    '',
    '## What is reported, and what is done about it',
    '',
    ...table(['', 'who', 'what', 'records', 'beside them, or instead'], reports),
    '',
  ].join('\n')
}

function whom({ vendor, model, firmware }: QuirkRecord): string {
  const { from, upTo } = firmware ?? {}
  return [
    vendor && `vendor ${code(vendor.source)}`,
    model && `model ${code(model.source)}`,
    from !== undefined && `firmware from ${from}`,
    upTo !== undefined && `firmware up to ${upTo}`,
  ]
    .filter((part) => typeof part === 'string')
    .join(', ')
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return value === 'remoteStop' ? 'remote_stop' : String(value)
}

function code(text: string): string {
  return `\`${text.replaceAll('|', String.raw`\|`)}\``
}

/** With columns as wide as the formatter of the repository makes them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows]
  const widths = head.map((_, at) => Math.max(3, ...all.map((cells) => cells[at]?.length ?? 0)))
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0, fill)).join(' | ')} |`
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((cells) => line(cells)),
  ]
}
