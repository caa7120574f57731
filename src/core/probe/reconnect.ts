/** Whether the charger keeps to its limit while it is cut off, by what its register counts then. */
import { isAtLevel, probeLevelA } from './levels.js'
import { amps, held, unclear } from './probe-types.js'
import type { Move, ProbeContext, ProbeObservation, StageBase } from './probe-types.js'

export interface ReconnectStage extends StageBase {
  readonly step: 'reconnect'
  readonly at: 'level' | 'away' | 'back'
  readonly levelA: number
  readonly sinceMs: number
  /** At the level since, by the register. */
  readonly first: Reading | undefined
  /** The last before it was cut off. */
  readonly last: Reading | undefined
  readonly expiresAtMs: number
  readonly cutAtMs: number
  readonly backAtMs: number
}

interface Reading {
  readonly atMs: number
  readonly energyWh: number
  readonly powerW: number
}

const LEVEL_MS = 150_000
const STEADY_MS = 25_000
/** So that the limit cannot expire meanwhile. */
const FRESH_GRANT_MS = 12_000
const FRESH_SAMPLE_MS = 4_000
const AWAY_MS = 75_000
const RETURN_MS = 300_000
const SAMPLE_MS = 60_000
/** What it kept of the time away is told first. */
const QUEUE_MS = 8_000
const ENOUGH_WH = 10
const MS_PER_H = 3_600_000

export function beginReconnect(
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<ReconnectStage> {
  const levelA = probeLevelA(context, seen)
  if (levelA === undefined || context.baselineA < levelA + 3) {
    return unclear(`the car takes ${amps(context.baselineA)}: full power would not show`)
  }
  return {
    type: 'stage',
    stage: {
      step: 'reconnect',
      at: 'level',
      doing: `holding it at ${amps(levelA)}`,
      untilMs: nowMs + LEVEL_MS,
      wantsSamples: true,
      needsRoom: true,
      levelA,
      sinceMs: nowMs,
      first: undefined,
      last: undefined,
      expiresAtMs: 0,
      cutAtMs: 0,
      backAtMs: 0,
    },
    actions: [held(levelA)],
  }
}

export function goReconnect(
  stage: ReconnectStage,
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<ReconnectStage> {
  switch (stage.at) {
    case 'level':
      return goLevel(stage, seen, nowMs)
    case 'away':
      return goAway(stage, seen, nowMs)
    case 'back':
      return goBack(stage, context, seen, nowMs)
  }
}

function goLevel(
  stage: ReconnectStage,
  seen: ProbeObservation,
  nowMs: number,
): Move<ReconnectStage> {
  const { grant, sample } = seen
  if (nowMs >= stage.untilMs) return unclear(`the car did not settle at ${amps(stage.levelA)}`)
  if (!grant || !sample || !isAtLevel(seen, stage.levelA, stage.sinceMs)) {
    return { type: 'stage', stage: { ...stage, first: undefined } }
  }
  const reading = readingOf(seen, sample)
  const { first = reading } = stage
  const isSteady = reading.atMs - first.atMs >= STEADY_MS
  const isFresh =
    !seen.isCalling &&
    nowMs - grant.acknowledgedAtMs <= FRESH_GRANT_MS &&
    nowMs - sample.atMs <= FRESH_SAMPLE_MS
  if (!isSteady || !isFresh) return { type: 'stage', stage: { ...stage, first } }
  const countedWh = reading.energyWh - first.energyWh
  const drawnWh = (first.powerW * (reading.atMs - first.atMs)) / MS_PER_H
  if (Math.abs(countedWh - drawnWh) > 0.25 * drawnWh + 2) {
    return unclear('its register is too coarse, or does not count what it says it draws')
  }
  return {
    type: 'stage',
    stage: {
      ...stage,
      at: 'away',
      doing: 'keeping it disconnected',
      untilMs: nowMs + AWAY_MS + RETURN_MS,
      mayBeAway: true,
      first,
      last: reading,
      expiresAtMs: grant.expiresAtMs,
      cutAtMs: nowMs,
    },
    actions: [{ type: 'keepAway', forMs: AWAY_MS }],
  }
}

function goAway(
  stage: ReconnectStage,
  seen: ProbeObservation,
  nowMs: number,
): Move<ReconnectStage> {
  const { connected, connectedAtMs = -Infinity } = seen
  if (connected && connectedAtMs > stage.cutAtMs) {
    return {
      type: 'stage',
      stage: {
        ...stage,
        at: 'back',
        doing: 'waiting for its MeterValues',
        untilMs: nowMs + SAMPLE_MS,
        backAtMs: connectedAtMs,
      },
    }
  }
  if (nowMs >= stage.untilMs) return unclear('it did not come back')
  const isAllowed = nowMs >= stage.cutAtMs + AWAY_MS
  const doing = isAllowed ? 'waiting for it to come back' : stage.doing
  return { type: 'stage', stage: { ...stage, doing } }
}

function goBack(
  stage: ReconnectStage,
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<ReconnectStage> {
  const { sample } = seen
  const { last, cutAtMs, backAtMs } = stage
  if (!seen.connected || !sample || !last || sample.atMs < backAtMs + QUEUE_MS) {
    if (nowMs < stage.untilMs) return { type: 'stage', stage }
    return unclear('no MeterValues after it came back')
  }
  const awayMs = backAtMs - cutAtMs
  if (backAtMs > stage.expiresAtMs + 0.2 * awayMs) {
    return unclear('it came back only after its limit had to expire')
  }
  const wattsPerA = last.powerW / stage.levelA
  const knownWh =
    (last.powerW * (cutAtMs - last.atMs) + sample.powerW * (sample.atMs - backAtMs)) / MS_PER_H
  const meanW = ((seen.energyWh - last.energyWh - knownWh) / awayMs) * MS_PER_H
  return verdict({
    meanW,
    levelW: last.powerW,
    fullW: context.baselineW,
    fallbackW: (seen.fallbackA ?? 0) * wattsPerA,
    awayMs,
  })
}

function verdict(power: {
  readonly meanW: number
  readonly levelW: number
  readonly fullW: number
  readonly fallbackW: number
  readonly awayMs: number
}): Move<ReconnectStage> {
  const { meanW, levelW, fullW, fallbackW, awayMs } = power
  const above = fullW - levelW
  const below = levelW - fallbackW
  const said = `it drew ${kilowatts(meanW)} while it was away, ${kilowatts(levelW)} before`
  if ((Math.min(above, below) * awayMs) / MS_PER_H < ENOUGH_WH) {
    return unclear(`${said}: the difference is too small to tell`)
  }
  if (meanW >= levelW + 0.6 * above) return found(false, `${said}: it forgot its limits`)
  if (meanW <= levelW - 0.6 * below) return found(false, `${said}: it went to its fallback at once`)
  const isKept = meanW <= levelW + 0.4 * above && meanW >= levelW - 0.4 * below
  return isKept ? found(true, said) : unclear(said)
}

function found(keepsOverReconnect: boolean, note: string): Move<ReconnectStage> {
  return { type: 'done', isClear: true, findings: { keepsOverReconnect, notes: [note] } }
}

function readingOf(
  { energyWh }: ProbeObservation,
  { atMs, powerW }: NonNullable<ProbeObservation['sample']>,
): Reading {
  return { atMs, energyWh, powerW }
}

function kilowatts(powerW: number): string {
  return `${Math.round(powerW / 100) / 10} kW`
}
