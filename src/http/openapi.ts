/** The description of the API: OpenAPI 3.1, from the endpoints and the schemas that check bodies. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { RouteConfig } from '@hono/zod-openapi'
import { z } from 'zod'
import type { Endpoint, Success } from './endpoint.js'
import type { SchemaName } from './schemas.js'
import { schemas } from './schemas.js'

export function openApi(endpoints: readonly Endpoint[]): object {
  const app = new OpenAPIHono()
  const registry = app.openAPIRegistry
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'Not needed on the machine itself (localhost), unless configured so',
  })
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    registry.registerComponent('schemas', name, schema)
  }
  for (const endpoint of endpoints) registry.registerPath(routeOf(endpoint))
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Yardmaster',
      version: '1',
      description:
        'Charging depot under its grid limit: constraints, chargers, id tags, vehicles and sessions. ' +
        'Lists are bare arrays, ids are opaque strings, times are RFC 3339 in UTC.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, {}],
  })
}

/** By zod itself, whose JSON Schema is that of OpenAPI 3.1 (2020-12) to the letter. */
function jsonSchemas(): Record<string, Record<string, unknown>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const converted = z.toJSONSchema(registry, { io: 'input', uri: refTo })
  return Object.fromEntries(
    Object.entries(converted.schemas).map(([name, schema]) => {
      const { $id: _id, $schema: _dialect, ...rest } = schema
      return [name, rest]
    }),
  )
}

function routeOf(endpoint: Endpoint): RouteConfig {
  const { method, path, tag, summary, query, body, csvBody, binaryBody, success } = endpoint
  const name = path.includes('{id}') ? 'one' : 'all'
  return {
    method,
    path,
    summary,
    tags: [tag],
    operationId: `${method}-${path
      .replace(/\/\{id\}/, '')
      .slice(1)
      .replace(/\W/g, '-')}-${name}`,
    request: {
      ...(path.includes('{id}') && { params: z.object({ id: z.string() }) }),
      ...(query && { query }),
      ...(body && { body: { required: true, content: content(ref(body)) } }),
      ...(binaryBody && { body: { required: true, content: binary('The file as it is') } }),
      ...(csvBody && { body: { required: true, content: table('One line each') } }),
    },
    responses: {
      [success.status]: { description: 'Done', ...contentOf(success) },
      default: { description: 'Refused: nothing has changed', content: content(ref('Error')) },
    },
  }
}

function contentOf(success: Success): {
  content?: ReturnType<typeof content | typeof binary | typeof events | typeof table | typeof lines>
} {
  if (success.status === 204) return {}
  if ('binary' in success) return { content: binary(success.binary) }
  if ('csv' in success) return { content: table(success.csv) }
  if ('stream' in success) return { content: events(ref(success.stream)) }
  if ('lines' in success) return { content: lines(ref(success.lines)) }
  if ('schema' in success) return { content: content(ref(success.schema)) }
  if ('listOf' in success) {
    return { content: content({ type: 'array', items: ref(success.listOf) }) }
  }
  return { content: content({ type: 'object', description: success.text }) }
}

type SchemaObject = { readonly $ref: string } | ArraySchema | ObjectSchema
interface ArraySchema {
  type: 'array'
  items: { $ref: string }
}
interface ObjectSchema {
  type: 'object'
  description: string
}

function content(schema: SchemaObject): { 'application/json': { schema: SchemaObject } } {
  return { 'application/json': { schema } }
}

function table(description: string): {
  'text/csv': { schema: { type: 'string'; description: string } }
} {
  return { 'text/csv': { schema: { type: 'string', description } } }
}

function binary(description: string): {
  'application/octet-stream': { schema: { type: 'string'; description: string } }
} {
  return { 'application/octet-stream': { schema: { type: 'string', description } } }
}

/** Of each event its data. */
function events(schema: SchemaObject): { 'text/event-stream': { schema: SchemaObject } } {
  return { 'text/event-stream': { schema } }
}

/** Of each line its object. */
function lines(schema: SchemaObject): { 'application/x-ndjson': { schema: SchemaObject } } {
  return { 'application/x-ndjson': { schema } }
}

function ref(name: SchemaName): { $ref: string } {
  return { $ref: refTo(name) }
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`
}
