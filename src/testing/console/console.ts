/** A command line for simulated charge points: typed, scripted, or sent by another program. */
import { after } from '../../after.js'
import type { Clock } from '../../ports.js'
import { CAR_COMMANDS } from './car-commands.js'
import { CHARGE_POINT_COMMANDS } from './charge-point-commands.js'
import { usageOf } from './command.js'
import type { Command, CommandCall, Reply } from './command.js'
import { CONDITION_FIELDS, parseCondition } from './condition.js'
import { operator } from './operator.js'
import type { Operator } from './operator.js'
import { CommandProblem, usage } from './problem.js'
import { reportOf } from './report.js'
import type { ChargePointRig } from './rig.js'
import { integerFrom, parseLine, timeFrom } from './words.js'
import type { CommandLine } from './words.js'

/** What came of one command at one charge point. */
export type Outcome =
  | ({ readonly charge_point: string; readonly ok: true } & Reply)
  | {
      readonly charge_point: string
      readonly ok: false
      readonly kind: CommandProblem['kind']
      readonly problem: string
    }

export type ConsoleAnswer =
  | { readonly type: 'nothing' }
  | { readonly type: 'quit' }
  /** Not about a charge point: help, and waiting. */
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'wrong'; readonly problem: string }
  /** One for each charge point it was for. */
  | { readonly type: 'done'; readonly outcomes: readonly Outcome[] }

export interface ChargePointConsole {
  readonly identities: readonly string[]
  /** Never rejects. Commands that run at the same time are the caller's choice. */
  run(line: string): Promise<ConsoleAnswer>
  /** What is wrong with the words of a line, without running it. */
  check(line: string): string | undefined
}

const COMMANDS: readonly Command[] = [...CAR_COMMANDS, ...CHARGE_POINT_COMMANDS]
/** Their names. */
export const CONSOLE_COMMANDS: readonly string[] = [
  ...COMMANDS.map(({ name }) => name),
  'wait',
  'wait-for',
  'help',
  'quit',
]
const POLL_MS = 100
const DEFAULT_TIMEOUT_MS = 30_000

export function chargePointConsole(
  rigs: readonly ChargePointRig[],
  clock: Clock,
): ChargePointConsole {
  const operators = new Map(rigs.map((rig) => [rig.chargePoint.identity, operator(rig, clock)]))

  return {
    identities: [...operators.keys()],
    async run(text) {
      try {
        const line = parseLine(text)
        return await ran(line)
      } catch (error) {
        if (error instanceof CommandProblem) return { type: 'wrong', problem: error.message }
        throw error
      }
    },
    check(text) {
      try {
        const line = parseLine(text)
        const addressed = targets(line.target)
        if (line.name === 'wait') timeFrom(line.words[0], 'SECONDS')
        else if (line.name === 'wait-for') waitOf(line)
        else if (!['', 'quit', 'help'].includes(line.name)) {
          callOf(commandOf(line.name), line, addressed)
        }
        return undefined
      } catch (error) {
        if (error instanceof CommandProblem) return error.message
        throw error
      }
    },
  }

  async function ran(line: CommandLine): Promise<ConsoleAnswer> {
    const addressed = targets(line.target)
    switch (line.name) {
      case '':
        return { type: 'nothing' }
      case 'quit':
        return { type: 'quit' }
      case 'help':
        return { type: 'said', text: helpText(line.words[0]) }
      case 'wait': {
        const ms = timeFrom(line.words[0], 'SECONDS')
        await new Promise<void>((resolve) => after(clock, ms, resolve))
        return { type: 'said', text: `waited ${ms / 1000} s` }
      }
      case 'wait-for': {
        const wish = waitOf(line)
        return {
          type: 'done',
          outcomes: await Promise.all(addressed.map((each) => wait(each, wish))),
        }
      }
      default: {
        const command = commandOf(line.name)
        const call = callOf(command, line, addressed)
        return {
          type: 'done',
          outcomes: await Promise.all(addressed.map((each) => outcomeOf(each, command, call))),
        }
      }
    }
  }

  function targets(name: string | undefined): readonly Operator[] {
    if (name === undefined) return [...operators.values()]
    const found = operators.get(name)
    if (found) return [found]
    const known = [...operators.keys()]
    const some = known.length > 10 ? [...known.slice(0, 10), '...'] : known
    throw usage(`there is no charge point ${name}; there are ${some.join(', ')}`)
  }

  interface Wish {
    readonly condition: ReturnType<typeof parseCondition>
    readonly connectorId: number
    readonly timeoutMs: number
  }

  function waitOf({ words }: CommandLine): Wish {
    const [text = '', ...rest] = words
    const condition = parseCondition(text)
    const { words: further, options } = optionsOf(rest, ['timeout'], 'wait-for')
    if (further.length > 1) throw usage(`too many words: ${further.slice(1).join(' ')}`)
    return {
      condition,
      connectorId: integerFrom(further[0] ?? '1', 'CONNECTOR', { min: 0, max: 1000 }),
      timeoutMs:
        options['timeout'] === undefined
          ? DEFAULT_TIMEOUT_MS
          : timeFrom(options['timeout'], 'timeout'),
    }
  }

  async function wait(
    { rig, car }: Operator,
    { condition, connectorId, timeoutMs }: Wish,
  ): Promise<Outcome> {
    const startMs = clock.monotonic()
    const { identity } = rig.chargePoint
    const report = (): ReturnType<typeof reportOf> => reportOf(rig, car)
    const held = await new Promise<boolean>((resolve) => {
      const look = (): boolean => {
        const holds = condition.holds(report(), connectorId)
        if (!holds && clock.monotonic() - startMs < timeoutMs) return false
        resolve(holds)
        return true
      }
      if (look()) return
      const cancel = clock.every(POLL_MS, () => {
        if (look()) cancel()
      })
    })
    const actual = condition.actual(report(), connectorId)
    if (held) {
      const afterS = Math.round((clock.monotonic() - startMs) / 100) / 10
      const text = `${condition.text} after ${afterS} s`
      return { charge_point: identity, ok: true, text, fields: { actual, after_s: afterS } }
    }
    const problem = `${condition.text} did not come within ${timeoutMs / 1000} s, it is ${actual}`
    return { charge_point: identity, ok: false, kind: 'failed', problem }
  }
}

