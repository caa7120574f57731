/** Runs cases one after the other, and says which one went wrong and how to have it again. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { randomOf } from './random.js'

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc')

/** One case must not cost more CPU time, ms. */
const STALL_MS = 2_000

export class FuzzFailure extends Error {}

export function heapMiB() {
  collect()
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}

/**
 * `each(random, index)` does one case and resolves; `input()` is what it was given. `look` is asked
 * from time to time and resolves with what is wrong, if anything.
 */
export async function runCases({
  name,
  seed,
  from,
  count,
  each,
  input,
  look,
  lookEvery,
  growthMiB,
}) {
  const startedAtMs = performance.now()
  let index = from
  let broken
  const caught = (error) => {
    broken ??= error
  }
  process.on('unhandledRejection', caught)
  process.on('uncaughtException', caught)
  const failed = (why, cause) => {
    const again = `--only ${name} --seed ${seed} --from ${index} --cases 1`
    const given = JSON.stringify(input?.() ?? '').slice(0, 2_000)
    return new FuzzFailure(
      `${name}, case ${index} of seed ${seed}: ${why}\n  input ${given}\n  again: ${again}`,
      { cause },
    )
  }
  let heapBefore
  let slowestMs = 0
  let slowest = from
  try {
    for (; index < from + count; index++) {
      if (index - from === Math.floor(count / 5)) heapBefore = heapMiB()
      const before = process.cpuUsage()
      try {
        await each(randomOf(`${seed}/${name}/${index}`), index)
      } catch (error) {
        throw error instanceof FuzzFailure ? error : failed(`threw ${error?.stack ?? error}`, error)
      }
      const { user, system } = process.cpuUsage(before)
      const tookMs = (user + system) / 1000
      if (tookMs > slowestMs) {
        slowestMs = tookMs
        slowest = index
      }
      if (tookMs > STALL_MS) throw failed(`took ${Math.round(tookMs)} ms`)
      if (broken !== undefined) throw failed(`left an error unhandled: ${broken?.stack ?? broken}`)
      if (look && (index - from) % lookEvery === lookEvery - 1) {
        const wrong = await look()
        if (wrong !== undefined) throw failed(wrong)
      }
    }
    index -= 1
    const wrong = await look?.()
    if (wrong !== undefined) throw failed(wrong)
    if (broken !== undefined) throw failed(`left an error unhandled: ${broken?.stack ?? broken}`)
    const heapAfter = heapMiB()
    const grownMiB = heapAfter - (heapBefore ?? heapAfter)
    if (grownMiB > growthMiB) {
      throw failed(
        `the heap grew by ${grownMiB.toFixed(1)} MiB in the last four fifths, to ${heapAfter.toFixed(1)}`,
      )
    }
    const seconds = (performance.now() - startedAtMs) / 1000
    return { name, cases: count, seconds, slowestMs, slowest, heapMiB: heapAfter, grownMiB }
  } finally {
    process.off('unhandledRejection', caught)
    process.off('uncaughtException', caught)
  }
}
