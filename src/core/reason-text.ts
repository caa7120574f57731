/** A reason and the source of a limit in words, for people. */
import type { CutOffStep, LimitDimension, LimitSource, Reason } from './reason.js'

/** `car`: the name of the vehicle, where it is known. */
export function reasonText(reason: Reason, car = 'the car'): string {
  switch (reason.type) {
    case 'idle':
      return 'no car asks for power'
    case 'offline':
      return 'the charger is not connected'
    case 'inactive':
      return 'switched off by the operator (Inactive)'
    case 'discovered':
      return 'this connector is not configured: add it to the EVSEs of the charger'
    case 'hardware':
      return `the charger gives at most ${ampere(reason.maxA)}`
    case 'vehicle':
      return reason.capA === 0
        ? `${car} takes nothing: it is offered something when there is room, and asked again within hours`
        : `${car} takes at most ${ampere(reason.capA)}`
    case 'limit':
      return limitText(reason)
    case 'waiting': {
      const cars = reason.charging + reason.waiting
      return (
        `waits its turn: ${reason.nodeName} has ${ampere(reason.limitA)} ` +
        `${over(reason.dimension)} for ${cars} ${cars === 1 ? 'car' : 'cars'} ` +
        `(${limitSourceText(reason.source)})` +
        (reason.nextAt === undefined ? '' : `, next by ${reason.nextAt}`)
      )
    }
    case 'pending':
      return `${ampere(reason.targetA)} as soon as others have given way`
    case 'probe':
      return `held at ${ampere(reason.maxA)} while the charger is probed`
    case 'unresponsive':
      return `the charger does not follow its limit: it counts as ${ampere(reason.exposureA)}`
    case 'cutOff':
      return cutOffText(reason)
    case 'unprotected':
      return (
        `out of service: it takes no limit, and ${reason.nodeName} has ${ampere(reason.roomA)} ` +
        `of the ${ampere(reason.needsA)} it may draw`
      )
  }
}

export function limitSourceText(source: LimitSource): string {
  switch (source.type) {
    case 'configured':
      return `configured limit${ofPriorities(source)}`
    case 'fuse':
      return 'main fuse'
    case 'contract':
      return 'contracted power'
    case 'schedule':
      return scheduleText(source) + ofPriorities(source)
    case 'external':
      return source.fallback
        ? `grid limit ${source.sourceId} is silent: its fallback`
        : `grid limit ${source.sourceId}`
    case 'command':
      return `command ${source.commandId}`
    case 'override':
      return `ordered by the operator: ${source.reason}`
    case 'failsafe':
      return `meter ${source.meterId} is silent`
  }
}

function ofPriorities({ priorities }: { readonly priorities?: string }): string {
  return priorities === undefined ? '' : `, for priorities ${priorities}`
}

function scheduleText(source: Extract<LimitSource, { type: 'schedule' }>): string {
  const { kind = 'weekly', name, from, to } = source
  const named = name === undefined ? '' : ` "${name}"`
  switch (kind) {
    case 'default':
      return `schedule${named}, at all other times`
    case 'exception':
      return `exception of the schedule${named}, ${from} to ${to}`
    case 'event':
      return `event${named}, ${from.replace('T', ' ')} to ${to.replace('T', ' ')}`
    case 'weekly':
      return `schedule${named} ${from} to ${to}`
  }
}

function limitText(reason: Extract<Reason, { type: 'limit' }>): string {
  const { nodeName, dimension, limitA, source } = reason
  // In failsafe nothing is shared out: the figure is what this EVSE keeps to by itself.
  if (source.type === 'failsafe') {
    return `${nodeName} is in failsafe, ${limitSourceText(source)}: fallback of ${ampere(limitA)}`
  }
  return `limited by ${nodeName} ${over(dimension)}: ${ampere(limitA)} (${limitSourceText(source)})`
}

const CUT_OFF: Readonly<Record<CutOffStep, string>> = {
  transaction: 'set to 0 A',
  fallback: 'set to 0 A, also for the next car',
  chargePoint: 'set to 0 A as a whole',
  remoteStop: 'its session was stopped',
  inoperative: 'out of service until an operator puts it back',
  relay: 'its relay is open until an operator closes it',
}

function cutOffText({ step, nodeName, overA }: Extract<Reason, { type: 'cutOff' }>): string {
  const where = nodeName === '' ? 'a limit' : `the limit of ${nodeName}`
  return `cut off by the watchdog, ${ampere(overA)} were measured above ${where}: ${CUT_OFF[step]}`
}

function over(dimension: LimitDimension): string {
  return dimension === 'power' ? 'over all phases' : `on ${dimension.toUpperCase()}`
}

function ampere(currentA: number): string {
  return `${Math.round(currentA * 10) / 10} A`
}
