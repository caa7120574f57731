/** What a session will have by its departure, and whether that will do. Pure arithmetic. */

/** A time in which nothing changes that is known ahead. */
export interface Stretch {
  readonly ms: number
  /** What it will get, as far as anybody can tell, W. */
  readonly expectedW: number
  /** What it would get if it came before all others, W. */
  readonly bestW: number
}

export interface Forecast {
  /** On average until the departure; Infinity: there is no time left. */
  readonly requiredW: number
  /** Of what is wanted, by the departure. */
  readonly expectedWh: number
  readonly possibleWh: number
  /** So much later it would have all, as it is going; undefined: not within a day. */
  readonly lateMs: number | undefined
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** `stretches`: from now to the departure; the pace of the last goes on after it. */
export function forecast(wantedWh: number, stretches: readonly Stretch[]): Forecast {
  let expectedWh = 0
  let possibleWh = 0
  let leftMs = 0
  for (const { ms, expectedW, bestW } of stretches) {
    const givenW = Math.min(expectedW, bestW)
    expectedWh += (givenW * ms) / HOUR_MS
    possibleWh += (bestW * ms) / HOUR_MS
    leftMs += ms
  }
  const last = stretches.at(-1)
  const lastW = last ? Math.min(last.expectedW, last.bestW) : 0
  const missingWh = Math.max(0, wantedWh - expectedWh)
  const lateMs = missingWh === 0 ? 0 : (missingWh * HOUR_MS) / lastW
  return {
    requiredW: wantedWh === 0 ? 0 : (wantedWh * HOUR_MS) / leftMs,
    expectedWh: Math.min(wantedWh, expectedWh),
    possibleWh: Math.min(wantedWh, possibleWh),
    lateMs: lateMs <= DAY_MS ? lateMs : undefined,
  }
}

/** `impossible`: whatever the others give up. */
export type OutlookState = 'fine' | 'risk' | 'impossible' | 'missed'

export interface Judgement {
  readonly state: OutlookState
  /** What it seems to have become, and since when, monotonic ms. */
  readonly change: { readonly state: OutlookState; readonly sinceMs: number } | undefined
}

/** So long it must look different before it is. */
const CONFIRM_MS = 120_000
const MISSING_SHARE = 0.05
const MISSING_WH = 500
/** Who was short is fine again only with nearly all. */
const ENOUGH_WH = 50

/** Said once it has been so for a while: an offer goes up and down, a warning should not. */
export function judge(
  before: Judgement | undefined,
  wantedWh: number,
  { expectedWh, possibleWh, requiredW }: Forecast,
  nowMs: number,
): Judgement {
  const state = before?.state ?? 'fine'
  const isShort = (wh: number, wasShort: boolean): boolean =>
    wantedWh - wh > (wasShort ? ENOUGH_WH : Math.max(MISSING_WH, wantedWh * MISSING_SHARE))
  const wasImpossible = state === 'impossible'
  const seems = ((): OutlookState => {
    if (requiredW === Infinity) return isShort(0, false) ? 'missed' : 'fine'
    if (isShort(possibleWh, wasImpossible)) return 'impossible'
    return isShort(expectedWh, wasImpossible || state === 'risk') ? 'risk' : 'fine'
  })()
  if (seems === state) return { state, change: undefined }
  // A departure that is over needs no second look.
  if (seems === 'missed') return { state: seems, change: undefined }
  // Between short and hopeless it may waver without being less short.
  const { change } = before ?? {}
  const isSame = change && (change.state === 'fine') === (seems === 'fine')
  const sinceMs = isSame ? change.sinceMs : nowMs
  return nowMs - sinceMs >= CONFIRM_MS
    ? { state: seems, change: undefined }
    : { state, change: { state: seems, sinceMs } }
}
