/** Why a command did not do what it was told. */
export class CommandProblem extends Error {
  /** `usage`: the words are wrong. `failed`: they are right, and it did not work. */
  readonly kind: 'usage' | 'failed'

  constructor(kind: 'usage' | 'failed', message: string) {
    super(message)
    this.kind = kind
  }
}

export function usage(message: string): CommandProblem {
  return new CommandProblem('usage', message)
}

export function failed(message: string): CommandProblem {
  return new CommandProblem('failed', message)
}
