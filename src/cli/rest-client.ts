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
  /** The same with a table as the body, and with a text as the answer. */
  sendTable(path: string, table: string): Promise<unknown>
  text(path: string): Promise<string>
}

export class GatewayError extends Error {}

const refusalSchema = z.object({ message: z.string() })

export function restClient({ url, token }: GatewayOptions, { env }: Io): Gateway {
  const bearer = token ?? env['YARDMASTER_TOKEN']
  const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }

  const ask = async (path: string, request: RequestInit, contentType: string): Promise<string> => {
    let response: Response
    let answer: string
    try {
      const headers = { 'content-type': contentType, ...authorization }
      response = await fetch(`${url}/api/v1${path}`, { ...request, headers })
      answer = await response.text()
      if (response.ok) return answer
    } catch (error) {
      const why = error instanceof Error ? (error.cause ?? error) : error
      throw new GatewayError(`cannot talk to ${url} (${String(why)}): is the gateway there?`)
    }
    const refusal = refusalSchema.safeParse(jsonOf(answer))
    const message = refusal.success ? refusal.data.message : `HTTP ${response.status}`
    const remedy = response.status === 401 ? ' (--token, or $YARDMASTER_TOKEN)' : ''
    throw new GatewayError(`${message}${remedy}`)
  }
  const parsed = (answer: string): unknown => {
    const value = jsonOf(answer)
    if (value !== undefined) return value
    throw new GatewayError(`cannot talk to ${url} (it answers no JSON): is the gateway there?`)
  }

  return {
    async send(method, path, body) {
      const request = { method, ...(body && { body: JSON.stringify(body) }) }
      return parsed(await ask(path, request, 'application/json'))
    },
    async sendTable(path, table) {
      return parsed(await ask(path, { method: 'POST', body: table }, 'text/csv'))
    },
    text: (path) => ask(path, {}, 'application/json'),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
