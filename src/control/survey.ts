/**
 * What a charger is asked after a boot, one question at a time: its settings, at once or one by one,
 * then the interval and the measurands of its samples, as much of them as it takes.
 */
import type { Capabilities } from '../core/site/capabilities.js'
import type { CallEnd } from '../ocpp/call-end.js'
import { changeConfiguration, getConfiguration } from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import { decodeResult } from '../ocpp/v16/results.js'

export type Found = Omit<Capabilities, 'atMs' | 'vendor' | 'model' | 'firmware'>

export interface Survey {
  /** The question that is open; undefined: it is over. */
  question(): OutboundCall | undefined
  answered(end: CallEnd): void
  found(): Found
}

export interface SurveyWish {
  readonly intervalS: number
  /** The most important first. */
  readonly measurands: readonly string[]
  /** It answers for its settings only by name. */
  readonly oneByOne: boolean
  /** What it said before, of the same firmware: only the samples are set. */
  readonly known: Found | undefined
}

const INTERVAL = 'MeterValueSampleInterval'
const MEASURANDS = 'MeterValuesSampledData'
const OF_SAMPLES = [INTERVAL, MEASURANDS]
const KEYS = [
  ...OF_SAMPLES,
  'SupportedFeatureProfiles',
  'ChargingScheduleAllowedChargingRateUnit',
  'ChargeProfileMaxStackLevel',
  'ChargingScheduleMaxPeriods',
  'MaxChargingProfilesInstalled',
  'NumberOfConnectors',
  'GetConfigurationMaxKeys',
]
/** Tried in turn by who takes no shorter one, s. */
const INTERVALS_S = [15, 20, 30, 60, 120, 300, 900]
/** Who does not answer so many questions is not asked the others. */
const SILENCES_MAX = 3

type Step =
  | { readonly type: 'all' }
  | { readonly type: 'keys'; readonly left: readonly string[] }
  | { readonly type: 'interval'; readonly intervalS: number }
  | { readonly type: 'measurands'; readonly left: readonly string[]; readonly taken: string[] }
  | { readonly type: 'wish' }
  | { readonly type: 'over' }

