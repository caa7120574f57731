/** One thing wrong with a configuration file, and where. */
export interface ConfigProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** Keys and list positions (from 0) joined by dots; empty: the file as a whole. */
  readonly path: string
  /** What is wrong, with the value, and what is expected. */
  readonly message: string
}

/** Keys and list positions (from 0), outermost first. */
export type Path = readonly (string | number)[]

/** A problem before its place in the file is known. */
export interface Finding {
  readonly path: Path
  /** The finding is about the last key of the path, not about its value. */
  readonly aboutKey?: boolean
  readonly message: string
}

/** `file:line:col path: message`, as editors and people find it. */
export function problemText({ file, line, column, path, message }: ConfigProblem): string {
  return path === ''
    ? `${file}:${line}:${column}: ${message}`
    : `${file}:${line}:${column} ${path}: ${message}`
}
