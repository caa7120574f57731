/** The README as a machine reads it: its blocks, its links, its requests. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
export const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The code blocks of one language, without their fences. */
export function blocks(language: string): readonly string[] {
  const fenced = README.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)
  return [...fenced].flatMap(([, name, text]) => (name === language ? [text ?? ''] : []))
}

/** Everything that looks like `yardmaster COMMAND ...`, in blocks and in sentences. */
export function yardmasterCommands(): readonly (readonly string[])[] {
  const inBlocks = blocks('sh').flatMap((text) => text.split('\n'))
  const inSentences = [...README.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text ?? '')
  return [...inBlocks, ...inSentences].flatMap((line) => {
    const words = /^yardmaster +(.+)$/.exec(line.trim())?.[1]
    return words === undefined ? [] : [words.split(/\s+/)]
  })
}

export interface Request {
  readonly method: string
  /** Below /api/v1, with `$NAME` where an earlier answer belongs. */
  readonly path: string
  readonly body: string
  /** The shell variable that keeps the id of what was made. */
  readonly keptAs: string | undefined
}

/** Each `curl` of the shell blocks that sends a body, in order. */
export function requests(): readonly Request[] {
  const sent = blocks('sh')
    .join('\n')
    .matchAll(
      /(?:(\w+)=\$\()?curl -s -X (\w+) \$API(\S+) -H 'Content-Type: application\/json' -d '([\s\S]*?\})' \|/g,
    )
  return [...sent].map(([, keptAs, method = '', path = '', body = '']) => ({
    method,
    path,
    body,
    keptAs,
  }))
}

/** As the shell does it: `'$NAME'` in a quoted body, `$NAME` in a path. */
export function substituted(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/'\$(\w+)'|\$(\w+)/g, (found, quoted, plain) => {
    const value = values.get(quoted ?? plain)
    if (value === undefined) throw new Error(`nothing is known for ${found}`)
    return value
  })
}
