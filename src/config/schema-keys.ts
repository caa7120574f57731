/** Which keys a JSON Schema knows at a path. */
import type { JsonSchema } from './json-schema.js'

type Path = readonly (string | number)[]

/** The keys of the section at `path`; empty where there is no section. */
export function keysAt(root: JsonSchema, path: Path): readonly string[] {
  let schemas: readonly JsonSchema[] = [root]
  for (const key of path) schemas = schemas.flatMap((schema) => children(root, schema, key))
  return schemas.flatMap((schema) => Object.keys(schema.properties ?? {}))
}

/** Path of the outermost section that knows `key`, without list positions. */
export function sectionOf(root: JsonSchema, key: string): readonly string[] | undefined {
  const queue: { readonly schema: JsonSchema; readonly at: readonly string[] }[] = [
    { schema: root, at: [] },
  ]
  for (const { schema, at } of queue) {
    const names = Object.keys(schema.properties ?? {})
    if (names.includes(key)) return at
    for (const name of names) {
      for (const child of children(root, schema, name)) {
        const entries = children(root, child, 0)
        for (const one of [child, ...entries]) queue.push({ schema: one, at: [...at, name] })
      }
    }
  }
  return undefined
}

/** The schemas of what is at `key`: alternatives give one each. */
function children(root: JsonSchema, schema: JsonSchema, key: string | number): JsonSchema[] {
  const { properties, items, prefixItems } = schema
  if (typeof key === 'string') {
    const property = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
    return alternatives(root, property)
  }
  return alternatives(root, prefixItems?.[key] ?? (Array.isArray(items) ? undefined : items))
}

function alternatives(root: JsonSchema, schema: JsonSchema | boolean | undefined): JsonSchema[] {
  if (typeof schema !== 'object') return []
  const name = schema.$ref?.replace('#/$defs/', '')
  const own = (name === undefined ? undefined : root.$defs?.[name]) ?? schema
  return [own, ...(own.anyOf ?? []).flatMap((one) => alternatives(root, one))]
}
