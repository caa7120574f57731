/**
 * A thing that happened and must reach the backend at least once, in order per charger. The backend
 * drops repeats by `id`.
 */
export interface UplinkEvent {
  /** Unique for ever and stable over restarts. */
  readonly id: string
  /** Counts up by one, for ever. */
  readonly seq: number
  /** Wall time, ms. */
  readonly atMs: number
  readonly type: 'session' | 'limit' | 'fault' | 'config' | 'audit' | 'security'
  /** camelCase with units in the names; times in ms UTC. */
  readonly data: Readonly<Record<string, unknown>>
}
