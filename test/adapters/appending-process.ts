/**
 * Runs as a process of its own: `appending-process.ts FOLDER`. Loads the store, then appends, saves and
 * folds numbers for ever; writes a line for each that was confirmed. Says who holds a locked folder.
 */
import { diskStore } from '../../src/adapters/disk-store.js'
import { FolderLockedError } from '../../src/adapters/folder-lock.js'
import { lastRecordOf } from './numbered-state.js'

const store = diskStore(process.argv[2] ?? '')
const say = (line: string): boolean => process.stdout.write(`${line}\n`)

try {
  let number = lastRecordOf(await store.load())
  say(`loaded ${number}`)
  for (;;) {
    number += 1
    const upTo = number
    const calls = [store.append([{ type: 'counted', number }]), store.saveDepot({ number })]
    if (number % 7 === 0) calls.push(store.fold({ upTo }))
    await Promise.all(calls)
    say(`confirmed ${number}`)
  }
} catch (error) {
  say(error instanceof FolderLockedError ? `locked by ${error.pid}` : String(error))
}
