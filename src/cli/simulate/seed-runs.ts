/** The runs of one source in the order of their seeds, made by as many workers as wanted. */
import { Worker } from 'node:worker_threads'
import type { SeedRange } from '../simulate.js'
import { observedRun } from './observed-run.js'
import type { ScenarioSource, SourceOrigin } from './source.js'
import type { Summary } from './summary-lines.js'

export interface SeedRun {
  readonly seed: number
  readonly summary: Summary
}

/** What a worker says of the seed it was given. */
export type SeedAnswer =
  | { readonly seed: number; readonly summary: Summary }
  | { readonly seed: number; readonly problem: string }

const WORKER = new URL('./seed-worker.js', import.meta.url)
/** So many finished runs of each worker may wait for a slower one before them. */
const AHEAD = 8

/** Whoever stops asking ends the workers. */
export async function* seedRuns(
  source: ScenarioSource,
  { first, last = Number.MAX_SAFE_INTEGER }: SeedRange,
  jobs: number,
): AsyncGenerator<SeedRun, void, undefined> {
  const wanted = Math.min(jobs, last - first + 1)
  if (wanted > 1) {
    yield* runsOfWorkers(source.origin, first, last, wanted)
    return
  }
  for (let seed = first; seed <= last; seed += 1) {
    const { summary } = await observedRun(source, String(seed), {})
    yield { seed, summary }
  }
}

async function* runsOfWorkers(
  origin: SourceOrigin,
  first: number,
  last: number,
  jobs: number,
): AsyncGenerator<SeedRun, void, undefined> {
  const answers = new Map<number, SeedAnswer>()
  const idle: Worker[] = []
  let failure: Error | undefined
  let given = first
  let told = first
  let heard = (): void => {}

  const give = (): void => {
    while (given <= last && given < told + jobs * AHEAD) {
      const worker = idle.shift()
      if (!worker) return
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      worker.postMessage(given)
      given += 1
    }
  }
  const workers = Array.from({ length: jobs }, () => {
    const worker = new Worker(WORKER, { workerData: origin })
    worker.on('message', (answer: SeedAnswer) => {
      answers.set(answer.seed, answer)
      idle.push(worker)
      heard()
    })
    worker.on('error', (error: unknown) => {
      failure ??= error instanceof Error ? error : new Error(String(error))
      heard()
    })
    return worker
  })
  idle.push(...workers)

  try {
    for (; told <= last; told += 1) {
      for (;;) {
        give()
        if (failure || answers.has(told)) break
        await new Promise<void>((resolve) => {
          heard = resolve
        })
      }
      const answer = answers.get(told)
      answers.delete(told)
      if (failure || !answer) throw failure ?? new Error(`nobody ran seed ${told}`)
      if ('problem' in answer) throw new Error(`seed ${told}: ${answer.problem}`)
      yield answer
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
