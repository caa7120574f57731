/** Departures from what a charge point should do, by the names that scenario files use for them. */
import { OBEDIENT } from '../behaviour.js'
import type { Behaviour } from '../behaviour.js'
import {
  behaviourKey,
  behaviourKeys,
  behaviourOf,
  behaviourSchema,
  behaviourShape,
} from '../scenario-file/behaviour-keys.js'
import { usage } from './problem.js'

const NAMES: readonly string[] = Object.keys(behaviourShape)

/** `on` departs where that is a question of yes or no, `off` is as it should be. */
export function quirkChange(name: string, given: string): Partial<Behaviour> {
  const field = fieldOf(name)
  const obedient = OBEDIENT[field]
  if (given === 'off') return { [field]: obedient }
  const key = behaviourKey(field)
  const values = given === 'on' ? [!obedient] : readings(given)
  for (const value of typeof obedient === 'boolean' || given !== 'on' ? values : []) {
    const read = behaviourSchema.safeParse({ [key]: value })
    if (read.success) return behaviourOf(read.data)
  }
  const { description } = behaviourShape[keyOf(key)]
  throw usage(
    `quirk ${key} cannot be ${JSON.stringify(given)} (${description ?? 'no description'}); off: as it should be`,
  )
}

/** What departs now, in the words of a scenario file. */
export function quirksOf(behaviour: Behaviour): Readonly<Record<string, unknown>> {
  return behaviourKeys(
    Object.fromEntries(
      fields()
        .filter((field) => JSON.stringify(behaviour[field]) !== JSON.stringify(OBEDIENT[field]))
        .map((field) => [field, behaviour[field]]),
    ),
  )
}

export function quirkDescriptions(): readonly (readonly [string, string])[] {
  return Object.entries(behaviourShape).map(([key, schema]) => [key, schema.description ?? ''])
}

function fieldOf(name: string): keyof Behaviour {
  const field = fields().find((each) => each === name || behaviourKey(each) === name)
  if (field) return field
  throw usage(`there is no quirk ${name}; there are ${NAMES.join(', ')}`)
}

function fields(): readonly (keyof Behaviour)[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a literal of that type
  return Object.keys(OBEDIENT) as (keyof Behaviour)[]
}

function keyOf(key: string): keyof typeof behaviourShape {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made from a field above
  return key as keyof typeof behaviourShape
}

/** The same words may be a number, a flag, a word or a list. */
function readings(given: string): readonly unknown[] {
  const number = Number(given)
  return [
    ...(Number.isNaN(number) ? [] : [number]),
    ...(given === 'true' || given === 'yes' ? [true] : []),
    ...(given === 'false' || given === 'no' ? [false] : []),
    given,
    given.split(','),
  ]
}
