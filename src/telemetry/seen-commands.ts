import type { CommandStatus } from './ack-message.js'

export interface RememberedAck {
  readonly status: CommandStatus
  readonly reason: string | undefined
}

/** The last commands and what each was answered: a repeat gets the same answer and does nothing. */
export interface SeenCommands {
  /** The answer given before; undefined: this command is new, or long forgotten. */
  find(id: string): RememberedAck | undefined
  /** Remembers the answer, or replaces it by the later one. */
  add(id: string, ack: RememberedAck): void
  /** Oldest first, to be stored and given back after a restart. */
  entries(): readonly (readonly [id: string, ack: RememberedAck])[]
}

const CAPACITY = 256

export function seenCommands(
  restored: readonly (readonly [id: string, ack: RememberedAck])[] = [],
): SeenCommands {
  const acks = new Map(restored.slice(-CAPACITY))
  return {
    find: (id) => acks.get(id),
    add(id, ack) {
      acks.delete(id)
      acks.set(id, ack)
      const [oldest] = acks.keys()
      if (acks.size > CAPACITY && oldest !== undefined) acks.delete(oldest)
    },
    entries: () => [...acks],
  }
}
