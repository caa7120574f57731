/** JSON Schema (draft 2020-12) of the configuration file, for editors and to name known keys. */
import { z } from 'zod'
import { configSchema } from './schema.js'

export type JsonSchema = z.core.JSONSchema.BaseSchema

let made: JsonSchema | undefined

export function configJsonSchema(): JsonSchema {
  made ??= { title: 'Yardmaster configuration', ...z.toJSONSchema(configSchema, { io: 'input' }) }
  return made
}
