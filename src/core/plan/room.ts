import { EPSILON_A } from '../load.js'
import type { Load } from '../load.js'
import type { PhaseA } from '../phases.js'

/** What a limit leaves for chargers beside the base load, in all dimensions. */
export function roomOf(limit: Load, base: PhaseA): Load {
  return [
    limit[0] - base[0],
    limit[1] - base[1],
    limit[2] - base[2],
    limit[3] - base[0] - base[1] - base[2],
  ]
}

export function isWithin(sum: Load, room: Load): boolean {
  return (
    sum[0] <= room[0] + EPSILON_A &&
    sum[1] <= room[1] + EPSILON_A &&
    sum[2] <= room[2] + EPSILON_A &&
    sum[3] <= room[3] + EPSILON_A
  )
}
