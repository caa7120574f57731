/** `yardmaster frames`: the frames of a charger, downloaded or followed. */
import { z } from 'zod'
import type { Io } from './io.js'

export interface FramesOptions {
  readonly url: string
  readonly token?: string
  readonly follow?: boolean
  readonly limit?: number
  readonly since?: string
  readonly hideIdTags?: boolean
}

const OK = 0
const FAILED = 1
const BAD_USAGE = 2
const RETRY_MS = 2000

const refusalSchema = z.object({ message: z.string() })
const seqSchema = z.object({ seq: z.number() })

/** Resolves with the exit code; following ends with the process. */
export async function framesCommand(
  charger: string,
  options: FramesOptions,
  io: Io,
): Promise<number> {
  let since = options.since
  let isFirst = true
  for (;;) {
    const limit = isFirst ? options.limit : undefined
    const ended = await download(charger, { ...options, since, limit }, io, (line) => {
      io.out(line)
      since = seqOf(line) ?? since
      isFirst = false
    })
    if (ended.type === 'refused') {
      io.err(ended.problem)
      return ended.status === 422 ? BAD_USAGE : FAILED
    }
    if (!options.follow) {
      if (ended.type === 'complete') return OK
      io.err(ended.problem)
      return FAILED
    }
    // It may come back; who follows wants to see that, too.
    if (ended.type === 'broken') {
      if (isFirst) {
        io.err(ended.problem)
        return FAILED
      }
      io.err(`${ended.problem}; trying again`)
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

type Ended =
  | { readonly type: 'complete' }
  | { readonly type: 'broken'; readonly problem: string }
  | { readonly type: 'refused'; readonly status: number; readonly problem: string }

async function download(
  charger: string,
  options: Omit<FramesOptions, 'since' | 'limit'> & {
    readonly since: string | undefined
    readonly limit: number | undefined
  },
  { env }: Io,
  take: (line: string) => void,
): Promise<Ended> {
  const { url, token = env['YARDMASTER_TOKEN'], follow, limit, since, hideIdTags } = options
  const query = new URLSearchParams({
    ...(limit !== undefined && { limit: String(limit) }),
    ...(since !== undefined && { since }),
    ...(follow && { follow: 'true' }),
    ...(hideIdTags && { id_tags: 'hide' }),
  })
  const address = `${url}/api/v1/chargers/${encodeURIComponent(charger)}/frames?${query.toString()}`
  try {
    const response = await fetch(address, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    if (!response.ok) return refused(response.status, await response.text())
    await eachLine(response, take)
    return { type: 'complete' }
  } catch (error) {
    const why = error instanceof Error ? (error.cause ?? error) : error
    return {
      type: 'broken',
      problem: `cannot talk to ${url} (${String(why)}): is the gateway there?`,
    }
  }
}

async function eachLine(response: Response, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  if (!response.body) return
  for await (const chunk of response.body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
}

function refused(status: number, body: string): Ended {
  let message = `HTTP ${status}`
  try {
    const refusal = refusalSchema.safeParse(JSON.parse(body))
    if (refusal.success) message = refusal.data.message
  } catch {
    // Something else answers there; its status says enough.
  }
  const remedy = status === 401 ? ' (--token, or $YARDMASTER_TOKEN)' : ''
  return { type: 'refused', status, problem: `${message}${remedy}` }
}

function seqOf(line: string): string | undefined {
  const read = seqSchema.safeParse(JSON.parse(line))
  return read.success ? String(read.data.seq) : undefined
}
