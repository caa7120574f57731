/** The short form of a depot: a row of equal chargers below one limit. */
import { z } from 'zod'
import { phaseCurrent } from '../../config/depot-fields.js'

const current = z.number().min(1).max(100_000)

export const siteSchema = z.strictObject({
  chargers: z.int().min(1).max(1000).describe('How many: CP001, CP002, ...'),
  limit_a: current.optional().describe('Of the node `yard` above all of them, A per phase'),
  group_of: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('So many in each charge group: group1, group2, ...'),
  group_limit_a: current.optional().describe('Of each group, A per phase'),
  connectors: z.int().min(1).max(10).default(1).describe('Of each charger'),
  max_current_a: z
    .number()
    .min(6)
    .max(1000)
    .default(32)
    .describe('Hardware maximum of a connector'),
  phases: z
    .literal([1, 3], { error: 'must be 1 or 3' })
    .default(3)
    .describe('Of a connector; neighbours are wired to the phases in turn'),
  fuse_a: current.optional().describe('Main fuse, A per phase'),
  contract_kw: z.number().min(0.1).max(20_000).optional().describe('Contracted power'),
  timezone: z.string().min(1).optional().describe('IANA zone of all times; default UTC'),
  meter: z.boolean().default(true).describe('false: nothing measures the base load'),
  worst_base_load_a: phaseCurrent
    .optional()
    .describe('Assumed while the meter is silent; default: the highest of base_load'),
  limit_fallback_a: z
    .number()
    .min(0)
    .max(100_000)
    .optional()
    .describe('While the source of the grid limit is silent; default: the lowest of limits'),
  limit_unit: z
    .enum(['A', 'W'])
    .default('A')
    .describe('What that source speaks in; W: of all phases, 230 V times the amperes of limits'),
  limit_hold_s: z.int().min(1).max(86_400).optional().describe('Silent for so long means lost'),
  expiry_verified: z
    .boolean()
    .default(true)
    .describe('The chargers are known to honour the expiry of profiles'),
})

export type SiteKeys = z.output<typeof siteSchema>
