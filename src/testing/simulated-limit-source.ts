import type { FieldDevice } from './memory-field-devices.js'

export type StatedLimit = { readonly limitA: number } | { readonly limitW: number }

export interface SimulatedLimitSource extends FieldDevice {
  readonly id: string
  limit(): StatedLimit
  /** From now on, whatever was planned. */
  setLimit(limit: StatedLimit): void
  isLive(): boolean
  /** `silent`: requests are never answered. `failing`: each request fails at once. */
  setMode(mode: 'live' | 'silent' | 'failing'): void
}

/** A grid operator's box that states a limit. */
export function simulatedLimitSource(options: {
  readonly id: string
  /** What it states, asked at each poll. */
  readonly limit: () => StatedLimit
}): SimulatedLimitSource {
  const { id } = options
  let { limit } = options
  let mode: 'live' | 'silent' | 'failing' = 'live'
  return {
    id,
    limit: () => limit(),
    setLimit(newLimit) {
      limit = () => newLimit
    },
    isLive: () => mode === 'live',
    setMode(newMode) {
      mode = newMode
    },
    poll(atMs) {
      if (mode === 'silent') return undefined
      if (mode === 'failing') {
        return { type: 'limitFailed', sourceId: id, problem: 'simulated: no valid answer' }
      }
      return { type: 'limitRead', reading: { sourceId: id, atMs, ...limit() } }
    },
  }
}
