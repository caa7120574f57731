// The operator's page: its TypeScript becomes one JavaScript module a file, the rest is copied. No
// bundle: a Pi serves a dozen small files from memory, and what the browser shows is what was written.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SOURCE = fileURLToPath(new URL('../src/http/page', import.meta.url))
const TARGET = fileURLToPath(new URL('../dist/http/page', import.meta.url))

// A file that is gone from the sources must not be served for ever.
await rm(TARGET, { recursive: true, force: true })
await mkdir(TARGET, { recursive: true })
for (const name of await readdir(SOURCE)) {
  if (name.endsWith('.ts')) {
    const { outputText } = ts.transpileModule(await readFile(join(SOURCE, name), 'utf8'), {
      fileName: name,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ES2022,
        verbatimModuleSyntax: true,
      },
    })
    await writeFile(join(TARGET, name.replace(/\.ts$/, '.js')), outputText)
  } else if (/\.(html|css|svg)$/.test(name)) {
    await cp(join(SOURCE, name), join(TARGET, name))
  }
}
