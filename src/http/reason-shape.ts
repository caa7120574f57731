/** The kind of a reason, for programs; its words are for people. */
import { z } from 'zod'
import type { Reason } from '../core/reason.js'

const WORDS = {
  idle: 'idle',
  offline: 'offline',
  inactive: 'inactive',
  discovered: 'discovered',
  hardware: 'hardware',
  vehicle: 'vehicle',
  limit: 'limit',
  waiting: 'waiting',
  pending: 'pending',
  probe: 'probe',
  unresponsive: 'unresponsive',
  cutOff: 'cut_off',
  unprotected: 'unprotected',
} as const satisfies Record<Reason['type'], string>

export const reasonTypeSchema = z
  .enum(Object.values(WORDS))
  .describe('The kind of reason; more kinds may come')

export function reasonType({ type }: Reason): z.infer<typeof reasonTypeSchema> {
  return WORDS[type]
}
