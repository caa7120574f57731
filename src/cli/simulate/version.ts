/** Which program a proof was made with: a proof of other code proves nothing here. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The commit, marked when the sources differ from it; of an installed package its version. */
export function programVersion(): string {
  const commit = git('rev-parse', '--short=12', 'HEAD')
  // A package installed inside somebody's repository is not of that repository.
  const isOwn =
    commit !== undefined && git('ls-files', '--error-unmatch', 'src/main.ts') !== undefined
  if (!isOwn) return packageVersion()
  const changes = git('status', '--porcelain', '--', 'src')
  return changes === '' ? commit : `${commit} with changes`
}

function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'))
  const stated = typeof content === 'object' && content !== null && 'version' in content
  return stated ? String(content.version) : 'unknown'
}
