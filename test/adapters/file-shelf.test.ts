import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { FILE_LIMITS, fileShelf } from '../../src/adapters/file-shelf.js'
import type { Files } from '../../src/ports.js'
import { memoryLog } from '../../src/testing/memory-log.js'

interface Test {
  readonly teardown: (end: () => Promise<void>) => void
}

async function aShelf(t: Test, limits = FILE_LIMITS): Promise<{ folder: string; shelf: Files }> {
  const folder = await mkdtemp(join(tmpdir(), 'files-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const shelf = fileShelf({ folder, log: memoryLog(), limits })
  await shelf.open()
  return { folder, shelf }
}

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text)
}

const about = (id: string, kind: 'log' | 'firmware' = 'log') =>
  ({ id, kind, name: `${id}.txt`, wallMs: 5, chargePointId: 'CP1' }) as const

test('a file is what was sent, found again after a restart, and gone when it is deleted', async (t) => {
  const { folder, shelf } = await aShelf(t)
  const put = await shelf.put(about('a'), chunks('all ', 'is ', 'well'))
  t.match(put, { ok: true, file: { bytes: 11, sha256: /^[0-9a-f]{64}$/ } })
  const again = fileShelf({ folder, log: memoryLog() })
  await again.open()
  t.same(again.list(), shelf.list())
  t.equal(await new Response((await again.read('a', 0)) ?? null).text(), 'all is well')
  t.equal(await new Response((await again.read('a', 4)) ?? null).text(), 'is well')
  t.equal(await again.remove('a'), true)
  t.equal(await again.remove('a'), false)
  t.equal(await again.read('a', 0), undefined)
  t.same(await readdir(folder), [])
})

test('what is too large, or breaks off, leaves nothing', async (t) => {
  const limits = { ...FILE_LIMITS, log: { maxBytes: 10, maxTotalBytes: 100 } }
  const { folder, shelf } = await aShelf(t, limits)
  t.same(await shelf.put(about('a'), chunks('12345', '67890', '!')), { ok: false, why: 'tooLarge' })
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(3)
    throw new Error('the peer left')
  }
  t.same(await shelf.put(about('b'), broken()), { ok: false, why: 'brokenOff' })
  t.same(shelf.list(), [])
  t.same(await readdir(folder), [])
})

test('the oldest logs make room, firmware is refused when there is none', async (t) => {
  const small = { maxBytes: 10, maxTotalBytes: 20 }
  const { shelf } = await aShelf(t, { log: small, firmware: small })
  for (const id of ['a', 'b', 'c']) await shelf.put(about(id), chunks('12345678'))
  t.same(
    shelf.list().map(({ id }) => id),
    ['b', 'c'],
  )
  for (const id of ['f', 'g']) await shelf.put(about(id, 'firmware'), chunks('12345678'))
  t.same(await shelf.put(about('h', 'firmware'), chunks('12345678')), { ok: false, why: 'noRoom' })
  t.same(
    shelf.list().map(({ id }) => id),
    ['b', 'c', 'f', 'g'],
  )
})

test('what a power cut left half is dropped at the next start', async (t) => {
  const { folder, shelf } = await aShelf(t)
  await shelf.put(about('a'), chunks('x'))
  for (const name of ['b.part', 'c.data', 'd.json', 'e.json']) {
    await writeFile(join(folder, name), name === 'e.json' ? '{"id":"../e","kind":"log"}' : 'half')
  }
  const again = fileShelf({ folder, log: memoryLog() })
  await again.open()
  t.same(
    again.list().map(({ id }) => id),
    ['a'],
  )
  t.same((await readdir(folder)).toSorted(), ['a.data', 'a.json'])
})
