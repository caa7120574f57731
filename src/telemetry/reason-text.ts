import type { LimitDimension, LimitSource, Reason } from '../core/reason.js'

/** A reason in words, for people who read an offer. */
export function reasonText(reason: Reason): string {
  switch (reason.type) {
    case 'idle':
      return 'no vehicle asks for charge'
    case 'offline':
      return 'the charger is not connected'
    case 'inactive':
      return 'the charger is switched off by the operator'
    case 'discovered':
      return 'the connector is not configured yet'
    case 'hardware':
      return `the charger gives at most ${ampere(reason.maxA)}`
    case 'vehicle':
      return `the vehicle takes at most ${ampere(reason.capA)}`
    case 'limit':
      return `limited by ${reason.nodeName}: ${boundText(reason)}`
    case 'waiting':
      return (
        `waiting for room at ${reason.nodeName}: ${boundText(reason)}; ` +
        `${reason.charging} charging, ${reason.waiting} waiting`
      )
    case 'pending':
      return `${ampere(reason.targetA)} promised, until others have given way`
    case 'unresponsive':
      return `the charger does not follow and counts ${ampere(reason.exposureA)}`
  }
}

export function limitSourceText(source: LimitSource): string {
  switch (source.type) {
    case 'configured':
      return 'configured limit'
    case 'fuse':
      return 'main fuse'
    case 'contract':
      return 'contracted power'
    case 'schedule':
      return `schedule ${source.from} to ${source.to}`
    case 'external':
      return source.fallback
        ? `fallback of ${source.sourceId}, which is silent`
        : `limit from ${source.sourceId}`
    case 'command':
      return `command ${source.commandId}`
    case 'failsafe':
      return `failsafe, meter ${source.meterId} is silent`
  }
}

interface Bound {
  readonly dimension: LimitDimension
  readonly limitA: number
  readonly source: LimitSource
}

function boundText({ dimension, limitA, source }: Bound): string {
  const where = dimension === 'power' ? 'the sum of the phases' : dimension.toUpperCase()
  return `${ampere(limitA)} on ${where} (${limitSourceText(source)})`
}

function ampere(currentA: number): string {
  return `${Math.round(currentA * 10) / 10} A`
}
