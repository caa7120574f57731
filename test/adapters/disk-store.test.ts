import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { diskStore } from '../../src/adapters/disk-store.js'
import { segmentLine, segmentName } from '../../src/adapters/journal-segment.js'
import type { StoreErrorCode } from '../../src/adapters/store-error.js'
import { startChild } from './child-process.js'
import { lastRecordOf } from './numbered-state.js'
import { EMPTY, loaded, record, withStore } from './stored-folder.js'

const code = (value: StoreErrorCode): { code: StoreErrorCode } => ({ code: value })

test('an empty folder loads as the first start; what is written comes back', async (t) => {
  const folder = join(t.testdir({}), 'deep', 'data')
  await withStore(folder, async (store) => {
    t.same(await store.load(), EMPTY)
    await store.saveDepot({ site: 'Nørrebro', limitA: 63 })
    await store.append([record(1), record(2)])
    await store.fold({ sessions: [{ energyWh: 1200 }] })
    await store.append([record(3)])
    await store.append([])
  })
  const expected = {
    depot: { site: 'Nørrebro', limitA: 63 },
    history: { sessions: [{ energyWh: 1200 }] },
    journal: [record(3)],
    recovered: [],
  }
  t.same(await loaded(folder), expected)
  t.same(await loaded(folder), expected, 'loading changes nothing')
  t.equal(statSync(folder).mode & 0o777, 0o700)
  for (const name of readdirSync(folder))
    t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, `only the owner may read ${name}`)
})

test('values are taken as they are at the call', async (t) => {
  const folder = t.testdir({})
  await withStore(folder, async (store) => {
    const depot = { limitA: 1 }
    const history = { sessions: 1 }
    const entry = { type: 'mark', atA: 1 }
    const calls = [store.saveDepot(depot), store.fold(history), store.append([entry])]
    depot.limitA = 2
    history.sessions = 2
    entry.atA = 2
    await Promise.all(calls)
  })
  t.match(await loaded(folder), {
    depot: { limitA: 1 },
    history: { sessions: 1 },
    journal: [{ type: 'mark', atA: 1 }],
  })
})

test('what JSON cannot hold rejects its caller only', async (t) => {
  const folder = t.testdir({})
  const self: unknown[] = []
  self.push(self)
  let deep: Record<string, unknown> = {}
  for (let level = 0; level < 20_000; level++) deep = { deep }
  await withStore(folder, async (store) => {
    const good = [store.saveDepot({ good: 1 }), store.append([record(1)]), store.fold({ good: 1 })]
    const more = store.append([record(2)])
    for (const bad of [
      { type: 'circle', self },
      { type: 'big', value: 1n },
      { type: 'deep', deep },
    ]) {
      await t.rejects(store.saveDepot(bad), code('notSerialisable'))
      await t.rejects(store.append([record(3), bad]), code('notSerialisable'))
      await t.rejects(store.fold(bad), code('notSerialisable'))
    }
    await Promise.all([...good, more])
  })
  t.match(await loaded(folder), {
    depot: { good: 1 },
    history: { good: 1 },
    journal: [record(2)],
    recovered: [],
  })
})

test('nothing is written before load, nothing after close', async (t) => {
  const folder = t.testdir({})
  const store = diskStore(folder)
  const writes = [() => store.saveDepot({}), () => store.append([]), () => store.fold({})]
  for (const write of writes) await t.rejects(write(), code('notLoaded'))
  await store.load()
  const last = store.append([record(1)])
  await Promise.all([store.close(), store.close(), last])
  for (const write of writes) await t.rejects(write(), code('closed'))
  await t.rejects(store.load(), code('closed'))
  t.same((await loaded(folder)).journal, [record(1)], 'close waits for what is pending')
})

test('loading an open store shows what is on disk without disturbing it', async (t) => {
  await withStore(t.testdir({}), async (store) => {
    const calls: Promise<unknown>[] = []
    for (let number = 1; number <= 40; number++)
      calls.push(store.append([record(number)]), store.saveDepot({ number }), store.load())
    await Promise.all(calls)
    const { journal, recovered } = await store.load()
    t.equal(journal.length, 40)
    t.same(recovered, [])
  })
})

test('a disk that cannot be read is an error, not an empty store', async (t) => {
  const folder = t.testdir({})
  mkdirSync(join(folder, 'depot.json'))
  const store = diskStore(folder)
  await t.rejects(store.load(), { code: 'io', message: /depot\.json \(EISDIR\): a folder stands/ })
  await t.rejects(store.saveDepot({}), code('notLoaded'))
  await store.close()
  const file = join(t.testdir({ file: '' }), 'file', 'data')
  await t.rejects(diskStore(file).load(), { code: 'io', message: /\(ENOTDIR\)/ })
})

test('state of a newer release is refused and left alone', async (t) => {
  const folder = t.testdir({})
  await withStore(folder, (store) => store.append([record(1)]))
  const newer = '{"journal":2,"segment":2,"after":{"segment":1,"bytes":1}}'
  writeFileSync(join(folder, segmentName(2)), segmentLine(newer))
  const names = readdirSync(folder)
  const store = diskStore(folder)
  await t.rejects(store.load(), { code: 'futureVersion', message: /version 2.*up to 1/ })
  await t.rejects(store.append([record(2)]), code('notLoaded'))
  await store.close()
  t.same(readdirSync(folder), names)
})

test('kill -9 loses and doubles nothing that was confirmed', async (t) => {
  const folder = t.testdir({})
  for (const run of [1, 2, 3]) {
    const child = startChild('./appending-process.ts', [folder])
    const started = await child.line(/^loaded/)
    const from = Number(started.split(' ')[1])
    await child.line(new RegExp(`^confirmed ${from + 25 * run}$`))
    await child.kill()
    const confirmed = Number(child.lines().at(-1)?.split(' ')[1])
    const state = await loaded(folder)
    const last = lastRecordOf(state)
    t.ok(last >= confirmed && last <= confirmed + 1, `${last} after ${confirmed}`)
    t.ok(Number(state.depot?.['number']) >= confirmed)
    const first = last - state.journal.length
    t.same(
      state.journal,
      state.journal.map((_, index) => record(first + index + 1)),
    )
    t.equal(state.history?.['upTo'] ?? 0, first)
  }
})

test('a second process on the folder is told who has it', async (t) => {
  const folder = t.testdir({})
  const owner = startChild('./appending-process.ts', [folder])
  t.teardown(() => owner.kill())
  await owner.line(/^confirmed/)
  const second = startChild('./appending-process.ts', [folder])
  t.equal(await second.line(/^locked/), `locked by ${owner.pid}`)
  await second.kill()
  const store = diskStore(folder)
  await t.rejects(store.load(), { name: 'FolderLockedError', pid: owner.pid, folder })
  await owner.kill()
  t.ok(lastRecordOf(await store.load()) > 0, 'the lock of the dead process is taken over')
  const other = diskStore(folder)
  await t.rejects(
    other.load(),
    { name: 'FolderLockedError', pid: process.pid },
    'also within one process',
  )
  await store.close()
  await t.resolves(other.load())
  await other.close()
})
