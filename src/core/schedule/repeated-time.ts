/** Local times that come twice, when the clocks go back. */
import { offsetMin } from './local-time.js'

const MINUTE_MS = 60_000
/** No zone sets its clocks back by more. */
const AROUND_MS = 7_200_000

/**
 * The instants of a pass through the repeated time: in the first pass those until now, in the second
 * those from now on. A window that holds at one of them holds now, since it lasts from the first
 * occurrence of its start to the last of its end. Empty: local time comes once.
 */
export function passOf(instantMs: number, zone: string): readonly number[] {
  const minuteMs = Math.floor(instantMs / MINUTE_MS) * MINUTE_MS
  const known = recent.get(zone)
  if (known?.minuteMs === minuteMs) return known.instants
  const instants = [
    ...whileHolds((ms) => comesAgain(ms, zone), minuteMs, -MINUTE_MS),
    ...whileHolds((ms) => cameBefore(ms, zone), minuteMs, MINUTE_MS),
  ]
  recent.set(zone, { minuteMs, instants })
  return instants
}

const recent = new Map<
  string,
  { readonly minuteMs: number; readonly instants: readonly number[] }
>()

function whileHolds(holds: (ms: number) => boolean, fromMs: number, stepMs: number): number[] {
  const instants: number[] = []
  for (let ms = fromMs; holds(ms); ms += stepMs) instants.push(ms)
  return instants
}

function comesAgain(ms: number, zone: string): boolean {
  const offset = offsetMin(ms, zone)
  const back = offset - offsetMin(ms + AROUND_MS, zone)
  return back > 0 && offsetMin(ms + back * MINUTE_MS, zone) === offset - back
}

function cameBefore(ms: number, zone: string): boolean {
  const offset = offsetMin(ms, zone)
  const back = offsetMin(ms - AROUND_MS, zone) - offset
  return back > 0 && offsetMin(ms - back * MINUTE_MS, zone) === offset + back
}
