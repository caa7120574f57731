import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { dataFolder } from '../../src/adapters/data-folder.js'
import { lockFolder } from '../../src/adapters/folder-lock.js'

const LOCKED = { name: 'FolderLockedError', pid: process.pid }

test('a folder is locked once, until it is released', async (t) => {
  const folder = t.testdir({})
  const lock = await lockFolder(folder)
  await t.rejects(lockFolder(folder), {
    ...LOCKED,
    folder,
    message: `the data folder ${folder} is in use by process ${process.pid}: stop that one or use another --data-dir`,
  })
  await lock.release()
  const second = await lockFolder(folder)
  await lock.release()
  await t.rejects(lockFolder(folder), LOCKED, 'an old release does not free the new lock')
  await second.release()
  t.same(readdirSync(folder), [], 'nothing is left behind')
})

test('of many that try at once, on a free folder or a stale lock, one gets it', async (t) => {
  for (const stale of [false, true]) {
    const folder = t.testdir(stale ? { lock: '{"pid":4194999}' } : {})
    const results = await Promise.allSettled([1, 2, 3].map(() => lockFolder(folder)))
    t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  }
})

test('a lock whose owner is gone is taken over', async (t) => {
  const folder = t.testdir({})
  const lock = await lockFolder(folder)
  const path = join(folder, 'lock')
  const mine: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'))
  await lock.release()
  const linux = process.platform === 'linux'
  for (const [owner, isStale] of [
    ['', true],
    ['half a l', true],
    ['null', true],
    [{ ...mine, pid: 0 }, true],
    [{ ...mine, pid: -1 }, true],
    // Above the highest process id there is.
    [{ ...mine, pid: 4_194_999 }, true],
    // The process id is in use again, since the start or since the boot.
    [{ ...mine, started: '1' }, linux],
    [{ ...mine, boot: 'another' }, linux],
    [mine, false],
  ] as const) {
    const content = typeof owner === 'string' ? owner : JSON.stringify(owner)
    writeFileSync(path, content)
    if (isStale) await (await lockFolder(folder)).release()
    else await t.rejects(lockFolder(folder), LOCKED, content)
  }
})

test('the data folder is the argument, else the state directory, else the system folder, else local', async (t) => {
  const root = t.testdir({ system: {} })
  const at = (name: string): string => join(root, name)
  const folders = { systemFolder: at('system'), localFolder: at('local') }
  for (const [title, choice, expected] of [
    ['argument', { dataDir: at('a/b'), env: { STATE_DIRECTORY: at('s') } }, at('a/b')],
    ['one state directory', { env: { STATE_DIRECTORY: at('s') } }, at('s')],
    ['several', { env: { STATE_DIRECTORY: `${at('s1')}:${at('s2')}` } }, at('s1')],
    ['none', { env: { STATE_DIRECTORY: '' } }, at('system')],
    ['no system folder', { env: {}, systemFolder: at('absent') }, at('local')],
  ] as const) {
    t.equal(await dataFolder({ ...folders, ...choice }), expected, title)
    t.same(readdirSync(expected), [], `${title}: it exists`)
  }
  t.notOk(readdirSync(root).includes('absent'))
  writeFileSync(at('file'), '')
  const unusable = { code: 'io', message: /cannot create .*file/ }
  await t.rejects(dataFolder({ dataDir: at('file'), env: {} }), unusable)
})
