/** Drives a store with numbered values, so that what it returns can be compared with what it confirmed. */
import type { Store, StoredState } from '../../src/ports.js'

export const STEPS = ['append', 'appendTwo', 'fold', 'save', 'settle'] as const
export type Step = (typeof STEPS)[number]

export interface Driver {
  /** Takes the steps; resolves when all calls settled, which they do while the store lives. */
  run(steps: readonly Step[]): Promise<void>
  /** Begins the steps without waiting, not even for `settle`. */
  begin(steps: readonly Step[]): void
  /** What is wrong with a state loaded after a crash at this instant; undefined if nothing. */
  problemOf(state: StoredState): string | undefined
}

/**
 * Records and depots count up from where `found` ends. A fold contains every number so far, as the
 * controller's state does, so history and journal together are all numbers, each once, but for those
 * that were refused and a last part that was never confirmed.
 */
export function driver(store: Store, found?: StoredState): Driver {
  let lastRecord = found === undefined ? 0 : lastRecordOf(found)
  let lastDepot = found === undefined ? 0 : depotOf(found)
  const first = lastRecord
  let folded = 0
  let savedDepot = lastDepot
  const confirmed = new Set<number>()
  const refused = new Set<number>()
  const calls = new Set<Promise<void>>()

  return {
    async run(steps) {
      for (const step of steps) {
        if (step === 'settle') await settled()
        else take(step)
      }
      await settled()
    },
    begin(steps) {
      for (const step of steps) if (step !== 'settle') take(step)
    },
    problemOf(state) {
      const upTo = foldedOf(state)
      const numbers = state.journal.map((record) => Number(record['number']))
      const shown = `up to ${upTo}, then ${numbers.join(' ')}`
      let last = upTo
      for (const number of numbers) {
        if (number <= last) return `${number} is there twice or out of order: ${shown}`
        for (let missing = last + 1; missing < number; missing++)
          if (!refused.has(missing)) return `${missing} is missing: ${shown}`
        last = number
      }
      const lost = [first, folded, ...confirmed].find((number) => number > last)
      if (lost !== undefined) return `${lost} was confirmed and is lost: ${shown}`
      if (last > lastRecord) return `${last} was never written: ${shown}`
      const depot = depotOf(state)
      return depot < savedDepot || depot > lastDepot
        ? `depot ${depot}, confirmed ${savedDepot}, written ${lastDepot}`
        : undefined
    },
  }

  function take(step: Exclude<Step, 'settle'>): void {
    if (step === 'save') {
      const number = ++lastDepot
      const saved = (): void => {
        savedDepot = Math.max(savedDepot, number)
      }
      watch(store.saveDepot({ number }), saved, () => {})
    } else if (step === 'fold') {
      const number = lastRecord
      const written = (): void => {
        folded = Math.max(folded, number)
      }
      watch(store.fold({ upTo: number }), written, () => {})
    } else {
      const numbers = [++lastRecord]
      if (step === 'appendTwo') numbers.push(++lastRecord)
      const all = (set: Set<number>) => (): void => {
        for (const number of numbers) set.add(number)
      }
      const records = numbers.map((number) => ({ type: 'counted', number }))
      watch(store.append(records), all(confirmed), all(refused))
    }
  }

  function watch(call: Promise<void>, confirm: () => void, refuse: () => void): void {
    const watched = call.then(confirm, refuse).finally(() => calls.delete(watched))
    calls.add(watched)
  }

  async function settled(): Promise<void> {
    while (calls.size > 0) await Promise.all(calls)
  }
}

/** The last number a state holds: where the next run of a controller would go on. */
export function lastRecordOf(state: StoredState): number {
  return Number(state.journal.at(-1)?.['number'] ?? foldedOf(state))
}

function foldedOf(state: StoredState): number {
  return Number(state.history?.['upTo'] ?? 0)
}

function depotOf(state: StoredState): number {
  return Number(state.depot?.['number'] ?? 0)
}
