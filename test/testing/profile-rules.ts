/** What OCPP 1.6 3.13 says of charging profiles, case by case. */
import { CPMAX, TX, tx } from './some-profiles.js'
import type { Asked, Given } from './some-profiles.js'

/** 6 A for two hours, 7 A for the next two, and so on to 29 A. */
const TWO_DAYS = Array.from({ length: 24 }, (_, index) => [index * 7200, 6 + index] as const)

/** What the rule says, the profiles, the question, the limit per phase. */
export const RULES: readonly (readonly [string, readonly Given[], Asked, number | undefined])[] = [
  ['without a profile nothing limits', [], {}, undefined],
  ['a TxDefaultProfile limits before a transaction', [{ limit: 6 }], {}, 6],
  ['a TxDefaultProfile limits a running transaction too', [{ limit: 6 }], tx, 6],
  [
    'a TxDefaultProfile on 0 limits every connector',
    [{ connector: 0, limit: 6 }],
    { connector: 2 },
    6,
  ],
  [
    'a TxDefaultProfile on 1 does not limit connector 2',
    [{ connector: 1, limit: 6 }],
    { connector: 2 },
    undefined,
  ],
  [
    'on its connector it goes before the one on 0',
    [
      { connector: 0, limit: 6 },
      { connector: 1, limit: 20 },
    ],
    {},
    20,
  ],
  [
    'the one on 0 stays for the others',
    [
      { connector: 0, limit: 6 },
      { connector: 1, limit: 20 },
    ],
    { connector: 2 },
    6,
  ],
  [
    'a higher stack level wins, though its limit is higher',
    [{ limit: 6 }, { limit: 20, level: 1 }],
    {},
    20,
  ],
  [
    'a higher level that is over gives way to the lower',
    [{ limit: 6 }, { limit: 20, level: 1, start: '2026-03-02T11:58:00Z', duration: 120 }],
    {},
    6,
  ],
  [
    'a higher level that has not begun does not count',
    [{ limit: 6 }, { limit: 20, level: 1, start: '2026-03-02T12:00:01Z' }],
    {},
    6,
  ],
  [
    'a TxProfile overrules the TxDefaultProfile',
    [
      { limit: 6, level: 5 },
      { ...TX, limit: 16 },
    ],
    tx,
    16,
  ],
  [
    'a TxProfile of another transaction does not count',
    [{ limit: 6 }, { ...TX, limit: 16 }],
    { startedS: 0, transactionId: 8 },
    6,
  ],
  [
    'a TxProfile without transaction id fits the one that runs',
    [{ limit: 6 }, { purpose: 'TxProfile', limit: 16 }],
    tx,
    16,
  ],
  [
    'after its duration a TxProfile leaves the TxDefaultProfile',
    [{ limit: 6 }, { ...TX, limit: 16, start: '2026-03-02T11:59:00Z', duration: 210 }],
    { ...tx, atS: 150 },
    6,
  ],
  [
    'until its duration is over it holds',
    [{ limit: 6 }, { ...TX, limit: 16, start: '2026-03-02T11:59:00Z', duration: 210 }],
    { ...tx, atS: 149.9 },
    16,
  ],
  [
    'the charge point limit caps the TxProfile',
    [
      { ...CPMAX, limit: 10 },
      { ...TX, limit: 16 },
    ],
    tx,
    10,
  ],
  [
    'a lower TxProfile is not raised by the charge point limit',
    [
      { ...CPMAX, limit: 32 },
      { ...TX, limit: 16 },
    ],
    tx,
    16,
  ],
  [
    'the charge point limit is one for all connectors',
    [{ ...CPMAX, limit: 30 }],
    { sharing: 3 },
    10,
  ],
  ['the charge point limit holds without a transaction', [{ ...CPMAX, limit: 10 }], {}, 10],
  ['W are spread over three phases', [{ limit: 6900, unit: 'W' }], {}, 10],
  ['W are spread over the phase in use', [{ limit: 2300, unit: 'W' }], { phases: 1 }, 10],
  [
    'periods follow each other',
    [
      {
        periods: [
          [0, 6],
          [60, 16],
          [120, 0],
        ],
        start: '2026-03-02T12:00:00Z',
      },
    ],
    { atS: 60 },
    16,
  ],
  [
    'the last period lasts',
    [
      {
        periods: [
          [0, 6],
          [60, 16],
        ],
        start: '2026-03-02T12:00:00Z',
      },
    ],
    { atS: 99_999 },
    16,
  ],
  [
    'an absolute schedule does not apply before its start',
    [{ start: '2026-03-02T12:00:10Z' }],
    { atS: 9 },
    undefined,
  ],
  ['validFrom holds it back', [{ validFrom: '2026-03-02T12:00:10Z' }], { atS: 9 }, undefined],
  ['validTo ends it', [{ validTo: '2026-03-02T12:00:10Z' }], { atS: 10 }, undefined],
  ['a time without a zone is UTC', [{ validTo: '2026-03-02T12:00:10' }], { atS: 9 }, 10],
  [
    'relative counts from the start of the transaction',
    [
      {
        kind: 'Relative',
        periods: [
          [0, 6],
          [60, 16],
        ],
      },
    ],
    { startedS: -60, transactionId: 7 },
    16,
  ],
  [
    'relative duration counts from there as well',
    [{ kind: 'Relative', duration: 100 }],
    { startedS: -100, transactionId: 7 },
    undefined,
  ],
  [
    'relative before a transaction is at its beginning',
    [
      {
        kind: 'Relative',
        periods: [
          [0, 6],
          [60, 16],
        ],
      },
    ],
    {},
    6,
  ],
  [
    'absolute without a start counts from the transaction',
    [{ start: null, duration: 100 }],
    { startedS: -99, transactionId: 7 },
    10,
  ],
  [
    'daily repeats from its start, not from midnight',
    [
      {
        kind: 'Recurring',
        recurrency: 'Daily',
        start: '2026-02-27T11:00:00Z',
        periods: [
          [0, 6],
          [3600, 16],
        ],
      },
    ],
    {},
    16,
  ],
  [
    'daily does not apply before its first day',
    [{ kind: 'Recurring', recurrency: 'Daily', start: '2026-03-02T12:00:01Z' }],
    {},
    undefined,
  ],
  [
    'daily pauses between its durations',
    [{ kind: 'Recurring', recurrency: 'Daily', start: '2026-02-27T11:00:00Z', duration: 3600 }],
    {},
    undefined,
  ],
  [
    'weekly repeats on its weekday',
    [{ kind: 'Recurring', recurrency: 'Weekly', start: '2026-02-23T11:59:00Z', duration: 120 }],
    {},
    10,
  ],
  [
    'weekly does not apply on another day',
    [{ kind: 'Recurring', recurrency: 'Weekly', start: '2026-02-22T11:59:00Z', duration: 120 }],
    {},
    undefined,
  ],
  [
    'a level 1 with a duration holds over a level 0 without',
    [{ limit: 6 }, { limit: 20, level: 1, start: '2026-03-02T12:00:00Z', duration: 600 }],
    { atS: 599 },
    20,
  ],
  [
    'when the duration of level 1 is over level 0 holds, also in a transaction',
    [{ limit: 6 }, { limit: 20, level: 1, start: '2026-03-02T12:00:00Z', duration: 600 }],
    { ...tx, atS: 600 },
    6,
  ],
  [
    'a level 1 without a duration never gives way',
    [{ limit: 6 }, { limit: 20, level: 1, start: '2026-03-02T12:00:00Z' }],
    { atS: 1_000_000 },
    20,
  ],
  [
    'levels count within a purpose: a TxDefaultProfile never goes over a TxProfile',
    [
      { limit: 6, level: 9 },
      { ...TX, limit: 16, level: 0 },
    ],
    tx,
    16,
  ],
  [
    'of two TxProfiles the higher level holds',
    [
      { ...TX, limit: 16, level: 0 },
      { ...TX, limit: 10, level: 1 },
    ],
    tx,
    10,
  ],
  [
    'of two limits of the charge point the higher level holds',
    [
      { ...CPMAX, limit: 10, level: 0 },
      { ...CPMAX, limit: 20, level: 1 },
      { ...TX, limit: 32 },
    ],
    tx,
    20,
  ],
  [
    'the limit of the charge point is shared also where a TxDefaultProfile is lower',
    [
      { ...CPMAX, limit: 30 },
      { limit: 16, connector: 0 },
    ],
    { sharing: 2 },
    15,
  ],
  [
    'a relative limit of the charge point counts from its receipt',
    [{ ...CPMAX, kind: 'Relative', duration: 100, receivedS: 0 }],
    { startedS: -600, transactionId: 7, atS: 99 },
    10,
  ],
  ...[
    [0, 6],
    [7199, 6],
    [7200, 7],
    [13 * 7200, 19],
    [47 * 3600, 29],
    [48 * 3600 - 1, 29],
    [48 * 3600, undefined],
  ].map(
    ([atS = 0, limit]) =>
      [
        `a fallback of 24 periods over 48 h, ${atS} s after its start`,
        [{ start: '2026-03-02T12:00:00Z', duration: 48 * 3600, periods: TWO_DAYS }],
        { atS },
        limit,
      ] as const,
  ),
  ['0 A is a limit', [{ limit: 0 }], {}, 0],
]
