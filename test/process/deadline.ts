/** Waiting with an end: what never comes fails the test with its name, not with a timeout. */

/** Far more than anything here takes, so that a busy machine fails nothing. */
export const LONG_ENOUGH_MS = 10_000
const LOOK_EACH_MS = 20

/** Rejects when `promise` takes longer; `what` completes "waited 20 s for". */
export async function inTime<T>(
  what: string,
  promise: Promise<T>,
  withinMs = LONG_ENOUGH_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${withinMs / 1000} s for ${what}`)), withinMs)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks again and again until `look` finds something; rejects with what it saw last. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  { withinMs = LONG_ENOUGH_MS, otherwise = () => '' }: EventuallyOptions = {},
): Promise<T> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > endMs) {
      throw new Error(`waited ${withinMs / 1000} s for ${what} ${otherwise()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EACH_MS))
  }
}

export interface EventuallyOptions {
  readonly withinMs?: number
  /** What there was instead. */
  readonly otherwise?: () => string
}
