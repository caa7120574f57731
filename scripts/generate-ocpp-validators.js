// Compiles the OCPP 1.6 JSON schemas of the development dependency typed-ocpp into plain functions,
// so that at run time there is neither a schema nor a schema compiler. The result is never committed.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const OUTPUT = fileURLToPath(new URL('../src/ocpp/v16/generated/validators.ts', import.meta.url))

// RFC 3339; leap years are left to the decoder. A literal, because the output imports nothing.
const DATE_TIME =
  /^\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2\d))[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/

const stamp = await fingerprint()
if (await isCurrent(stamp)) process.exit(0)

const code = `${stamp}\n${await validators()}`
await mkdir(dirname(OUTPUT), { recursive: true })
// Written aside and renamed, so that a build or test running now never reads half a file.
const aside = `${OUTPUT}.${process.pid}`
await writeFile(aside, code)
await rename(aside, OUTPUT)
console.error(`generated ${OUTPUT} (${Math.round(code.length / 1024)} kB)`)

/** One comment line that changes whenever the output could. */
async function fingerprint() {
  const script = await readFile(fileURLToPath(import.meta.url))
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 16)
  const [schemas, compiler] = await Promise.all([version('typed-ocpp'), version('ajv')])
  return `// Generated from typed-ocpp ${schemas} with ajv ${compiler}, script ${hash}. Do not edit.`
}

async function version(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(await readFile(file, 'utf8')).version
}

async function isCurrent(firstLine) {
  try {
    return (await readFile(OUTPUT, 'utf8')).startsWith(`${firstLine}\n`)
  } catch {
    return false
  }
}

async function validators() {
  const [{ Ajv }, { default: standalone }, schemas] = await Promise.all([
    import('ajv'),
    import('ajv/dist/standalone/index.js'),
    import('typed-ocpp/dist/ocpp16/schemas.js'),
  ])
  const ajv = new Ajv({
    strict: false,
    messages: false,
    logger: false,
    // Lengths in UTF-16 units: counting code points would need a helper at run time.
    unicode: false,
    // 16.1 is a multiple of 0.1, whatever binary fractions say.
    multipleOfPrecision: 3,
    formats: { 'date-time': DATE_TIME, uri: URI },
    code: { source: true, esm: true, lines: true },
  })
  const names = Object.keys(schemas).toSorted()
  for (const name of names) ajv.addSchema(resolved(schemas[name], schemas[name].definitions), name)
  const compiled = standalone
    .default(ajv, Object.fromEntries(names.map((name) => [name, name])))
    .replace(/^"use strict";\n?/, '')
    .replaceAll(/^export const /gm, 'const ')
    // Place, keyword and a missing property say enough; the rest of an error would drag the
    // schemas along, and keep a peer's words alive.
    .replaceAll(/,schemaPath:"[^"]*"/g, '')
    .replaceAll(/,params:\{missingProperty: ([^{}]*)\}/g, ',missing: $1')
    .replaceAll(/,params:\{[^{}]*\}/g, '')
  const functions = compiled.replaceAll(/^const (schema\d+) = .*;\n/gm, (line, name) =>
    compiled.split(new RegExp(`\\b${name}\\b`)).length > 2 ? line : '',
  )
  const foreign = /\brequire\s*\(|\bimport\b/.exec(functions)
  if (foreign) {
    throw new Error(
      `the generated validators must be self-contained but contain "${foreign[0]}" at character ` +
        `${foreign.index}: a schema of typed-ocpp uses a keyword that needs a helper at run time`,
    )
  }
  return `// @ts-nocheck\n${functions}\n${declarations(names)}`
}

/** The schema with its references replaced by what they mean, and without what does not validate. */
function resolved(schema, definitions) {
  if (Array.isArray(schema)) return schema.map((item) => resolved(item, definitions))
  if (typeof schema !== 'object' || schema === null) return schema
  if (schema.$ref !== undefined) {
    return resolved(definitions[schema.$ref.replace('#/definitions/', '')], definitions)
  }
  const { definitions: _, $schema: __, title: ___, ...rest } = schema
  return Object.fromEntries(Object.entries(rest).map(([k, v]) => [k, resolved(v, definitions)]))
}

function declarations(names) {
  const actions = names.filter((name) => name.endsWith('Request')).map((name) => name.slice(0, -7))
  const table = (suffix) => actions.map((action) => `  ${action}: ${action}${suffix},\n`).join('')
  return `export type Action =${actions.map((action) => `\n  | '${action}'`).join('')}

export interface ValidationError {
  /** JSON pointer into the payload. */
  readonly instancePath: string
  /** The JSON schema keyword that failed. */
  readonly keyword: string
  /** The absent property, when the keyword is \`required\`. */
  readonly missing?: string
}

export interface Validator {
  (payload: unknown): boolean
  /** Where and why the last payload failed: one entry. */
  errors?: readonly ValidationError[] | null
}

/** True when the payload of a CALL is exactly what the schema of its action says. */
export const requests: Readonly<Record<Action, Validator>> = {
${table('Request')}}

/** True when the payload of a CALLRESULT is exactly what the schema of its action says. */
export const responses: Readonly<Record<Action, Validator>> = {
${table('Response')}}
`
}
