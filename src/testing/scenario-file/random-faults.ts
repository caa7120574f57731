/** Faults at random times, the same ones for the same seed. */
import type { Random } from '../random.js'
import { LYING_MODES } from '../simulated-meter.js'
import type { Fault, TimedFault } from '../simulation/scenario.js'

export const RANDOM_FAULTS = [
  'cut',
  'cut_half_open',
  'reset_connection',
  'duplicate_connection',
  'lose_frames',
  'reject',
  'silent',
  'lose_answer',
  'slow',
  'reboot',
  'meter',
  'meter_lies',
  'limit_source',
  'limit_source_lies',
  'crash',
  'disk_fails',
  'disk_hangs',
  'clock_step',
  'broker',
] as const

export type RandomFaultKind = (typeof RANDOM_FAULTS)[number]

export interface RandomFaultOptions {
  readonly perHour: number
  readonly of: readonly RandomFaultKind[]
  /** What has an end ends after so long. */
  readonly lastingMs: readonly [number, number]
  /** None begins later, and each that lasts ends by then. */
  readonly untilMs: number
  readonly chargers: readonly string[]
}

const HOUR_MS = 3_600_000

export function randomFaults(random: Random, options: RandomFaultOptions): readonly TimedFault[] {
  const { perHour, of, lastingMs, untilMs, chargers } = options
  if (perHour <= 0 || chargers.length === 0) return []
  const faults: TimedFault[] = []
  const gapMs = (): number => (-Math.log(1 - random.next()) * HOUR_MS) / perHour
  for (let atMs = gapMs(); atMs < untilMs; atMs += gapMs()) {
    const startMs = Math.round(atMs)
    const endMs = Math.min(untilMs, startMs + Math.round(random.between(...lastingMs)))
    const [begins, ends] = faultOf(random.pick(of), random.pick(chargers), random, endMs - startMs)
    faults.push({ atMs: startMs, fault: begins })
    if (ends) faults.push({ atMs: endMs, fault: ends })
  }
  return faults.toSorted((a, b) => a.atMs - b.atMs)
}

/** What begins, and what ends it where it does not end by itself. */
function faultOf(
  kind: RandomFaultKind,
  charger: string,
  random: Random,
  lastsMs: number,
): readonly [Fault, Fault?] {
  const answers = (answer: 'reject' | 'silent' | 'loseAnswer'): readonly [Fault] => {
    const many = Array.from({ length: random.integer(1, 3) }, () => answer)
    return [{ type: 'answerNext', charger, action: 'SetChargingProfile', answers: many }]
  }
  switch (kind) {
    case 'cut':
      return [
        { type: 'cut', charger, halfOpen: false },
        { type: 'heal', charger },
      ]
    case 'cut_half_open':
      return [
        { type: 'cut', charger, halfOpen: true },
        { type: 'heal', charger },
      ]
    case 'reset_connection':
      return [{ type: 'resetConnection', charger }]
    case 'duplicate_connection':
      return [{ type: 'duplicateConnection', charger }]
    case 'lose_frames': {
      const to = random.pick(['server', 'chargePoint'] as const)
      return [{ type: 'loseFrames', charger, to, count: random.integer(1, 3) }]
    }
    case 'reject':
      return answers('reject')
    case 'silent':
      return answers('silent')
    case 'lose_answer':
      return answers('loseAnswer')
    case 'slow': {
      const answerDelayMs = random.integer(1000, 20_000)
      return [
        { type: 'behave', charger, change: { answerDelayMs } },
        { type: 'behave', charger, change: { answerDelayMs: 0 } },
      ]
    }
    case 'reboot':
      return [{ type: 'reboot', charger, keepProfiles: random.chance(0.5) }]
    case 'meter':
      return [
        { type: 'meter', mode: random.pick(['silent', 'failing', 'frozen']) },
        { type: 'meter', mode: 'live' },
      ]
    case 'meter_lies':
      return [lyingMeter(random), { type: 'meter', mode: 'live' }]
    case 'limit_source_lies':
      return [
        {
          type: 'limitSource',
          mode: random.pick(['stale', 'notANumber', 'wordsSwapped'] as const),
        },
        { type: 'limitSource', mode: 'live' },
      ]
    case 'limit_source':
      return [
        { type: 'limitSource', mode: random.pick(['silent', 'failing'] as const) },
        { type: 'limitSource', mode: 'live' },
      ]
    case 'crash':
      return [{ type: 'crash', downMs: Math.min(lastsMs, random.integer(1000, 60_000)) }]
    case 'disk_fails':
      return [{ type: 'diskFails', writes: random.integer(1, 5) }]
    case 'disk_hangs':
      return [{ type: 'diskHangs', forMs: Math.min(lastsMs, random.integer(1000, 30_000)) }]
    case 'clock_step':
      return [{ type: 'clockStep', byMs: random.integer(-7200, 7200) * 1000 }]
    case 'broker':
      return [
        { type: 'broker', up: false },
        { type: 'broker', up: true },
      ]
  }
}

/** Late readings are the most common. */
const LIES = ['delayed', ...LYING_MODES] as const

/** Readings that are not what flows. */
export function lyingMeter(random: Random): Fault {
  const mode = random.pick(LIES)
  if (mode !== 'delayed') return { type: 'meter', mode }
  const delayMs = random.chance(0.2) ? 60_000 : random.integer(2, 20) * 1000
  return { type: 'meter', mode, delayMs }
}
