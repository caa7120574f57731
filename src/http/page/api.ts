/** REST as the page uses it. The token lives in this tab and goes with each request, never in a cookie. */
import type { FieldProblem } from './wire.js'

/** What was asked was refused, or nobody answered (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly problems: readonly FieldProblem[]

  constructor(status: number, message: string, problems: readonly FieldProblem[] = []) {
    super(message)
    this.status = status
    this.problems = problems
  }
}

export interface Api {
  get<Answer>(path: string): Promise<Answer>
  send<Answer>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer>
  /** The stream of changes. */
  follow(signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>
  hasToken(): boolean
  useToken(token: string | undefined): void
}

const KEY = 'yardmaster.token'
const BASE = '/api/v1'

/** `denied` is told that a token is needed, with the reason. */
export function createApi(denied: (why: string) => void): Api {
  let token = sessionStorage.getItem(KEY) ?? undefined

  const request = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    let response: Response
    try {
      response = await fetch(BASE + path, { ...init, headers, cache: 'no-store' })
    } catch (error) {
      if (init.signal?.aborted === true) throw error
      throw new ApiError(0, 'the controller does not answer')
    }
    if (response.ok) return response
    const refused = await refusalOf(response)
    if (refused.status === 401 || (refused.status === 403 && token === undefined)) {
      denied(refused.message)
    }
    throw refused
  }

  const answer = async (response: Response) =>
    // The types are those of the schemas that the gateway answers by.
    response.status === 204 ? undefined : response.json()

  return {
    get: async (path) => answer(await request(path, {})),
    send: async (method, path, body) =>
      answer(
        await request(path, {
          method,
          ...(body !== undefined && {
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
        }),
      ),
    async follow(signal) {
      const { body } = await request('/live', { signal })
      if (!body) throw new ApiError(0, 'the stream is empty')
      return body
    },
    hasToken: () => token !== undefined,
    useToken(given) {
      token = given
      if (given === undefined) sessionStorage.removeItem(KEY)
      else sessionStorage.setItem(KEY, given)
    },
  }
}

async function refusalOf(response: Response): Promise<ApiError> {
  const fallback = `the gateway answered ${response.status}`
  try {
    const body: unknown = await response.json()
    if (typeof body !== 'object' || body === null) return new ApiError(response.status, fallback)
    const message = 'message' in body && typeof body.message === 'string' ? body.message : fallback
    const problems = 'problems' in body && Array.isArray(body.problems) ? body.problems : []
    return new ApiError(response.status, message, problems.filter(isProblem))
  } catch {
    return new ApiError(response.status, fallback)
  }
}

function isProblem(value: unknown): value is FieldProblem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'field' in value &&
    typeof value.field === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  )
}

/** What to say of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
