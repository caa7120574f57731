/** A thread of its own that runs the seeds it is given, one after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { processIo } from '../io.js'
import { observedRun } from './observed-run.js'
import type { SeedAnswer } from './seed-runs.js'
import { sourceOf } from './source.js'
import type { SourceOrigin } from './source.js'

const origin: SourceOrigin = workerData
const source = await sourceOf(origin, processIo)

parentPort?.on('message', (seed: number) => {
  answerTo(seed).then(tell, (error: unknown) => tell({ seed, problem: String(error) }))
})

function tell(answer: SeedAnswer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage(answer)
}

async function answerTo(seed: number): Promise<SeedAnswer> {
  if (!source) return { seed, problem: `${origin.argument} has changed and is wrong now` }
  const { summary } = await observedRun(source, String(seed), {})
  return { seed, summary }
}
