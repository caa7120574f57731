/** The limit that a command names: of which node, in amperes or kilowatts. */
import { z } from 'zod'

const amperes = z.number().min(0).max(100_000)

export const limitArgs = {
  constraintId: z.string().min(1).max(200).optional(),
  limitA: z
    .union(
      [amperes, z.tuple([amperes, amperes, amperes])],
      'must be amperes from 0 to 100000, one number or [L1, L2, L3]',
    )
    .optional(),
  limitKw: z.number().min(0).max(1_000_000).optional(),
}
