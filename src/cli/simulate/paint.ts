/** Colours, where there is a terminal that shows them and nobody asked to leave them out. */
import type { Io } from '../io.js'

export interface Paint {
  dim(text: string): string
  good(text: string): string
  warn(text: string): string
  bad(text: string): string
}

export function paintFor(io: Io): Paint {
  const noColor = io.env['NO_COLOR']
  const isColoured = io.isTerminal === true && (noColor === undefined || noColor === '')
  const painted = (code: number) => (text: string) =>
    isColoured ? `\u001B[${code}m${text}\u001B[0m` : text
  return { dim: painted(2), good: painted(32), warn: painted(33), bad: painted(31) }
}