async function outcomeOf(target: Operator, command: Command, call: CommandCall): Promise<Outcome> {
  const { identity } = target.rig.chargePoint
  try {
    return { charge_point: identity, ok: true, ...(await command.run(target, call)) }
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error
    return { charge_point: identity, ok: false, kind: error.kind, problem: error.message }
  }
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name)
  if (command) return command
  throw usage(`there is no command ${name}; there are ${CONSOLE_COMMANDS.join(', ')}`)
}

function callOf(command: Command, line: CommandLine, addressed: readonly Operator[]): CommandCall {
  const { words, options } = optionsOf(line.words, command.options, command.name)
  const required = command.args.filter((arg) => !arg.startsWith('[') && arg !== '...').length
  const isOpen = command.args.includes('...')
  const most = isOpen ? Infinity : command.args.length + (command.takesConnector ? 1 : 0)
  if (words.length < required || words.length > most) throw usage(`usage: ${usageOf(command)}`)
  const given = command.takesConnector ? words[command.args.length] : undefined
  const connectorId = integerFrom(given ?? '1', 'CONNECTOR', { min: 1, max: 1000 })
  for (const { rig } of command.takesConnector ? addressed : []) {
    const { identity, connectors } = rig.chargePoint
    if (connectorId > connectors.length) {
      throw usage(`${identity} has no connector ${connectorId}, it has ${connectors.length}`)
    }
  }
  return { words: words.slice(0, command.args.length), connectorId, options, rest: line.rest }
}

/** Parts `name=value` from plain words. */
function optionsOf(
  all: readonly string[],
  known: readonly string[],
  command: string,
): { readonly words: readonly string[]; readonly options: Readonly<Record<string, string>> } {
  const options: Record<string, string> = {}
  const words: string[] = []
  for (const word of all) {
    const [, name = '', value = ''] = /^([a-z]+)=(.*)$/.exec(word) ?? []
    if (name === '' || known.length === 0) words.push(word)
    else if (known.includes(name)) options[name] = value
    else
      throw usage(
        `${command} has no ${name}=; it has ${known.map((each) => `${each}=`).join(', ')}`,
      )
  }
  return { words, options }
}

function helpText(name: string | undefined): string {
  if (name !== undefined) {
    const command = commandOf(name)
    return `${usageOf(command)}\n  ${command.help}`
  }
  const lines: (readonly [string, string])[] = [
    ...COMMANDS.map((command) => [usageOf(command), command.help] as const),
    ['wait SECONDS', 'lets time pass'],
    [
      'wait-for CONDITION [CONNECTOR] [timeout=...]',
      `until it holds, at most 30 s: offer>=6, status=Charging; of ${CONDITION_FIELDS.join(', ')}`,
    ],
    ['help [COMMAND]', 'this'],
    ['quit', 'ends it'],
  ]
  return [
    'One command a line, for every charge point, or for one: @CP_001 plug',
    ...lines.map(([words, help]) => `  ${words}\n      ${help}`),
  ].join('\n')
}

/** The first thing that went wrong, in words; undefined: nothing did. */
export function failureOf(
  answer: ConsoleAnswer,
): { readonly kind: CommandProblem['kind']; readonly problem: string } | undefined {
  if (answer.type === 'wrong') return { kind: 'usage', problem: answer.problem }
  if (answer.type !== 'done') return undefined
  for (const outcome of answer.outcomes) {
    if (outcome.ok) continue
    const { charge_point: identity, kind, problem } = outcome
    return { kind, problem: `${identity}: ${problem}` }
  }
  return undefined
}
