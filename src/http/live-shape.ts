/** One event of the live stream. */
import { z } from 'zod'
import { chargerAnswerSchema } from './charger-shape.js'
import { constraintAnswerSchema } from './constraint-shape.js'
import { liveSessionSchema } from './session-shape.js'
import { siteSchema } from './site-shape.js'

export const liveSchema = z
  .object({
    all: z.boolean().describe('true: forget what is not in this event'),
    site: siteSchema,
    constraints: z.array(constraintAnswerSchema),
    chargers: z.array(chargerAnswerSchema),
    sessions: z.array(liveSessionSchema),
    removed: z.array(
      z.object({ kind: z.enum(['constraints', 'chargers', 'sessions']), id: z.string() }),
    ),
  })
  .describe('What is new or changed, whole objects each')
