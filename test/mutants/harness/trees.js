// The sources as JavaScript in a temporary folder, and copies of them with one file changed. Types are
// not checked here: what counts is how soon a run begins.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { mutated, MutationError } from './mutation.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** A controller without its shells; the world around it is of the original. */
const NOT_MUTATED = new Set(['adapters', 'testing', 'index.js'])

/** Text by path (`src/core/load.ts`). Read once: the run is of one state of the source. */
export async function readSources() {
  const names = await readdir(join(ROOT, 'src'), { recursive: true })
  const files = names.filter(isSource).map((name) => `src/${name}`)
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')))
  return new Map(files.map((file, at) => [file, texts[at]]))
}

/** The changed file as JavaScript. Throws when the mutation does not fit, or is no TypeScript. */
export function planted(mutation, sources) {
  const text = sources.get(mutation.file)
  if (text !== undefined) return compiled(mutation.name, mutated(mutation, text))
  throw new MutationError(`${mutation.name}: there is no ${mutation.file}`)
}

/** `original` and `plant(mutation)` are folders with a `controller.js`; `remove()` takes all away. */
export async function sourceTrees(sources) {
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-mutants-'))
  const original = join(folder, 'original')
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n')
  await Promise.all(
    [...sources].map(([file, text]) =>
      write(join(original, compiledName(file)), compiled(file, text)),
    ),
  )
  return {
    original,
    async plant(mutation) {
      const tree = await mkdtemp(join(folder, `${mutation.name}-`))
      const copied = await readdir(original)
      await Promise.all(
        copied
          .filter((entry) => !NOT_MUTATED.has(entry))
          .map((entry) => cp(join(original, entry), join(tree, entry), { recursive: true })),
      )
      await write(join(tree, compiledName(mutation.file)), planted(mutation, sources))
      return tree
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

function compiled(name, text) {
  const { outputText, diagnostics } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  })
  const [first] = diagnostics ?? []
  if (!first) return outputText
  throw new MutationError(`${name}: ${ts.flattenDiagnosticMessageText(first.messageText, ' ')}`)
}

/** What runs a command is not simulated. */
function isSource(name) {
  return name.endsWith('.ts') && !name.startsWith('cli/') && name !== 'main.ts'
}

function compiledName(file) {
  return file.replace(/^src\//, '').replace(/\.ts$/, '.js')
}

async function write(file, text) {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
