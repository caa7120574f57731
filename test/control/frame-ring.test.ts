import * as fc from 'fast-check'
import { test } from 'tap'
import { frameRing } from '../../src/control/frame-ring.js'
import type { FrameRecord } from '../../src/http/backend.js'

function record(seq: number, text: string): FrameRecord {
  const isCut = seq % 5 === 0
  const kind = seq % 2 === 0 ? 'sent' : 'received'
  return { seq, wallMs: 1e12 + seq, atMs: seq / 3, kind, text, ...(isCut && { cutFrom: seq }) }
}

test('whatever is added and forgotten, what is left reads as it was written', async (t) => {
  const length = fc.oneof(fc.nat(60), fc.nat(3_000), fc.nat(20_000))
  const steps = fc.array(
    fc.record({
      length,
      letter: fc.constantFrom('a', 'ß', '\u{1F50C}'),
      records: fc.integer({ min: 0, max: 60 }),
      bytes: fc.constantFrom(500, 5_000, 60_000, 200_000),
    }),
    { maxLength: 120 },
  )
  fc.assert(
    fc.property(steps, (all) => {
      const ring = frameRing()
      let model: FrameRecord[] = []
      for (const [seq, { length: units, letter, records, bytes }] of all.entries()) {
        const added = record(seq + 1, letter.repeat(Math.floor(units / letter.length)))
        ring.add(added)
        model.push(added)
        ring.trim({ records, bytes })
        const left = ring.after(0)
        // The latest of the model, and no gap among them.
        model = model.slice(model.length - left.length)
        if (left.length > records) return false
        if (left.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) > bytes) return false
        if (ring.lostSeq !== (left[0]?.seq ?? seq + 2) - 1) return false
        if (JSON.stringify(left) !== JSON.stringify(model)) return false
      }
      return true
    }),
    { numRuns: 150 },
  )
  t.pass()
})

test('as much is kept as may be', async (t) => {
  const ring = frameRing()
  for (let seq = 1; seq <= 1_000; seq++) {
    ring.add(record(seq, 'x'.repeat(100)))
    ring.trim({ records: 2_000, bytes: 20_000 })
  }
  const left = ring.after(0)
  t.ok(left.length > 100, `${left.length} of 164 bytes each`)
  t.same(
    ring.after(998).map(({ seq }) => seq),
    [999, 1_000],
  )
})
