/** What a run must show, so that a scenario is a test of its own. */
import { z } from 'zod'
import { point } from './times.js'

const ampere = z.number().min(0).max(100_000)

const claimShape = {
  offer_a: ampere.optional().describe('What the charger permits a car, A per phase, within 0.5 A'),
  min_offer_a: ampere.optional().describe('The same, at least'),
  max_offer_a: ampere.optional().describe('The same, at most'),
  draw_a: ampere.optional().describe('What the car draws, A per phase, within 0.5 A'),
  reason: z
    .string()
    .min(1)
    .optional()
    .describe('Words that the reason of the offer holds, such as "waits its turn"'),
  connected: z.boolean().optional().describe('Whether the gateway sees the charger'),
  transaction: z.boolean().optional().describe('Whether a transaction runs there'),
  status: z
    .string()
    .min(1)
    .optional()
    .describe('What the gateway knows of the connector, such as SuspendedEV'),
  max_a: ampere
    .optional()
    .describe('What cars below the node may draw at most, A on the highest phase'),
  min_a: ampere.optional().describe('The same, at least'),
  charged_kwh: z.number().min(0).optional().describe('By then cars have charged at least this'),
  max_residual_as: z
    .number()
    .min(0)
    .optional()
    .describe('Of the whole run: excess that could not be helped, ampere-seconds'),
  min_transactions: z.int().min(0).optional().describe('Of the whole run: started at least'),
}

export const CLAIM_KEYS = Object.keys(claimShape)
const OF_CHARGER = [
  'offer_a',
  'min_offer_a',
  'max_offer_a',
  'draw_a',
  'reason',
  'connected',
  'transaction',
  'status',
]
const OF_NODE = ['max_a', 'min_a']
const OF_RUN = ['max_residual_as', 'min_transactions']

export const expectationSchema = z
  .strictObject({
    at: point.optional().describe('When it must hold; default: at every second (at the end: kWh)'),
    from: point.optional().describe('It must hold at every second from then on'),
    to: point.optional().describe('... until then'),
    charger: z.string().min(1).optional().describe('Of which charger'),
    connector: z.int().min(1).max(100).default(1),
    node: z.string().min(1).optional().describe('A constraint or charge group, or site'),
    ...claimShape,
  })
  .superRefine((entry, context) => {
    const issue = (message: string): void => context.addIssue({ code: 'custom', message })
    const claims = Object.keys(entry).filter((key) => CLAIM_KEYS.includes(key))
    const has = (keys: readonly string[]): string | undefined =>
      claims.find((key) => keys.includes(key))
    if (claims.length === 0) issue(`must claim something: ${CLAIM_KEYS.join(', ')}`)
    const ofCharger = has(OF_CHARGER)
    const ofNode = has(OF_NODE)
    const ofRun = has(OF_RUN)
    if (ofCharger !== undefined && entry.charger === undefined) {
      issue(`"${ofCharger}" needs a charger: add charger: CP001`)
    }
    if (ofNode !== undefined && entry.node === undefined) {
      issue(`"${ofNode}" needs a node: add node: yard`)
    }
    if (ofRun !== undefined && (entry.at ?? entry.from ?? entry.to) !== undefined) {
      issue(`"${ofRun}" is of the whole run: leave the time out`)
    }
    if (entry.at !== undefined && (entry.from ?? entry.to) !== undefined) {
      issue('has "at" beside "from" or "to": state an instant or a span')
    }
  })

export type ExpectationKeys = z.output<typeof expectationSchema>
