import type { Transfer } from '../../src/core/operations/transfers.js'
import { NO_QUIRKS } from '../../src/core/site/quirks.js'
import type { Outlook } from '../../src/core/energy/outlook.js'
import type { PhaseA } from '../../src/core/phases.js'
import type { Reason } from '../../src/core/reason.js'
import type { Charger, Constraint, Evse } from '../../src/core/site/depot.js'
import type {
  ChargerView,
  ConstraintView,
  EvseView,
  NodeView,
  SessionView,
  View,
} from '../../src/core/site/view.js'

export const AT_MS = 1_790_000_000_000
const NONE: PhaseA = [0, 0, 0]

export function nodeView(id: string, more: Partial<NodeView> = {}): NodeView {
  return {
    id,
    name: `Node ${id}`,
    limit: undefined,
    exposureA: NONE,
    drawA: NONE,
    baseLoadA: NONE,
    withinLimit: true,
    failsafe: false,
    measuredBy: 'samples',
    overLimitAs: 0,
    alarm: undefined,
    ...more,
  }
}

export function constraintView(
  id: string,
  more: Partial<NodeView> = {},
  fields: Partial<Constraint> = {},
): ConstraintView {
  const constraint: Constraint = {
    id,
    name: `Node ${id}`,
    type: 'charge_group',
    priority: 1,
    maxPowerKw: 43,
    baseLoadA: 0,
    schedule: [],
    ...fields,
  }
  return { ...nodeView(id, more), constraint, priority: constraint.priority ?? 0 }
}

const evse: Evse = {
  id: 1,
  maxPowerKw: 22,
  currentType: 'AC',
  phases: 3,
  phaseRotation: 'RST',
  minCurrentA: 6,
  maxCurrentA: 32,
  fallbackCurrentA: 'auto',
  status: 'Available',
}

export function evseView(more: Partial<EvseView> = {}): EvseView {
  return {
    evse,
    status: 'Available',
    errorCode: undefined,
    offerA: 0,
    exposureA: NONE,
    drawA: undefined,
    fallbackA: 6,
    reason: { type: 'idle' },
    transactionId: undefined,
    vehicle: undefined,
    ...more,
  }
}

export function chargerView(
  chargePointId: string | undefined,
  more: Partial<ChargerView> = {},
): ChargerView {
  const charger: Charger = {
    id: `charger-of-${chargePointId}`,
    name: 'Charger',
    maxPowerKw: 22,
    parentChargeGroup: 'g1',
    isActive: true,
    status: 'Available',
    isolated: false,
    expiryVerified: false,
    evses: [evse],
    ...(chargePointId === undefined ? {} : { ocppChargePointId: chargePointId }),
  }
  return {
    charger,
    status: 'Available',
    connected: true,
    lastSeenMs: AT_MS - 100,
    vendor: undefined,
    model: undefined,
    firmwareVersion: undefined,
    quirks: NO_QUIRKS,
    capabilities: undefined,
    offerA: 0,
    reason: { type: 'idle' },
    evses: [evseView()],
    ...more,
  }
}

export function sessionView(more: Partial<SessionView> = {}): SessionView {
  return {
    id: 's-7',
    transactionId: 7,
    chargerId: 'charger-of-CP1',
    chargePointId: 'CP1',
    evseId: 1,
    idTag: 'SECRETTAG',
    idTagStatus: 'Accepted',
    startedAtMs: AT_MS - 60_000,
    meterStartWh: 1000,
    energyWh: 1234.4,
    powerW: 10_987,
    currentA: [16, 16, 16],
    offerA: 16,
    reason: { type: 'idle' },
    stoppedAtMs: undefined,
    meterStopWh: undefined,
    stopReason: undefined,
    vehicle: undefined,
    priority: undefined,
    outlook: undefined,
    warning: undefined,
    ...more,
  }
}

export function sampleView(more: Partial<View> = {}): View {
  return {
    atMs: AT_MS,
    siteId: 'north',
    siteName: 'North depot',
    timezone: 'Europe/Berlin',
    site: {
      ...nodeView('site'),
      meters: [],
      connectedChargers: 0,
      upstreamConnected: true,
      upstreamConfigured: true,
    },
    constraints: [],
    chargers: [],
    idTags: [],
    vehicles: [],
    sessions: [],
    ...more,
  }
}

/** One of each reason there is. */
export const EVERY_REASON: readonly Reason[] = [
  { type: 'idle' },
  { type: 'offline' },
  { type: 'inactive' },
  { type: 'discovered' },
  { type: 'hardware', maxA: 32 },
  { type: 'vehicle', capA: 15.96 },
  {
    type: 'limit',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l2',
    limitA: 63,
    source: { type: 'fuse' },
  },
  {
    type: 'limit',
    nodeId: 'site',
    nodeName: 'Depot',
    dimension: 'power',
    limitA: 187.0001,
    source: { type: 'contract' },
  },
  {
    type: 'limit',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l1',
    limitA: 40,
    source: { type: 'configured' },
  },
  {
    type: 'limit',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l3',
    limitA: 20,
    source: { type: 'command', commandId: 'c1' },
  },
  {
    type: 'limit',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l3',
    limitA: 20,
    source: { type: 'failsafe', meterId: 'm1' },
  },
  {
    type: 'limit',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l3',
    limitA: 20,
    source: { type: 'external', sourceId: 'dso', fallback: true },
  },
  {
    type: 'limit',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l3',
    limitA: 20,
    source: { type: 'external', sourceId: 'dso', fallback: false },
  },
  {
    type: 'waiting',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l1',
    limitA: 25,
    source: {
      type: 'schedule',
      from: '17:00',
      to: '20:00',
      kind: 'weekly',
      name: 'evening',
      priorities: '3 to 4',
    },
    charging: 4,
    waiting: 2,
    nextAt: '14:35',
  },
  {
    type: 'limit',
    nodeId: 'g1',
    nodeName: 'Hall',
    dimension: 'l3',
    limitA: 20,
    source: { type: 'override', reason: 'crane at work', untilTs: 1_772_366_400_000 },
  },
  { type: 'pending', targetA: 16 },
  { type: 'unresponsive', exposureA: 32 },
  { type: 'cutOff', step: 'remoteStop', nodeName: 'Hall', overA: 12.34 },
  { type: 'unprotected', nodeName: 'Hall', needsA: 32, roomA: 10 },
]

