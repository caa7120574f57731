/** The keys of a scenario file as rows of a table, from its schema. */
import type { JsonSchema } from '../../src/config/json-schema.js'

export interface KeyRow {
  /** `cars.arrivals[].at` */
  readonly key: string
  readonly words: string
}

/** Keys of `behave` and of `chargers` are the same: they are told once, below `behaviour`. */
export function keyRows(root: JsonSchema, behaviours: ReadonlySet<string>): readonly KeyRow[] {
  const rows: KeyRow[] = []
  const walk = (schema: JsonSchema, path: string): void => {
    for (const [name, child] of Object.entries(schema.properties ?? {})) {
      if (typeof child !== 'object' || (path !== '' && behaviours.has(name))) continue
      const { items, properties } = child
      const item = typeof items === 'object' && !Array.isArray(items) ? items : undefined
      const isList = item?.properties !== undefined
      const key = `${path}${path === '' ? '' : '.'}${name}${isList ? '[]' : ''}`
      rows.push({ key, words: wordsOf(child, schema.required?.includes(name) === true) })
      if (isList) walk(item, key)
      else if (properties) walk(child, key)
    }
  }
  walk(root, '')
  return rows
}

/** The behaviours themselves. */
export function behaviourRows(root: JsonSchema): readonly KeyRow[] {
  return Object.entries(root.properties ?? {}).map(([key, child]) => ({
    key,
    words: wordsOf(typeof child === 'object' ? child : {}, false),
  }))
}

export function tableLine({ key, words }: KeyRow): string {
  return `| \`${key}\` | ${words} |`
}

function wordsOf(schema: JsonSchema, isRequired: boolean): string {
  const { description = '', enum: values, default: standard } = schema
  const items =
    typeof schema.items === 'object' && 'enum' in schema.items ? schema.items.enum : undefined
  const choices = values ?? items
  return [
    description,
    ...(choices && choices.length < 6 ? [choices.join(', ')] : []),
    ...(isPlain(standard) ? [`default ${String(standard)}`] : []),
    ...(isRequired ? ['required'] : []),
  ]
    .filter((part) => part !== '')
    .join('; ')
    .replaceAll('|', '\\|')
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
