import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { diskStore } from '../../src/adapters/disk-store.js'
import { segmentName } from '../../src/adapters/journal-segment.js'
import { EMPTY, loaded, record, withStore } from './stored-folder.js'

function edit(t: Test, folder: string, name: string, change: (bytes: Buffer) => Buffer): string {
  const path = join(folder, name)
  t.ok(statSync(path).size > 0, `${name} has content before the damage`)
  writeFileSync(path, change(readFileSync(path)))
  return path
}

const flipped =
  (offset: number) =>
  (bytes: Buffer): Buffer => {
    const position = offset < 0 ? bytes.length + offset : offset
    bytes[position] = (bytes[position] ?? 0) ^ 1
    return bytes
  }

const DOCUMENT_DAMAGES: readonly [string, (bytes: Buffer) => Buffer][] = [
  ['empty', () => Buffer.alloc(0)],
  ['all zeros', (bytes) => Buffer.alloc(bytes.length)],
  ['cut short', (bytes) => bytes.subarray(0, -5)],
  ['cut in the header', (bytes) => bytes.subarray(0, 20)],
  ['longer', (bytes) => Buffer.concat([bytes, Buffer.from(' ')])],
  ['changed in one bit', flipped(-3)],
  ['edited by hand', () => Buffer.from('{"limitA":1}')],
]

for (const [damage, change] of DOCUMENT_DAMAGES) {
  test(`a document that is ${damage} is set aside and its previous copy used`, async (t) => {
    const folder = t.testdir({})
    await withStore(folder, async (store) => {
      for (const limitA of [1, 2, 3]) await store.saveDepot({ limitA })
    })
    const damaged = readFileSync(edit(t, folder, 'depot.json', change))
    const state = await loaded(folder)
    t.same(state.depot, { limitA: 2 })
    const aside = readdirSync(folder).find((name) => name.startsWith('corrupt-')) ?? 'none'
    t.same(readFileSync(join(folder, aside)), damaged, 'the damaged file is kept')
    await withStore(folder, async (store) => {
      await store.saveDepot({ limitA: 4 })
      await store.saveDepot({ limitA: 5 })
    })
    t.match(await loaded(folder), { depot: { limitA: 5 }, recovered: [] })
    t.ok(readdirSync(folder).includes(aside), 'and stays')
  })
}

test('both copies damaged: undefined, said so, nothing overwritten, usable again', async (t) => {
  const folder = t.testdir({})
  await withStore(folder, async (store) => {
    await store.saveDepot({ limitA: 1 })
    await store.saveDepot({ limitA: 2 })
  })
  const damaged = ['depot.json', 'depot.json.prev'].map((name) =>
    readFileSync(edit(t, folder, name, flipped(-2))),
  )
  const state = await loaded(folder)
  t.equal(state.depot, undefined)
  t.match(state.recovered.join('\n'), /corrupt-\d+-depot\.json[^]*restore a backup/)
  const store = diskStore(folder)
  await store.load()
  for (const limitA of [3, 4]) await store.saveDepot({ limitA })
  await store.close()
  t.same((await loaded(folder)).depot, { limitA: 4 })
  const kept = readdirSync(folder).filter((name) => name.startsWith('corrupt-'))
  t.same(
    kept.toSorted((a, b) => a.length - b.length).map((name) => readFileSync(join(folder, name))),
    damaged,
  )
})

test('at most five damaged files of a document are kept, the newest', async (t) => {
  const folder = t.testdir({})
  for (let time = 1; time <= 9; time++) {
    const store = diskStore(folder, { now: () => time })
    await store.load()
    await store.saveDepot({ time })
    await store.close()
    if (time < 9) edit(t, folder, 'depot.json', flipped(-2))
  }
  const kept = readdirSync(folder).filter((name) => name.startsWith('corrupt-'))
  const expected = [4, 5, 6, 7, 8].map((time) => `corrupt-${time + 1}-depot.json`)
  t.same(kept.toSorted(), expected)
})

const TAILS: readonly [string, (bytes: Buffer) => Buffer][] = [
  ['torn', (bytes) => bytes.subarray(0, -4)],
  ['without its line end', (bytes) => bytes.subarray(0, -1)],
  ['changed in one bit', flipped(-4)],
  [
    'zeros',
    (bytes) => Buffer.concat([bytes.subarray(0, bytes.indexOf('"number":3')), Buffer.alloc(99)]),
  ],
]

for (const [damage, change] of TAILS) {
  test(`a last record that is ${damage} is cut off and kept aside`, async (t) => {
    const folder = t.testdir({})
    await withStore(folder, async (store) => {
      for (const number of [1, 2, 3]) await store.append([record(number)])
    })
    edit(t, folder, segmentName(1), change)
    t.match(await loaded(folder), {
      journal: [record(1), record(2)],
      recovered: [/damaged/, /kept/],
    })
    t.same(await loaded(folder), { ...EMPTY, journal: [record(1), record(2)] }, 'told once')
    await withStore(folder, (store) => store.append([record(4)]))
    t.same(await loaded(folder), { ...EMPTY, journal: [record(1), record(2), record(4)] })
    t.equal(readdirSync(folder).filter((name) => name.endsWith('.tail')).length, 1)
  })
}

test('damage in the middle of the journal: what follows is kept aside, not used, and told', async (t) => {
  const folder = t.testdir({})
  for (const number of [1, 3, 5])
    await withStore(folder, (store) => store.append([record(number), record(number + 1)]))
  const later = readFileSync(join(folder, segmentName(3)))
  edit(t, folder, segmentName(2), flipped(-2))
  const state = await loaded(folder)
  t.same(state.journal, [record(1), record(2), record(3)])
  t.match(state.recovered, [
    /journal-00000002\.log is damaged/,
    /kept in journal-00000002-\d+\.tail/,
  ])
  const tail = readdirSync(folder).find((name) => name.endsWith('.tail')) ?? 'none'
  const kept = readFileSync(join(folder, tail))
  t.same(kept.subarray(-later.length), later, 'the later segment is in the tail file')
  await withStore(folder, (store) => store.append([record(9)]))
  const again = await loaded(folder)
  t.same(again, { ...EMPTY, journal: [record(1), record(2), record(3), record(9)] })
})

test('a missing segment is damage too; without any history the rest is used', async (t) => {
  for (const [folded, expected] of [
    [true, []],
    [false, [record(3)]],
  ] as const) {
    const folder = t.testdir({})
    if (folded) await withStore(folder, (store) => store.fold({ some: 1 }))
    for (const number of [1, 2, 3])
      await withStore(folder, (store) => store.append([record(number)]))
    const segments = readdirSync(folder).filter((name) => name.endsWith('.log'))
    for (const name of segments.slice(0, 2)) rmSync(join(folder, name))
    const state = await loaded(folder)
    t.same(state.journal, expected)
    t.match(state.recovered.join('\n'), /the journal before journal-\d+\.log is missing/)
  }
})

test('folding removes the segments that neither copy of the history needs', async (t) => {
  const folder = t.testdir({})
  for (let round = 1; round <= 4; round++) {
    await withStore(folder, async (store) => {
      await store.append([record(round)])
      await store.fold({ round })
    })
  }
  const segments = readdirSync(folder).filter((name) => name.endsWith('.log'))
  t.equal(segments.length, 1, segments.join(' '))
  edit(t, folder, 'history.json', flipped(-2))
  t.match(await loaded(folder), { history: { round: 3 }, journal: [record(4)] })
})
