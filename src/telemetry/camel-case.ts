/** Arguments of commands are in camelCase, the schemas that REST and commands share in snake_case. */

/** A departure in a list in a vehicle; what nests deeper is refused by the schema as it is. */
const MAX_DEPTH = 4

export function toSnakeKeys(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => toSnakeKeys(one, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [snake(key), toSnakeKeys(inner, depth + 1)]),
  )
}

/** The way back, for what is told of them. */
export function toCamelKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toCamelKeys)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [camel(key), toCamelKeys(inner)]),
  )
}

/** Names in a sentence, but not the values it quotes. */
export function toCamelNames(text: string): string {
  return text
    .split('"')
    .map((part, index) => (index % 2 === 0 ? camel(part) : part))
    .join('"')
}

/** A key that is in snake_case already is none that we know, and comes back as it was. */
function snake(key: string): string {
  return key.replaceAll('_', '__').replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`)
}

function camel(text: string): string {
  return text
    .replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replaceAll('__', '_')
}
