/**
 * Asks chargers what they can do after their first boot and after a change of firmware, and sets up
 * their samples after every boot. Nothing of it is in the way of a limit: one call at a time, only
 * while the charger need not be lowered, or says nothing of a car, and behind everything else.
 */
import type { OcppSettings } from '../config/settings.js'
import type { Plan } from '../core/plan/plan-types.js'
import type { Capabilities } from '../core/site/capabilities.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { ChargePoint, Site } from '../core/site/state.js'
import type { Log } from '../ports.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'
import { hasSpareSlot } from './spare-slot.js'
import { survey } from './survey.js'
import type { Found, Survey } from './survey.js'

export interface CapabilityDesk {
  /** It has booted, or is back and has never been asked. */
  arrived(session: Session): void
  /** Once a second, after control. */
  tick(): void
}

export interface CapabilityDeskOwner {
  readonly site: Site
  readonly sessions: Pick<Sessions, 'get'>
  plan(): Plan
  now(): Instant
  note(event: JournalEvent): void
}

/** The most important first: what a charger does not take in one list is taken one by one. */
const MEASURANDS = [
  'Energy.Active.Import.Register',
  'Current.Import',
  'Power.Active.Import',
  'Current.Offered',
  'Voltage',
  'SoC',
]

interface Asking {
  readonly survey: Survey
  isWaiting: boolean
}

export function createCapabilityDesk(
  owner: CapabilityDeskOwner,
  settings: OcppSettings,
  log: Log,
): CapabilityDesk {
  const { site } = owner
  const open = new Map<Session, Asking>()

  /** A car of which nothing is known counts as the building, too: it holds up all others. */
  const isBlind = (chargePointId: string): boolean => {
    const connectors = site.chargePoints.get(chargePointId)?.connectors.values() ?? []
    return [...connectors].some(
      ({ transactionId, sampleIntervalMs = Infinity }) =>
        transactionId !== undefined && sampleIntervalMs > 2_000 * settings.meterValueIntervalS,
    )
  }

  const mayAsk = (chargePointId: string): boolean =>
    isBlind(chargePointId) || hasSpareSlot(owner.plan(), site.fallbackA, chargePointId)

  const finish = (session: Session, { survey: over }: Asking): void => {
    open.delete(session)
    const { chargePointId } = session
    const chargePoint = site.chargePoints.get(chargePointId)
    if (!chargePoint) return
    const capabilities = capabilitiesOf(chargePoint, over.found(), owner.now().wallMs)
    if (isSameFound(chargePoint.capabilities, capabilities)) return
    owner.note({ type: 'capabilitiesNoted', chargePointId, capabilities })
    const { atMs: _, ...found } = capabilities
    log.info('chargePointAsked', { chargePoint: chargePointId, ...found })
  }

  const ask = (session: Session, asking: Asking): void => {
    const call = asking.survey.question()
    if (!call) {
      finish(session, asking)
      return
    }
    const { chargePointId } = session
    asking.isWaiting = session.enqueue({
      call,
      timeoutMs: settings.callTimeoutMs,
      whyNot: () => (mayAsk(chargePointId) ? undefined : 'it may have to be lowered meanwhile'),
      ended: (end) => {
        asking.isWaiting = false
        if (end.type === 'notSent' || ('late' in end && end.late)) return
        asking.survey.answered(end)
        if (end.type === 'disconnected') open.delete(session)
      },
    })
  }

  return {
    arrived(session) {
      const chargePoint = site.chargePoints.get(session.chargePointId)
      if (!chargePoint) return
      const { meterIntervalMinS = 0, ...quirks } = chargePoint.quirks.values
      const wish = {
        intervalS: Math.max(settings.meterValueIntervalS, meterIntervalMinS),
        measurands: quirks.measurands ?? MEASURANDS,
        oneByOne: quirks.skipGetConfigurationAll === true,
      }
      const known = knownOf(chargePoint, wish)
      open.set(session, { survey: survey({ ...wish, known }), isWaiting: false })
    },

    tick() {
      for (const [session, asking] of open) {
        if (owner.sessions.get(session.chargePointId) !== session) {
          open.delete(session)
          continue
        }
        if (asking.isWaiting || session.isBusy() || !mayAsk(session.chargePointId)) continue
        ask(session, asking)
      }
    },
  }
}

/** Of the firmware that runs, and as far as nobody wishes something else since. */
function knownOf(
  { capabilities, vendor, model, firmwareVersion }: ChargePoint,
  wish: { readonly intervalS: number; readonly measurands: readonly string[] },
): Found | undefined {
  if (!capabilities) return undefined
  const isOf =
    capabilities.vendor === vendor &&
    capabilities.model === model &&
    capabilities.firmware === firmwareVersion
  const { measurands = [], meterIntervalS = 0 } = capabilities
  const isWished =
    meterIntervalS >= wish.intervalS && measurands.every((name) => wish.measurands.includes(name))
  return isOf && isWished && capabilities.configuration !== 'none' ? capabilities : undefined
}

function capabilitiesOf(
  { vendor, model, firmwareVersion }: ChargePoint,
  found: Found,
  atMs: number,
): Capabilities {
  return { ...found, atMs, vendor, model, firmware: firmwareVersion }
}

function isSameFound(one: Capabilities | undefined, other: Capabilities): boolean {
  const text = (all: Capabilities): string => {
    const told = Object.entries(all).filter(([name]) => name !== 'atMs')
    return JSON.stringify(told.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
  return one !== undefined && text(one) === text(other)
}
