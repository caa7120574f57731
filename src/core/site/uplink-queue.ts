/** Events waiting for the backend: made together with what they tell, so a replay makes them too. */
import type { Site } from './state.js'
import type { UplinkEvent } from './uplink.js'

const OUTBOX_MAX = 10_000

export function raise(
  site: Site,
  type: UplinkEvent['type'],
  id: string,
  wallMs: number,
  data: UplinkEvent['data'],
): void {
  site.uplinkSeq += 1
  site.outbox.push({ id, seq: site.uplinkSeq, atMs: wallMs, type, data })
  if (site.outbox.length > OUTBOX_MAX) site.outbox.shift()
}

export function acknowledge(site: Site, seq: number): void {
  const kept = site.outbox.findIndex((event) => event.seq > seq)
  site.outbox.splice(0, kept < 0 ? site.outbox.length : kept)
}
