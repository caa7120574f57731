/** A running gateway as its commands see it: over REST, with the token of the operator. */
import { z } from 'zod'
import type { Io } from './io.js'

export interface GatewayOptions {
  readonly url: string
  readonly token?: string
}

export interface Gateway {
  /** The body of a positive answer. Rejects with a `GatewayError` otherwise. */
  send(method: string, path: string, body?: object): Promise<unknown>
}

export class GatewayError extends Error {}

const refusalSchema = z.object({ message: z.string() })

export function restClient({ url, token }: GatewayOptions, { env }: Io): Gateway {
  const bearer = token ?? env['YARDMASTER_TOKEN']
  const headers = {
    'content-type': 'application/json',
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  }
  return {
    async send(method, path, body) {
      let response: Response
      let answer: unknown
      try {
        response = await fetch(`${url}/api/v1${path}`, {
          method,
          headers,
          ...(body && { body: JSON.stringify(body) }),
        })
        answer = await response.json()
      } catch (error) {
        const why = error instanceof Error ? (error.cause ?? error) : error
        throw new GatewayError(`cannot talk to ${url} (${String(why)}): is the gateway there?`)
      }
      if (response.ok) return answer
      const refusal = refusalSchema.safeParse(answer)
      const message = refusal.success ? refusal.data.message : `HTTP ${response.status}`
      const remedy = response.status === 401 ? ' (--token, or $YARDMASTER_TOKEN)' : ''
      throw new GatewayError(`${message}${remedy}`)
    },
  }
}
