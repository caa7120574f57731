/** A YAML text as plain values, and the place in the text of each of them. */
import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, Parser } from 'yaml'
import type { Document, Node } from 'yaml'
import type { Path } from './problem.js'

export interface Place {
  readonly line: number
  readonly column: number
}

export interface SyntaxProblem {
  readonly place: Place
  readonly message: string
}

export interface YamlSource {
  /** The text as plain values; undefined for an empty text. */
  readonly value: unknown
  /** Where the value at `path` begins, or the innermost thing around it that is there. */
  valuePlace(path: Path): Place
  /** Where the last key of `path` stands, or the innermost thing around it that is there. */
  keyPlace(path: Path): Place
}

export type YamlRead =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] }

const MAX_LENGTH = 1_000_000
/** Entries of the parser's stack: about two for each level of the file. */
const MAX_STACK = 100
const START: Place = { line: 1, column: 1 }

/** Never throws, whatever the text. */
export function readYaml(text: string): YamlRead {
  if (text.length > MAX_LENGTH) {
    return failed(START, `the file has ${text.length} characters; at most ${MAX_LENGTH} are read`)
  }
  const lines = new LineCounter()
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (nestsTooDeeply(text)) return failed(START, 'nested far too deeply for a configuration')

  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  })
  const problems = [...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
    place: at(pos[0]),
    message: SYNTAX[code] ?? message,
  }))
  if (problems.length > 0) return { ok: false, problems }
  try {
    const value: unknown = document.toJS()
    return { ok: true, source: sourceOf(document, value ?? undefined, at) }
  } catch (error) {
    // Aliases: to nothing, or so many that the document would explode.
    return failed(START, error instanceof Error ? error.message : String(error))
  }
}

const SYNTAX: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is there twice in the same section',
  MULTIPLE_DOCS: 'a second document begins here; the configuration is one document',
  NON_STRING_KEY: 'a key must be plain text',
  TAB_AS_INDENT: 'indented with a tab; YAML takes spaces only',
}

function failed(place: Place, message: string): YamlRead {
  return { ok: false, problems: [{ place, message }] }
}

/**
 * The library recurses for each level and can take the process down with it; its token parser does
 * not recurse.
 */
function nestsTooDeeply(text: string): boolean {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    // Run for what it leaves on the stack.
    Array.from(parser.next(lexeme))
    if (parser.stack.length > MAX_STACK) return true
  }
  return false
}

function sourceOf(
  document: Document.Parsed,
  value: unknown,
  at: (offset: number) => Place,
): YamlSource {
  const start = (node: Node | null): Place | undefined =>
    node?.range ? at(node.range[0]) : undefined
  const valuePlace = (path: Path): Place => {
    let node: Node | null = document.contents
    let place = start(node) ?? START
    for (const key of path) {
      const child = childOf(document, node, key)
      if (!child) break
      place = start(isEmpty(child.value) ? (child.key ?? child.value) : child.value) ?? place
      node = child.value
    }
    return place
  }
  return {
    value,
    valuePlace,
    keyPlace(path) {
      let node: Node | null = document.contents
      for (const key of path.slice(0, -1)) node = childOf(document, node, key)?.value ?? null
      const key = path.at(-1)
      const child = key === undefined ? undefined : childOf(document, node, key)
      return (child?.key && start(child.key)) ?? valuePlace(path)
    },
  }
}

interface Child {
  /** Undefined in a list. */
  readonly key: Node | undefined
  readonly value: Node | null
}

function childOf(
  document: Document.Parsed,
  parent: Node | null,
  key: string | number,
): Child | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(
      (item) => isScalar(item.key) && String(item.key.value) === `${key}`,
    )
    return pair && { key: pair.key, value: pair.value }
  }
  if (isSeq<Node>(node) && typeof key === 'number') {
    const item = node.items[key]
    return item && { key: undefined, value: item }
  }
  return undefined
}

/** `key:` with nothing behind it has no place of its own. */
function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.source === '')
}
