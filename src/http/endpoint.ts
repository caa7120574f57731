import type { z } from 'zod'
import type { SchemaName } from './schemas.js'

/** One method of one path: what the API description says about it, and the answer. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below /api/v1, with parameters in braces. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly query?: z.ZodObject
  readonly body?: SchemaName
  /** The body is a table. */
  readonly csvBody?: true
  /** The body is a file. */
  readonly binaryBody?: true
  readonly success: Success
  readonly answer: (call: Call) => Response | Promise<Response>
}

export type Success =
  | { readonly status: 200 | 201; readonly schema: SchemaName }
  | { readonly status: 200; readonly listOf: SchemaName }
  /** Server-sent events of this shape. */
  | { readonly status: 200; readonly stream: SchemaName }
  /** A table. */
  | { readonly status: 200; readonly csv: string }
  /** One JSON object of this shape a line. */
  | { readonly status: 200; readonly lines: SchemaName }
  /** A file. */
  | { readonly status: 200; readonly binary: string }
  /** A document that describes itself. */
  | { readonly status: 200; readonly text: string }
  | { readonly status: 204 }

export interface Call {
  readonly request: Request
  /** The parameter in the path, percent-decoded; empty where the path has none. */
  readonly id: string
}