function outlook(target: Outlook['need']['target']): Outlook {
  return {
    need: {
      vehicle: undefined,
      target,
      departure: { atMs: AT_MS + 3_600_000, source: 'session' },
      soc: 55.55,
      wantedWh: 12_345.6,
    },
    forecast: {
      state: 'risk',
      requiredW: 12_346,
      requiredA: 17.89,
      givenA: 10,
      bestA: 32,
      expectedWh: 6_900,
      possibleWh: 12_345.6,
      lateMs: 1_000_000,
      expectedSoc: 62.34,
      possibleSoc: 80,
    },
    warning: undefined,
    unknown: undefined,
  }
}

/** A site with everything in it that a state payload can hold. */
export function fullView(): View {
  return sampleView({
    site: {
      ...nodeView('site', {
        limit: {
          currentA: [63.04, 63, 63],
          currentSource: { type: 'fuse' },
          powerW: 43_001,
          powerSource: { type: 'contract' },
        },
        exposureA: [16, 16, 16],
        drawA: [15.97, 15.8, 16],
        baseLoadA: [4, 5, 6],
        measuredBy: 'meter',
        overLimitAs: 321.4,
        override: {
          limitA: [40, 40, 40],
          limitKw: 27.6,
          ignoresSchedule: false,
          reason: 'crane at work',
          by: 'Ada',
          via: 'rest',
          setMs: AT_MS - 60_000,
          untilMs: AT_MS + 60_000,
        },
        alarm: {
          overA: 12.34,
          dimension: 'l2',
          sinceMs: AT_MS - 30_000,
          worstA: 14,
          worstAtMs: AT_MS - 10_000,
          overLimitAs: 300.2,
        },
      }),
      meters: [
        {
          id: 'grid',
          nodeId: 'site',
          currentA: [20, 21, 22],
          powerW: 14_499,
          energyWh: 1000.2,
          ageMs: 412.7,
          quality: 'good',
          problem: undefined,
        },
        {
          id: 'second',
          nodeId: 'g1',
          currentA: undefined,
          powerW: undefined,
          energyWh: undefined,
          ageMs: undefined,
          quality: 'lost',
          problem: 'no answer within 1 s',
        },
      ],
      connectedChargers: 1,
      upstreamConnected: true,
      upstreamConfigured: true,
    },
    constraints: [
      constraintView('g1', {
        limit: {
          currentA: [Infinity, Infinity, Infinity],
          currentSource: { type: 'configured' },
          powerW: 43_000,
          powerSource: { type: 'configured' },
        },
      }),
      constraintView('hall/2', {}, { parentId: 'g1', type: 'constraint' }),
    ],
    chargers: [
      chargerView('CP1', {
        vendor: 'Acme',
        model: 'X1',
        firmwareVersion: '1.2',
        firmware: { ...SENT_LOG, order: 'SignedUpdateFirmware', requestId: 4, state: 'underWay' },
        log: SENT_LOG,
        rebootFor: ['SecurityProfile'],
        evses: [
          evseView({
            transactionId: 7,
            drawA: [15.97, 15.8, 16],
            offerA: 16,
            errorCode: 'NoError',
            availability: { type: 'Inoperative', state: 'scheduled', wallMs: AT_MS },
          }),
          evseView({ transactionId: 8 }),
        ],
      }),
      chargerView('gate/1 #ü', { connected: false, reason: { type: 'offline' } }),
      ...EVERY_REASON.map((reason, index) =>
        chargerView(`R${index}`, { reason, evses: [evseView({ reason })] }),
      ),
      chargerView(undefined),
    ],
    sessions: [
      sessionView({
        priority: { value: 5, source: 'vehicle' },
        vehicle: { id: 'b14', name: 'Bus 14', idTags: [], departures: [], oneOffDepartures: [] },
        outlook: outlook({ type: 'soc', soc: 80, source: 'vehicle' }),
        warning: 'Bus 14 will have 62 % at 05:30, wanted 80 %',
      }),
      sessionView({
        transactionId: 8,
        outlook: outlook({ type: 'energy', energyWh: 20_000, source: 'session' }),
      }),
    ],
  })
}

const SENT_LOG: Transfer = {
  order: 'GetDiagnostics',
  requestId: undefined,
  location: undefined,
  fileName: 'diagnostics.zip',
  orderedWallMs: AT_MS,
  dueWallMs: AT_MS,
  state: 'done',
  status: 'Uploaded',
  sinceWallMs: AT_MS,
  upload: undefined,
  fileId: undefined,
}
