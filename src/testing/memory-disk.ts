import { StoreError } from '../adapters/store-error.js'
import type { Clock } from '../ports.js'

/** The time and the faults of writing, without a disk. */
export interface MemoryDisk {
  /** Operations of one kind: done in order, those that wait together at once. */
  lane<T>(apply: (payload: T) => void): Lane<T>
  /** The same, but a failure also refuses what waits behind it. */
  chainedLane<T>(apply: (payload: T) => void): Lane<T>
  failNext(operations: number): void
  hangNext(operations: number): () => void
}

export interface Lane<T> {
  /** Resolves when the payload was applied. */
  submit(payload: T): Promise<void>
  /** Not applied yet, in order. */
  pending(): readonly T[]
  /** Applies at once what would succeed, rejects what hangs. */
  finish(hanging: Error): void
  /** Rejects everything. */
  abandon(reason: Error): void
}

type Fate =
  | { readonly type: 'done' }
  | { readonly type: 'failed' }
  | { readonly type: 'hanging'; readonly released: Promise<void> }

interface Operation<T> {
  readonly payload: T
  readonly fate: Fate
  resolve(): void
  reject(error: Error): void
}

export function memoryDisk(options: {
  readonly clock: Clock | undefined
  readonly delayMs: number
}): MemoryDisk {
  const { clock, delayMs } = options
  if (delayMs > 0 && clock === undefined) throw new Error('delayMs needs a clock')
  let failing = 0
  let hanging = 0
  let released: Promise<void> = Promise.resolve()

  return {
    lane: (apply) => lane(apply, false),
    chainedLane: (apply) => lane(apply, true),
    failNext(operations) {
      failing = operations
    },
    hangNext(operations) {
      hanging = operations
      let release = (): void => {}
      released = new Promise((resolve) => {
        release = () => {
          hanging = 0
          resolve()
        }
      })
      return release
    },
  }

  function nextFate(): Fate {
    if (failing > 0) {
      failing -= 1
      return { type: 'failed' }
    }
    if (hanging > 0) {
      hanging -= 1
      return { type: 'hanging', released }
    }
    return { type: 'done' }
  }

  async function writing(fate: Fate): Promise<void> {
    if (fate.type === 'hanging') await fate.released
    if (clock === undefined || delayMs === 0) return
    await new Promise<void>((resolve) => {
      const cancel = clock.every(delayMs, () => {
        cancel()
        resolve()
      })
    })
  }

  function lane<T>(apply: (payload: T) => void, chained: boolean): Lane<T> {
    let queue: Operation<T>[] = []
    let batch: readonly Operation<T>[] = []
    let work: Promise<void> = Promise.resolve()

    return {
      submit(payload) {
        const fate = nextFate()
        return new Promise((resolve, reject) => {
          queue.push({ payload, fate, resolve, reject })
          if (queue.length === 1) work = work.then(drain)
        })
      },
      pending: () => [...batch, ...queue].map(({ payload }) => payload),
      finish(hangingError) {
        const taken = take()
        const broken = chained ? taken.findIndex(({ fate }) => fate.type !== 'done') : -1
        for (const [index, operation] of taken.entries()) {
          const isStuck = operation.fate.type === 'hanging' || (broken >= 0 && index > broken)
          if (isStuck) operation.reject(hangingError)
          else settle(operation)
        }
      },
      abandon(reason) {
        for (const operation of take()) operation.reject(reason)
      },
    }

    async function drain(): Promise<void> {
      for (let first = queue[0]; first !== undefined; first = queue[0]) {
        const other = queue.findIndex(({ fate }) => fate.type !== 'done')
        batch = queue.splice(0, other < 0 ? queue.length : Math.max(1, other))
        await writing(first.fate)
        // Empty when the lane was finished or abandoned meanwhile.
        const written = batch
        batch = []
        for (const operation of written) settle(operation)
      }
    }

    function settle(operation: Operation<T>): void {
      if (operation.fate.type !== 'failed') {
        apply(operation.payload)
        operation.resolve()
        return
      }
      const error = new StoreError('io', 'cannot write (EIO): the simulated disk failed')
      operation.reject(error)
      if (!chained) return
      for (const waiting of queue.splice(0)) waiting.reject(error)
    }

    function take(): readonly Operation<T>[] {
      const taken = [...batch, ...queue]
      batch = []
      queue = []
      return taken
    }
  }
}
