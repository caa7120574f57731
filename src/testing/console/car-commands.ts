/** The commands about cars and cards. */
import { steeredEv } from '../steered-ev.js'
import type { Command } from './command.js'
import { failed } from './problem.js'
import { integerFrom, numberFrom, phasesFrom, timeFrom } from './words.js'

const PERCENT = { min: 0, max: 100 }
const KWH = { min: 0, max: 1000 }
const AMPS = { min: 0, max: 1000 }

const plug: Command = {
  name: 'plug',
  args: [],
  options: ['tag', 'kwh', 'soc', 'capacity', 'amps', 'phases', 'delay'],
  takesConnector: true,
  help: 'a car is plugged in; with a tag it asks to charge by itself (16 A, 3 phases, 60 kWh at 20 %)',
  run({ rig: { chargePoint }, car, park }, { connectorId, options }) {
    if (car(connectorId)) throw failed(`a car is plugged in at connector ${connectorId}: unplug it`)
    const { tag, kwh, soc, capacity, amps, phases, delay } = options
    const ev = steeredEv({
      ...(kwh !== undefined && { needKwh: numberFrom(kwh, 'kwh', KWH) }),
      ...(soc !== undefined && { socPercent: numberFrom(soc, 'soc', PERCENT) }),
      ...(capacity !== undefined && {
        capacityKwh: numberFrom(capacity, 'capacity', { min: 1, max: 2000 }),
      }),
      ...(amps !== undefined && { maxCurrentA: numberFrom(amps, 'amps', AMPS) }),
      ...(phases !== undefined && { phases: phasesFrom(phases) }),
      ...(delay !== undefined && { delayMs: timeFrom(delay, 'delay') }),
    })
    chargePoint.plugIn(connectorId, ev, tag === undefined ? {} : { idTag: tag })
    park(connectorId, ev)
    return { text: `plugged in at connector ${connectorId}`, fields: { connector: connectorId } }
  },
}

const unplug: Command = {
  name: 'unplug',
  args: [],
  options: [],
  takesConnector: true,
  help: 'the car leaves; a transaction ends with EVDisconnected',
  run({ rig, needCar, park }, { connectorId }) {
    needCar(connectorId)
    rig.chargePoint.unplug(connectorId)
    park(connectorId, undefined)
    return { text: `unplugged at connector ${connectorId}`, fields: { connector: connectorId } }
  },
}

const tag: Command = {
  name: 'tag',
  args: ['ID'],
  options: [],
  takesConnector: true,
  help: 'a card is shown: starts, stops what the same card started, or waits for a car',
  run({ rig }, { words: [id = ''], connectorId }) {
    const shown = rig.chargePoint.showTag(connectorId, id)
    if (shown === 'refused') {
      throw failed(`another card has started the transaction at connector ${connectorId}`)
    }
    return { text: `tag ${id}: ${shown}`, fields: { connector: connectorId, tag: id, shown } }
  },
}

const full: Command = {
  name: 'full',
  args: [],
  options: [],
  takesConnector: true,
  help: 'the car wants nothing more',
  run({ needCar }, { connectorId }) {
    needCar(connectorId).fillUp()
    return {
      text: `the car at connector ${connectorId} is full`,
      fields: { connector: connectorId },
    }
  },
}

const fullAfter: Command = {
  name: 'full-after',
  args: ['SECONDS'],
  options: [],
  takesConnector: true,
  help: 'the car wants nothing more, so long from now',
  run({ needCar }, { words: [seconds], connectorId }) {
    const ms = timeFrom(seconds, 'SECONDS')
    needCar(connectorId).fillUp(ms)
    return { text: `full in ${ms / 1000} s`, fields: { connector: connectorId, in_s: ms / 1000 } }
  },
}

const delay: Command = {
  name: 'delay',
  args: ['SECONDS'],
  options: [],
  takesConnector: true,
  help: 'the car waits so long from now before it takes anything, as for a cheap hour',
  run({ needCar }, { words: [seconds], connectorId }) {
    const ms = timeFrom(seconds, 'SECONDS')
    needCar(connectorId).delay(ms)
    const fields = { connector: connectorId, delay_s: ms / 1000 }
    return { text: `charging begins in ${ms / 1000} s`, fields }
  },
}

const suspend: Command = {
  name: 'suspend',
  args: [],
  options: [],
  takesConnector: true,
  help: 'the car pauses by itself (SuspendedEV)',
  run({ needCar }, { connectorId }) {
    needCar(connectorId).suspend()
    return { text: 'the car pauses', fields: { connector: connectorId } }
  },
}

const resume: Command = {
  name: 'resume',
  args: [],
  options: [],
  takesConnector: true,
  help: 'the car goes on, also one that was delayed',
  run({ needCar }, { connectorId }) {
    needCar(connectorId).resume()
    return { text: 'the car goes on', fields: { connector: connectorId } }
  },
}

const maxAmps: Command = {
  name: 'max-amps',
  args: ['N'],
  options: [],
  takesConnector: true,
  help: 'the car takes at most so much per phase',
  run({ needCar }, { words: [given], connectorId }) {
    const currentA = numberFrom(given, 'N', AMPS)
    needCar(connectorId).setMaxCurrentA(currentA)
    const fields = { connector: connectorId, max_amps: currentA }
    return { text: `the car takes at most ${currentA} A`, fields }
  },
}

const phases: Command = {
  name: 'phases',
  args: ['1|2|3'],
  options: [],
  takesConnector: true,
  help: 'the car charges on so many phases',
  run({ needCar }, { words: [given], connectorId }) {
    const count = phasesFrom(given)
    needCar(connectorId).setPhases(count)
    return {
      text: `the car uses ${count} phases`,
      fields: { connector: connectorId, phases: count },
    }
  },
}

const soc: Command = {
  name: 'soc',
  args: ['[PERCENT]'],
  options: ['connector'],
  takesConnector: false,
  help: "the car's state of charge; with a number it is set",
  run({ needCar }, { words: [given], options: { connector = '1' } }) {
    const connectorId = integerFrom(connector, 'connector', { min: 1, max: 1000 })
    const car = needCar(connectorId)
    if (given !== undefined) car.setSocPercent(numberFrom(given, 'PERCENT', PERCENT))
    const percent = Math.round(car.socPercent() * 10) / 10
    return { text: `${percent} %`, fields: { connector: connectorId, soc: percent } }
  },
}

export const CAR_COMMANDS: readonly Command[] = [
  plug,
  unplug,
  tag,
  full,
  fullAfter,
  delay,
  suspend,
  resume,
  maxAmps,
  phases,
  soc,
]
