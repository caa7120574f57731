/**
 * /live: the site as a stream of server-sent events, one a second with what changed. A reader that
 * does not keep up is sent less often, one that takes nothing is let go: nobody's slowness is kept.
 */
import type { Cancel } from '../ports.js'
import type { Backend } from './backend.js'
import type { Endpoint } from './endpoint.js'
import { createLiveFeed } from './live-feed.js'
import { refusal } from './refusal.js'

const MAX_READERS = 32
/** Rounds, so about seconds. */
const MAX_MISSED = 30

interface Reader {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  revision: number
  missed: number
}

export function liveEndpoint(backend: Pick<Backend, 'view' | 'onChange'>): Endpoint {
  const feed = createLiveFeed()
  const readers = new Set<Reader>()
  const encoder = new TextEncoder()
  let unwatch: Cancel | undefined

  const send = (reader: Reader): void => {
    const data = feed.since(reader.revision)
    reader.revision = feed.revision()
    reader.missed = 0
    reader.controller.enqueue(encoder.encode(`data: ${data}\n\n`))
  }

  const leave = (reader: Reader): void => {
    readers.delete(reader)
    if (readers.size > 0) return
    // Nobody looks: nothing is made for anybody.
    unwatch?.()
    unwatch = undefined
  }

  const tell = (reader: Reader): void => {
    // What was sent last is still waiting: this reader gets it all in one, later.
    if ((reader.controller.desiredSize ?? 0) > 0) {
      send(reader)
      return
    }
    reader.missed += 1
    if (reader.missed < MAX_MISSED) return
    leave(reader)
    reader.controller.error(new Error(`nothing was read for ${MAX_MISSED} s`))
  }

  const join = (controller: Reader['controller']): Reader => {
    if (!unwatch) {
      feed.publish(backend.view())
      unwatch = backend.onChange((view) => {
        feed.publish(view)
        for (const reader of readers) tell(reader)
      })
    }
    const reader = { controller, revision: 0, missed: 0 }
    readers.add(reader)
    send(reader)
    return reader
  }

  return {
    tag: 'site',
    method: 'get',
    path: '/live',
    summary:
      'Server-sent events: at once the site with all constraints, chargers and live sessions, then ' +
      'each second what changed',
    success: { status: 200, stream: 'Live' },
    answer() {
      if (readers.size >= MAX_READERS) {
        const message = `${MAX_READERS} are following already: try again later, or close one`
        return refusal(503, message, [], { 'retry-after': '10' })
      }
      let reader: Reader | undefined
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          reader = join(controller)
        },
        cancel() {
          if (reader) leave(reader)
        },
      })
      // A proxy that collects a minute of it would make it a minute old.
      const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' }
      return new Response(body, { headers })
    },
  }
}
