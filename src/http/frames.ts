/** /chargers/{id}/frames: what a charge point and the controller said to each other, as JSON lines. */
import { z } from 'zod'
import { tagHider } from '../ocpp/frame-secrets.js'
import { parseTime } from '../ocpp/v16/time.js'
import type { Backend, FrameRecord } from './backend.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { frameLine, gapLine } from './frame-shape.js'
import { refusal } from './refusal.js'

const MAX_FOLLOWERS = 16
/** So many are made for a reader at a time; he takes them before more are made. */
const CHUNK = 200

const limit = 'must be a whole number from 1 to 100000'
const sinceWords = 'must be a seq of an answer, or a time such as 2026-03-02T06:00:00Z'

const querySchema = z.object({
  limit: z.coerce
    .number({ error: limit })
    .int({ error: limit })
    .min(1, { error: limit })
    .max(100_000, { error: limit })
    .optional()
    .describe('The newest so many; default: all that are kept'),
  since: z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) || parseTime(text) !== undefined, sinceWords)
    .optional()
    .describe('What came after this seq or time'),
  follow: z.enum(['true', 'false']).optional().describe('true: it goes on as more is said'),
  id_tags: z.enum(['show', 'hide']).optional().describe('hide: tag-1, tag-2, ... instead'),
})

type Query = z.output<typeof querySchema>

export function frameEndpoint(backend: Pick<Backend, 'view' | 'frames'>): Endpoint {
  const { frames } = backend
  let followers = 0

  const answer = ({ request, id }: Call): Response => {
    const given = Object.fromEntries(new URL(request.url).searchParams)
    const query = checked(querySchema, given)
    if (!query.ok) return query.response
    const charger = backend.view().chargers.find((view) => view.charger.id === id)?.charger
    const chargePointId = charger ? charger.ocppChargePointId : id
    if (chargePointId === undefined) {
      return refusal(409, 'the charger has no ocpp_charge_point_id: nobody speaks for it')
    }
    if (!charger && !frames.read(chargePointId)) {
      const name = JSON.stringify(id)
      return refusal(404, `no charger has the id ${name}, and nobody tried to connect as ${name}`)
    }
    const follows = query.value.follow === 'true'
    if (follows && followers >= MAX_FOLLOWERS) {
      const message = `${MAX_FOLLOWERS} are following already: try again later, or close one`
      return refusal(503, message, [], { 'retry-after': '10' })
    }
    if (follows) followers += 1
    const body = linesOf(frames, chargePointId, query.value, () => {
      if (follows) followers -= 1
    })
    const name = chargePointId.replaceAll(/[^\w.-]/g, '_').slice(0, 60)
    return new Response(body, {
      headers: {
        'content-type': 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="${name}.frames.jsonl"`,
        'x-accel-buffering': 'no',
      },
    })
  }

  return {
    tag: 'chargers',
    method: 'get',
    path: '/chargers/{id}/frames',
    summary:
      'What the charge point and the gateway said to each other lately, one JSON object a line; ' +
      'also by the OCPP id of one that is refused',
    query: querySchema,
    success: { status: 200, lines: 'Frame' },
    answer,
  }
}

/** Made as it is read: a slow reader costs what he reads at a time, and misses what is gone by then. */
function linesOf(
  frames: Backend['frames'],
  chargePointId: string,
  { limit: newest, since, follow, id_tags: tags }: Query,
  left: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const shown = tags === 'hide' ? tagHider() : (text: string) => text
  let afterSeq = since !== undefined && /^\d+$/.test(since) ? Number(since) : 0
  const all = frames.read(chargePointId, afterSeq)
  const fromMs = since === undefined || afterSeq > 0 ? undefined : parseTime(since)
  const wanted = (all?.records ?? []).filter(
    ({ wallMs }) => fromMs === undefined || wallMs > fromMs,
  )
  const first = newest === undefined ? wanted[0] : (wanted.at(-newest) ?? wanted[0])
  const newestSeq = all?.records.at(-1)?.seq ?? afterSeq
  if (newest !== undefined || fromMs !== undefined) afterSeq = first ? first.seq - 1 : newestSeq
  const untilSeq = follow === 'true' ? Infinity : newestSeq
  let isOver = false
  let wake = (): void => {}
  const unwatch = follow === 'true' ? frames.watch(chargePointId, () => wake()) : undefined

  const end = (): void => {
    if (isOver) return
    isOver = true
    unwatch?.()
    wake()
    left()
  }

  const next = (): string[] => {
    const { records = [], isGap = false } = frames.read(chargePointId, afterSeq) ?? {}
    const chunk = records.slice(0, CHUNK).filter(({ seq }) => seq <= untilSeq)
    const lines = chunk.map((record: FrameRecord) =>
      frameLine(chargePointId, record, shown(record.text)),
    )
    const [oldest] = chunk
    if (oldest && isGap) lines.unshift(gapLine(chargePointId, oldest))
    afterSeq = chunk.at(-1)?.seq ?? afterSeq
    return lines
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const woken = new Promise<void>((resolve) => {
            wake = resolve
          })
          const lines = next()
          if (lines.length > 0) {
            controller.enqueue(encoder.encode(`${lines.join('\n')}\n`))
            return
          }
          if (!unwatch) {
            end()
            controller.close()
            return
          }
          await woken
          if (isOver) return
        }
      },
      cancel: end,
    },
    { highWaterMark: 1 },
  )
}
