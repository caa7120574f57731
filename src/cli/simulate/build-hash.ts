/** Which build a proof was made with: runs of other code, or of other dice, prove nothing here. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `dist`, or `src` where it runs unbuilt. */
const PROGRAM = fileURLToPath(new URL('../..', import.meta.url))
const GENERATOR = /^testing\/simulation\/(random-scenario|fault-plan)\./
const CODE = /(?<!\.d)\.[jt]s$/

/** Version and content: the same for the same code, wherever and whenever it was built. */
export function buildName(): string {
  return `${packageVersion()} ${hashOf(() => true)}`
}

/** Of what draws the random depots and their troubles. */
export function generatorHash(): string {
  return `random ${hashOf((name) => GENERATOR.test(name))}`
}

function hashOf(isMeant: (name: string) => boolean): string {
  const hash = createHash('sha256')
  for (const name of codeFiles()) {
    if (!isMeant(name)) continue
    const content = readFileSync(join(PROGRAM, name))
    hash.update(`${name} ${content.length}\n`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

function codeFiles(): readonly string[] {
  return readdirSync(PROGRAM, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => CODE.test(name))
    .toSorted()
}

function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(join(PROGRAM, '..', 'package.json'), 'utf8'))
  const stated = typeof content === 'object' && content !== null && 'version' in content
  return stated ? String(content.version) : 'unknown'
}
