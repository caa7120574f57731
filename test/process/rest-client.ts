/** The REST API as a script uses it: a method, a path, a body, and what comes back. */

export interface RestAnswer<Body> {
  readonly status: number
  readonly body: Body
}

export interface RestClient {
  get<Body>(path: string): Promise<RestAnswer<Body>>
  /** `body`: text is sent as it is, everything else as JSON. */
  post<Body>(path: string, body: unknown): Promise<RestAnswer<Body>>
  put<Body>(path: string, body: unknown): Promise<RestAnswer<Body>>
}

/** As far as tests look at it. */
export interface ChargerBody {
  readonly id: string
  readonly name: string
  readonly ocpp_charge_point_id: string | null
  readonly connected: boolean
  readonly status: string
  readonly offer_a: number
  readonly evses: readonly { readonly id: number; readonly status: string }[]
}

export interface SessionBody {
  readonly id: string
  readonly transaction_id: number
  readonly ocpp_charge_point_id: string
  readonly evse_id: number
  readonly energy_wh: number
  readonly power_kw: number | null
  readonly offer_a: number
}

export function restClient(port: number): RestClient {
  const ask = async <Body>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<RestAnswer<Body>> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    })
    // What it really holds is what the tests assert.
    const answer: Body = JSON.parse(await response.text())
    return { status: response.status, body: answer }
  }
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
  }
}
