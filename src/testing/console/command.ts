import type { Operator } from './operator.js'

/** What a command says when it has done what it was told. */
export interface Reply {
  readonly text: string
  /** The same as data. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** The parts of a line that belong to a command, checked for their number. */
export interface CommandCall {
  /** One for each argument; optional ones may be missing. */
  readonly words: readonly string[]
  readonly connectorId: number
  readonly options: Readonly<Record<string, string>>
  readonly rest: string
}

/** One command of the console, for one charge point. */
export interface Command {
  readonly name: string
  /** Arguments in order; in brackets: optional; `...`: the rest of the line. */
  readonly args: readonly string[]
  /** Names that may be given as `name=value`. */
  readonly options: readonly string[]
  /** It may end with the number of a connector; without one it is 1. */
  readonly takesConnector: boolean
  readonly help: string
  run(operator: Operator, call: CommandCall): Reply | Promise<Reply>
}

export function usageOf({ name, args, options, takesConnector }: Command): string {
  return [
    name,
    ...args,
    ...(takesConnector ? ['[CONNECTOR]'] : []),
    ...options.map((option) => `[${option}=...]`),
  ].join(' ')
}
