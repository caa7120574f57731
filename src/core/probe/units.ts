/** In what the charger takes limits: what it says, and what it took. */
import type { Move, ProbeObservation, StageBase } from './probe-types.js'
import { unclear } from './probe-types.js'

export interface UnitsStage extends StageBase {
  readonly step: 'units'
}

const ANSWER_MS = 45_000
const KEY = 'ChargingScheduleAllowedChargingRateUnit'

export function beginUnits(nowMs: number): Move<UnitsStage> {
  return {
    type: 'stage',
    stage: {
      step: 'units',
      doing: 'asking for its configuration',
      untilMs: nowMs + ANSWER_MS,
    },
    actions: [{ type: 'ask', question: { type: 'configuration' } }],
  }
}

export function goUnits(
  stage: UnitsStage,
  seen: ProbeObservation,
  nowMs: number,
): Move<UnitsStage> {
  const answer = seen.answers.find((one) => one.type === 'configuration')
  if (!answer && nowMs < stage.untilMs) return { type: 'stage', stage }
  const stated = statedUnits(answer?.keys?.get(KEY))
  const { takenUnit, refusedUnit } = seen
  const units = new Set(stated)
  const notes: string[] = []
  if (refusedUnit !== undefined) {
    units.delete(refusedUnit)
    notes.push(`it refuses limits in ${refusedUnit}`)
  }
  if (takenUnit !== undefined) units.add(takenUnit)
  if (stated.length === 0) notes.push(`it does not say its units (${KEY})`)
  else if (takenUnit !== undefined && !stated.includes(takenUnit)) {
    notes.push(`it says ${stated.join(' and ')}, and takes ${takenUnit} all the same`)
  }
  if (units.size === 0) return unclear(notes.join('; '))
  const known = (['A', 'W'] as const).filter((one) => units.has(one))
  return { type: 'done', isClear: true, findings: { units: known, notes } }
}

/** OCPP 1.6 9.3.2 says Current and Power; chargers say more. */
function statedUnits(text = ''): readonly ('A' | 'W')[] {
  const words = text.toLowerCase().split(/[^a-z]+/)
  const isOne = (names: readonly string[]): boolean => words.some((word) => names.includes(word))
  return [
    ...(isOne(['current', 'a', 'amp', 'amps', 'ampere', 'amperes']) ? (['A'] as const) : []),
    ...(isOne(['power', 'w', 'watt', 'watts']) ? (['W'] as const) : []),
  ]
}
