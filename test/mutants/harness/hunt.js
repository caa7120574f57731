// Looks for a seed on which a mutant is found: it breaks an invariant that the original keeps there.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url))
/** A simulated hour takes seconds: whatever takes longer than this does not end. */
const RUN_MAX_MS = 300_000

/** Verdicts on the original by seed, shared by all hunts. */
export function originalVerdicts() {
  const passes = new Map()
  return {
    /** `run` is asked only when nobody has asked before. */
    passes(seed, run) {
      const known = passes.get(seed) ?? run().then(({ violation }) => violation === undefined)
      passes.set(seed, known)
      return known
    },
  }
}

/**
 * Resolves with `{ name, title, found, failure, chargerHours, seconds, skippedSeeds }`; `found` is
 * undefined after `maxChargerHours` in vain, and when a run did not end: `failure` says how. Skipped are seeds on which the original fails too.
 */
export async function hunt({ mutation, trees, verdicts, seeds, maxChargerHours }) {
  const startedMs = performance.now()
  const { name, title } = mutation
  const worker = await startWorker(trees.original, await trees.plant(mutation))
  const skippedSeeds = []
  let chargerHours = 0
  let found
  let failure
  try {
    for (const seed of seeds) {
      const { violation, chargerHours: hours } = await worker.run({ seed, isMutant: true })
      if (
        violation &&
        !(await verdicts.passes(seed, () => worker.run({ seed, isMutant: false })))
      ) {
        skippedSeeds.push(seed)
        continue
      }
      chargerHours += hours
      if (violation) {
        const { invariant, what, where, atMs } = violation
        found = { invariant, seed, where, what, atMinute: Math.round(atMs / 60_000) }
      }
      if (found || chargerHours >= maxChargerHours) break
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  } finally {
    worker.stop()
  }
  const seconds = (performance.now() - startedMs) / 1000
  return { name, title, found, failure, chargerHours, seconds, skippedSeeds }
}

async function startWorker(originalTree, mutantTree) {
  const child = fork(WORKER, [originalTree, mutantTree], {
    execArgv: ['--max-old-space-size=1500'],
  })
  const answer = () =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        settle(reject, new Error(`a run has not ended after ${RUN_MAX_MS / 1000} s`))
      }, RUN_MAX_MS)
      const settle = (how, value) => {
        clearTimeout(timer)
        child.off('message', answered)
        child.off('exit', exited)
        how(value)
      }
      const answered = (message) => settle(resolve, message)
      const exited = (code) => settle(reject, new Error(`the worker ended with code ${code}`))
      child.on('message', answered)
      child.on('exit', exited)
    })
  await answer()
  return {
    run(request) {
      child.send(request)
      return answer()
    },
    stop: () => child.kill(),
  }
}
