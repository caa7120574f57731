import { test } from 'tap'
import * as fc from 'fast-check'
import {
  digestOf,
  listMessages,
  nextVersion,
  wantedEntries,
} from '../../src/core/authorisation/local-list.js'
import type { ListEntry, ListMessage } from '../../src/core/authorisation/local-list.js'
import type { IdTag } from '../../src/core/site/depot.js'
import { EMPTY_DEPOT } from '../../src/core/site/depot.js'

function entries(tags: readonly IdTag[]): readonly ListEntry[] {
  const idTags = new Map(tags.map((tag) => [tag.idTag.toLowerCase(), tag]))
  return wantedEntries({ ...EMPTY_DEPOT, idTags })
}

/** As a charger does it (5.15), which refuses a differential update that is not newer. */
class Charger {
  version = 0
  list = new Map<string, ListEntry>()

  take(messages: readonly ListMessage[]): void {
    for (const { version, type, entries: part } of messages) {
      if (version < 1) throw new Error(`version ${version}`)
      if (type === 'Full') this.list.clear()
      else if (version <= this.version) throw new Error(`${version} after ${this.version}`)
      for (const entry of part) {
        if (entry.info) this.list.set(entry.idTag.toLowerCase(), entry)
        else if (type === 'Full') throw new Error('in a full list without info')
        else this.list.delete(entry.idTag.toLowerCase())
      }
      this.version = version
    }
  }
}

const tag: fc.Arbitrary<IdTag> = fc.record(
  {
    idTag: fc.integer({ min: 0, max: 40 }).map((n) => `T${n}`),
    blocked: fc.constant(true),
    parentIdTag: fc.constantFrom('G', 'H'),
    priority: fc.integer({ min: 0, max: 3 }),
  },
  { requiredKeys: ['idTag'] },
)
const tags = fc.uniqueArray(tag, { selector: ({ idTag }) => idTag, maxLength: 40 })

test('whatever changes, a charger has in the end what fits of the list, by version', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(tags, fc.boolean()), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 45 }),
      fc.integer({ min: 1, max: 20 }),
      (lists, most, atOnce) => {
        const charger = new Charger()
        let held: readonly ListEntry[] | undefined
        let known: { version: number; digest: string } | undefined
        for (const [list, isForgotten] of lists) {
          const wanted = entries(list)
          const version = nextVersion(known, 0)
          known = { version, digest: digestOf(wanted) }
          const limits = { entries: most, atOnce }
          charger.take(listMessages(wanted, isForgotten ? undefined : held, version, limits))
          held = wanted.slice(0, most)
          if (charger.version !== version) return false
          const has = [...charger.list.values()].map(({ idTag }) => idTag).toSorted()
          const wants = held.map(({ idTag }) => idTag).toSorted()
          if (JSON.stringify(has) !== JSON.stringify(wants)) return false
          if (
            digestOf([...held]) !==
            digestOf(held.map((e) => charger.list.get(e.idTag.toLowerCase()) ?? e))
          )
            return false
        }
        return true
      },
    ),
  )
  t.pass('in each of the histories')
})

test('of a change a charger is told the change alone, and what leaves first', async (t) => {
  const before = entries([{ idTag: 'A' }, { idTag: 'B' }, { idTag: 'C' }, { idTag: 'D' }])
  const after = entries([
    { idTag: 'A' },
    { idTag: 'B', blocked: true },
    { idTag: 'E' },
    { idTag: 'D' },
  ])
  const limits = { entries: 4, atOnce: 10 }
  t.match(listMessages(after, before, 20_000, limits), [
    {
      type: 'Differential',
      version: 20_000,
      isLast: true,
      entries: [
        { idTag: 'C', info: undefined },
        { idTag: 'E' },
        { idTag: 'B', info: { status: 'Blocked' } },
      ],
    },
  ])
})

test('an empty list is sent as one', async (t) => {
  t.match(listMessages([], undefined, 5, { entries: 9, atOnce: 9 }), [
    { type: 'Full', version: 5, entries: [], isLast: true },
  ])
})

test('versions are above 0, grow, and are of the day', async (t) => {
  t.ok(nextVersion(undefined, 0) > 0)
  t.equal(nextVersion({ version: 5, digest: '' }, 1_780_000_000_000), 1_780_000_000)
  t.ok(nextVersion({ version: 1_780_000_000, digest: '' }, 1_780_000_001_000) > 1_780_000_000)
})
