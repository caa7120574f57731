import { readFileSync } from 'node:fs'
import { test } from 'tap'
import {
  QUIRK_NAMES,
  quirkFields,
  quirksFromWire,
  quirkWireName,
  quirksToWire,
} from '../../../src/config/quirk-schema.js'
import { chargerFieldsSchema } from '../../../src/config/depot-schema.js'
import { NO_QUIRKS, quirksOf, STATED } from '../../../src/core/site/quirks.js'
import type { QuirkRecord } from '../../../src/core/site/quirks.js'
import { quirksDocument } from '../../../src/ocpp/quirks/document.js'
import { QUIRK_RECORDS } from '../../../src/ocpp/quirks/records.js'
import { FIELD_REPORTS } from '../../../src/ocpp/quirks/reports.js'

const RECORDS: readonly QuirkRecord[] = [
  {
    id: 'all',
    vendor: /^acme/i,
    quirks: { kind: 'Relative', stackLevel: 0 },
    symptom: '',
    source: '',
  },
  {
    id: 'model',
    vendor: /^acme/i,
    model: /^x/,
    quirks: { stackLevel: 'max' },
    symptom: '',
    source: '',
  },
  {
    id: 'old',
    vendor: /^acme/i,
    firmware: { from: '1.2', upTo: '1.10.3' },
    quirks: { minCurrentA: 8 },
    symptom: '',
    source: '',
  },
]

function found(vendor: string, model: string, firmwareVersion?: string) {
  return quirksOf(RECORDS, { vendor, model, firmwareVersion }, undefined).values
}

test('of several records that fit the later one wins, field by field', async (t) => {
  t.same(found('ACME', 'x1'), { kind: 'Relative', stackLevel: 'max' })
  t.same(found('ACME', 'y1'), { kind: 'Relative', stackLevel: 0 })
  t.equal(
    quirksOf(RECORDS, { vendor: 'Other', model: 'x1', firmwareVersion: '1.5' }, undefined),
    NO_QUIRKS,
  )
})

test('what is stated stands over what is known, and says so', async (t) => {
  const identity = { vendor: 'ACME', model: 'x1', firmwareVersion: undefined }
  const { values, from } = quirksOf(RECORDS, identity, { kind: 'Absolute' })
  t.same(values, { kind: 'Absolute', stackLevel: 'max' })
  t.same(
    [...from],
    [
      ['kind', STATED],
      ['stackLevel', 'model'],
    ],
  )
})

test('versions are compared by their numbers; one without a number is of no range', async (t) => {
  for (const [version, isOld] of [
    ['1.2', true],
    ['V1.2.0-rc', true],
    ['1.10.3', true],
    ['1.9.99', true],
    ['1.10.4', false],
    ['1.1.9', false],
    ['2', false],
    ['unknown', false],
    [undefined, false],
  ] as const) {
    t.equal(found('acme', '', version).minCurrentA, isOld ? 8 : undefined, String(version))
  }
})

test('every quirk can be stated, and what was shown can be sent back', async (t) => {
  for (const { id, quirks } of QUIRK_RECORDS) {
    const wire = quirksToWire(quirks)
    t.same(quirksFromWire(wire), quirks, id)
    const charger = { name: 'A', max_power_kw: 22, parent_charge_group: 'g', quirks: wire }
    t.ok(chargerFieldsSchema.safeParse(charger).success, id)
  }
  const own = new Set(QUIRK_NAMES.map(([, name]) => name))
  t.equal(own.size, QUIRK_NAMES.length)
})

test('who slips is told all the names there are', async (t) => {
  const charger = {
    name: 'A',
    max_power_kw: 22,
    parent_charge_group: 'g',
    quirks: { stack: 0, unit: 'kW' },
  }
  const parsed = chargerFieldsSchema.safeParse(charger)
  t.notOk(parsed.success)
  const issues = parsed.error?.issues ?? []
  t.same(issues.map(({ path }) => path.join('.')).toSorted(), ['quirks.stack', 'quirks.unit'])
  const issue = issues.find(({ path }) => path.includes('stack'))
  for (const [name] of QUIRK_NAMES) t.match(issue?.message ?? '', name)
})

test('each report from the field has a record or a reason', async (t) => {
  t.equal(FIELD_REPORTS.length, 30)
  const ids = new Set(QUIRK_RECORDS.map(({ id }) => id))
  t.equal(ids.size, QUIRK_RECORDS.length)
  const reported = new Set<string>()
  for (const { who, records, why } of FIELD_REPORTS) {
    t.ok(records.length > 0 || why !== '', who)
    for (const id of records) {
      t.ok(ids.has(id), id)
      reported.add(id)
    }
  }
  t.same(
    [...ids].filter((id) => !reported.has(id)),
    [],
  )
})

test('the page of the documentation is what the records say', async (t) => {
  const page = readFileSync(new URL('../../../docs/quirks.md', import.meta.url), 'utf8')
  const isSame = page === quirksDocument(quirkFields(), quirkWireName)
  t.ok(isSame, 'else: npm run build && node scripts/generate-quirks-doc.js')
})
