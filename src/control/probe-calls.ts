/** The questions of a probe as OCPP 1.6 calls, and their answers in its words. */
import type { ProbeAnswer, ProbeQuestion } from '../core/probe/probe-types.js'
import type { CallEnd } from '../ocpp/call-end.js'
import {
  getCompositeSchedule,
  getConfiguration,
  reset,
  triggerMessage,
} from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import { decodeResult } from '../ocpp/v16/results.js'

const KEYS = ['ChargingScheduleAllowedChargingRateUnit']
const AHEAD_S = 60

export function questionCall(question: ProbeQuestion, connectorId: number): OutboundCall {
  switch (question.type) {
    case 'configuration':
      return getConfiguration(KEYS)
    case 'sample':
      return triggerMessage('MeterValues', connectorId)
    case 'schedule':
      return getCompositeSchedule({ connectorId, durationS: AHEAD_S })
    case 'reset':
      return reset('Soft')
  }
}

/** `wattsPerA`: of one ampere on each phase of the connector. */
export function answerOf(question: ProbeQuestion, end: CallEnd, wattsPerA: number): ProbeAnswer {
  const payload = end.type === 'answered' ? end.payload : undefined
  switch (question.type) {
    case 'configuration': {
      const decoded = decodeResult('GetConfiguration', payload)
      if (!decoded.ok) return { type: 'configuration', keys: undefined }
      const keys = decoded.result.keys.map(({ key, value }) => [key, value ?? ''] as const)
      return { type: 'configuration', keys: new Map(keys) }
    }
    case 'sample': {
      const decoded = decodeResult('TriggerMessage', payload)
      return { type: 'sample', isTaken: decoded.ok && decoded.result.status === 'Accepted' }
    }
    case 'schedule': {
      const decoded = decodeResult('GetCompositeSchedule', payload)
      const schedule = decoded.ok ? decoded.result.schedule : undefined
      const limit = schedule?.periods.findLast(({ startS }) => startS <= 0)?.limit
      const perA = schedule?.unit === 'W' ? wattsPerA : 1
      return { type: 'schedule', limitA: limit === undefined ? undefined : limit / perA }
    }
    case 'reset': {
      const decoded = decodeResult('Reset', payload)
      return { type: 'reset', isTaken: decoded.ok && decoded.result.status === 'Accepted' }
    }
  }
}
