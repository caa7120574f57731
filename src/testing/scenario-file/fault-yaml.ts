/** Faults as entries of a scenario file, to repeat what happened. */
import { stringify } from 'yaml'
import type { Fault, TimedFault } from '../simulation/scenario.js'
import { behaviourKeys, snakeCase } from './behaviour-keys.js'
import { durationText } from './times.js'

/** `faults:` with one line for each. */
export function faultsYaml(faults: readonly TimedFault[]): string {
  if (faults.length === 0) return 'faults: []'
  return ['faults:', ...faults.map(({ atMs, fault }) => `  - ${faultLine(atMs, fault)}`)].join('\n')
}

function faultLine(atMs: number, fault: Fault): string {
  return flow({ at: durationText(atMs), ...faultEntry(fault) })
}

/** One fault in the words of a scenario file, without its time. */
export function faultWords(fault: Fault): string {
  return flow(faultEntry(fault)).replace(/^\{ /, '').replace(/ \}$/, '')
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()
}

function faultEntry(fault: Fault): Readonly<Record<string, unknown>> {
  switch (fault.type) {
    case 'cut':
      return { [fault.halfOpen ? 'cut_half_open' : 'cut']: fault.charger }
    case 'heal':
      return { heal: fault.charger }
    case 'resetConnection':
      return { reset_connection: fault.charger }
    case 'duplicateConnection':
      return { duplicate_connection: fault.charger }
    case 'loseFrames': {
      const to = fault.to === 'server' ? 'gateway' : 'charger'
      return { lose_frames: { charger: fault.charger, to, count: fault.count } }
    }
    case 'behave':
      return { behave: { charger: fault.charger, ...behaviourKeys(fault.change) } }
    case 'answerNext': {
      const answers = fault.answers.map((one) => (one === 'loseAnswer' ? 'lose_answer' : one))
      return { answer_next: { charger: fault.charger, action: fault.action, answers } }
    }
    case 'reboot':
      return { reboot: { charger: fault.charger, keep_profiles: fault.keepProfiles } }
    case 'meter':
      return fault.delayMs === undefined
        ? { meter: snakeCase(fault.mode) }
        : { meter_delay: durationText(fault.delayMs) }
    case 'limitSource':
      return { limit_source: snakeCase(fault.mode) }
    case 'limit':
      return { limit_a: fault.limitA }
    case 'crash':
      return { crash: { down: durationText(fault.downMs), ...(fault.on && { on: fault.on }) } }
    case 'diskFails':
      return { disk_fails: { writes: fault.writes } }
    case 'diskHangs':
      return { disk_hangs: { for: durationText(fault.forMs) } }
    case 'clockStep':
      return { clock_step: `${fault.byMs < 0 ? '-' : ''}${durationText(Math.abs(fault.byMs))}` }
    case 'broker':
      return { broker: fault.up ? 'up' : 'down' }
    case 'brokerKeepsSilent':
      return { broker_keeps_silent: { messages: fault.count } }
  }
}
