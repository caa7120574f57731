/** One entry of `faults` as what goes wrong, once for each charger it names. */
import type { Path } from '../../config/problem.js'
import type { ScriptedAnswer } from '../behaviour.js'
import type { Fault, TimedFault } from '../simulation/scenario.js'
import { LIMIT_SOURCE_MODES } from '../simulated-limit-source.js'
import { METER_MODES } from '../simulated-meter.js'
import { behaviourOf, snakeCase } from './behaviour-keys.js'
import type { FaultKeys } from './fault-keys.js'
import type { Resolver } from './resolver.js'

export function faultsOf(keys: FaultKeys, path: Path, resolve: Resolver): readonly TimedFault[] {
  const atMs = resolve.faultTime(keys.at, [...path, 'at'])
  const faults = [...ofSite(keys), ...ofChargers(keys, path, resolve)]
  return faults.map((fault) => ({ atMs, fault }))
}

function ofChargers(keys: FaultKeys, path: Path, resolve: Resolver): readonly Fault[] {
  const { behave, answer_next: answerNext, lose_frames: loseFrames, reboot } = keys
  const plain = (
    key: 'cut' | 'cut_half_open' | 'heal' | 'reset_connection' | 'duplicate_connection',
    fault: (charger: string) => Fault,
  ): readonly Fault[] => {
    const named = keys[key]
    return named === undefined ? [] : resolve.chargers(named, [...path, key]).map(fault)
  }
  const nested = (
    key: string,
    section: { readonly charger: string | readonly string[] } | undefined,
    fault: (charger: string) => Fault,
  ): readonly Fault[] =>
    section ? resolve.chargers(section.charger, [...path, key, 'charger']).map(fault) : []

  return [
    ...plain('cut', (charger) => ({ type: 'cut', charger, halfOpen: false })),
    ...plain('cut_half_open', (charger) => ({ type: 'cut', charger, halfOpen: true })),
    ...plain('heal', (charger) => ({ type: 'heal', charger })),
    ...plain('reset_connection', (charger) => ({ type: 'resetConnection', charger })),
    ...plain('duplicate_connection', (charger) => ({ type: 'duplicateConnection', charger })),
    ...nested('behave', behave, (charger) => ({
      type: 'behave',
      charger,
      change: behave ? behaviourOf(behave) : {},
    })),
    ...nested('answer_next', answerNext, (charger) => ({
      type: 'answerNext',
      charger,
      action: answerNext?.action ?? '',
      answers: (answerNext?.answers ?? []).map(scripted),
    })),
    ...nested('lose_frames', loseFrames, (charger) => ({
      type: 'loseFrames',
      charger,
      to: loseFrames?.to === 'charger' ? 'chargePoint' : 'server',
      count: loseFrames?.count ?? 1,
    })),
    ...nested('reboot', reboot, (charger) => ({
      type: 'reboot',
      charger,
      keepProfiles: reboot?.keep_profiles ?? true,
    })),
  ]
}

function ofSite(keys: FaultKeys): readonly Fault[] {
  const { meter, limit_source: limitSource, limit_a: limitA, crash, broker } = keys
  const { meter_delay: delayMs, broker_keeps_silent: keepsSilent } = keys
  const { disk_fails: diskFails, disk_hangs: diskHangs, clock_step: byMs } = keys
  const faults: Fault[] = []
  const mode = METER_MODES.find((one) => snakeCase(one) === meter)
  if (mode) faults.push({ type: 'meter', mode })
  if (delayMs !== undefined) faults.push({ type: 'meter', mode: 'delayed', delayMs })
  const sourceMode = LIMIT_SOURCE_MODES.find((one) => snakeCase(one) === limitSource)
  if (sourceMode) faults.push({ type: 'limitSource', mode: sourceMode })
  if (limitA !== undefined) faults.push({ type: 'limit', limitA })
  if (crash) {
    faults.push({ type: 'crash', downMs: crash.down, ...(crash.on && { on: crash.on }) })
  }
  if (diskFails) faults.push({ type: 'diskFails', writes: diskFails.writes })
  if (diskHangs) faults.push({ type: 'diskHangs', forMs: diskHangs.for })
  if (byMs !== undefined) faults.push({ type: 'clockStep', byMs })
  if (broker) faults.push({ type: 'broker', up: broker === 'up' })
  if (keepsSilent) faults.push({ type: 'brokerKeepsSilent', count: keepsSilent.messages })
  return faults
}

function scripted(answer: 'normal' | 'reject' | 'silent' | 'lose_answer'): ScriptedAnswer {
  return answer === 'lose_answer' ? 'loseAnswer' : answer
}