export function survey({ intervalS, measurands, oneByOne, known }: SurveyWish): Survey {
  const settings = new Map<string, string>()
  let configuration: Found['configuration'] = known?.configuration ?? 'none'
  let takenIntervalS: number | undefined
  let takenMeasurands: readonly string[] | undefined
  let silences = 0
  let step = firstStep()

  function firstStep(): Step {
    const isOneByOne = oneByOne || (known !== undefined && known.configuration !== 'all')
    if (known) return { type: 'keys', left: OF_SAMPLES }
    return isOneByOne ? { type: 'keys', left: KEYS } : { type: 'all' }
  }

  const setInterval = (): Step => {
    const wanted = String(known?.meterIntervalS ?? intervalS)
    if (!isSet(INTERVAL, wanted)) return { type: 'interval', intervalS: Number(wanted) }
    takenIntervalS = Number(wanted)
    return setMeasurands()
  }

  const setMeasurands = (): Step => {
    const wanted = known?.measurands ?? measurands
    if (!isSet(MEASURANDS, wanted.join(','))) return { type: 'wish' }
    takenMeasurands = wanted
    return { type: 'over' }
  }

  /** Some write them to a memory that wears out, or boot for each change. */
  const isSet = (key: string, wanted: string): boolean =>
    wanted.length > 0 && settings.get(key)?.replaceAll(/\s/g, '') === wanted

  return {
    question() {
      switch (step.type) {
        case 'all':
          return getConfiguration()
        case 'keys':
          return getConfiguration(step.left.slice(0, 1))
        case 'interval':
          return changeConfiguration(INTERVAL, String(step.intervalS))
        case 'wish':
          return changeConfiguration(MEASURANDS, (known?.measurands ?? measurands).join(','))
        case 'measurands':
          return changeConfiguration(
            MEASURANDS,
            [...step.taken, ...step.left.slice(0, 1)].join(','),
          )
        case 'over':
          return undefined
      }
    },

    answered(end) {
      silences = end.type === 'timedOut' ? silences + 1 : 0
      if (silences >= SILENCES_MAX || end.type === 'disconnected') {
        step = { type: 'over' }
        return
      }
      switch (step.type) {
        case 'all': {
          const count = note(end)
          if (count > 0) configuration = 'all'
          // Who is silent about his settings may take some all the same.
          const isDone = count > 0 || end.type === 'timedOut'
          step = isDone ? setInterval() : { type: 'keys', left: KEYS }
          break
        }
        case 'keys': {
          if (note(end) > 0 && configuration === 'none') configuration = 'single'
          const left = end.type === 'timedOut' ? [] : step.left.slice(1)
          step = left.length > 0 ? { type: 'keys', left } : setInterval()
          break
        }
        case 'interval': {
          const { intervalS: askedS } = step
          const taken = changed(end)
          if (taken === true) takenIntervalS = askedS
          const nextS = INTERVALS_S.find((each) => each > askedS)
          const isOver = taken !== false || nextS === undefined
          step = isOver ? setMeasurands() : { type: 'interval', intervalS: nextS }
          break
        }
        case 'wish': {
          const taken = changed(end)
          if (taken === true) takenMeasurands = known?.measurands ?? measurands
          const isOver = taken !== false
          step = isOver ? { type: 'over' } : { type: 'measurands', left: measurands, taken: [] }
          break
        }
        case 'measurands': {
          const [first, ...left] = step.left
          const isTaken = changed(end) === true && first !== undefined
          const taken = isTaken ? [...step.taken, first] : step.taken
          if (isTaken) takenMeasurands = taken
          step = left.length > 0 ? { type: 'measurands', left, taken } : { type: 'over' }
          break
        }
        case 'over':
          break
      }
    },

    found: () => ({
      ...(known ?? said(settings)),
      configuration,
      meterIntervalS: takenIntervalS ?? known?.meterIntervalS,
      measurands: takenMeasurands ?? known?.measurands,
    }),
  }

  /** How many settings an answer tells. */
  function note(end: CallEnd): number {
    const decoded =
      end.type === 'answered' ? decodeResult('GetConfiguration', end.payload) : undefined
    if (!decoded?.ok) return 0
    for (const { key, value } of decoded.result.keys)
      if (value !== undefined) settings.set(key, value)
    return decoded.result.keys.length
  }
}

/** Undefined: it knows no such setting, or did not say. */
function changed(end: CallEnd): boolean | undefined {
  const decoded =
    end.type === 'answered' ? decodeResult('ChangeConfiguration', end.payload) : undefined
  if (!decoded?.ok) return undefined
  switch (decoded.result.status) {
    case 'Accepted':
    case 'RebootRequired':
      return true
    case 'Rejected':
      return false
    case 'NotSupported':
      return undefined
  }
}

function said(settings: ReadonlyMap<string, string>): Omit<Found, 'configuration'> {
  const list = (key: string): readonly string[] | undefined => {
    const words = settings
      .get(key)
      ?.split(/[,;\s]+/)
      .filter((word) => word !== '')
    return words && words.length > 0 ? words : undefined
  }
  const count = (key: string, least: number): number | undefined => {
    const text = settings.get(key)?.trim() ?? ''
    const number = /^\d{1,9}$/.test(text) ? Number(text) : undefined
    return number !== undefined && number >= least ? number : undefined
  }
  return {
    featureProfiles: list('SupportedFeatureProfiles'),
    units: unitsOf(list('ChargingScheduleAllowedChargingRateUnit')),
    maxStackLevel: count('ChargeProfileMaxStackLevel', 0),
    maxPeriods: count('ChargingScheduleMaxPeriods', 1),
    maxProfiles: count('MaxChargingProfilesInstalled', 1),
    connectors: count('NumberOfConnectors', 1),
    maxKeys: count('GetConfigurationMaxKeys', 1),
  }
}

/** Errata 3.88: Current and Power; in practice also A and W. */
function unitsOf(words: readonly string[] | undefined): readonly ('A' | 'W')[] | undefined {
  const units = (words ?? []).flatMap((word): readonly ('A' | 'W')[] => {
    switch (word.toLowerCase()) {
      case 'a':
      case 'amp':
      case 'ampere':
      case 'current':
        return ['A']
      case 'w':
      case 'watt':
      case 'power':
        return ['W']
      default:
        return []
    }
  })
  const found = [...new Set(units)]
  return found.length > 0 ? found : undefined
}
