import { diskStore } from '../../src/adapters/disk-store.js'
import type { JournalRecord, Store, StoredState } from '../../src/ports.js'

export const EMPTY: StoredState = {
  depot: undefined,
  history: undefined,
  journal: [],
  recovered: [],
}

export const record = (number: number): JournalRecord => ({ type: 'counted', number })

/** Uses the store of a folder and closes it. */
export async function withStore<T>(folder: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = diskStore(folder)
  await store.load()
  const result = await use(store)
  await store.close()
  return result
}

/** What a folder holds. */
export async function loaded(folder: string): Promise<StoredState> {
  const store = diskStore(folder)
  const state = await store.load()
  await store.close()
  return state
}
