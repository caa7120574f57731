/** What a charge point console answers and sees, as lines: for people, or JSON for programs. */
import type { ConsoleAnswer, Outcome, RigEvent } from '../testing/index.js'

export function answerLines(answer: ConsoleAnswer): readonly string[] {
  switch (answer.type) {
    case 'nothing':
    case 'quit':
      return []
    case 'said':
      return [answer.text]
    case 'wrong':
      return [answer.problem]
    case 'done':
      return answer.outcomes.map((outcome) => {
        const words = outcome.ok ? outcome.text : outcome.problem
        return `${outcome.charge_point}: ${words}`
      })
  }
}

/** One line of JSON; several charge points answer together. */
export function answerJson(answer: ConsoleAnswer, id?: unknown): string {
  const named = id === undefined ? {} : { id }
  switch (answer.type) {
    case 'nothing':
    case 'quit':
      return JSON.stringify({ ...named, ok: true })
    case 'said':
      return JSON.stringify({ ...named, ok: true, text: answer.text })
    case 'wrong':
      return JSON.stringify({ ...named, ok: false, error: 'usage', problem: answer.problem })
    case 'done': {
      const [first, ...others] = answer.outcomes
      if (first && others.length === 0) return JSON.stringify({ ...named, ...outcomeJson(first) })
      const ok = answer.outcomes.every((outcome) => outcome.ok)
      return JSON.stringify({ ...named, ok, results: answer.outcomes.map(outcomeJson) })
    }
  }
}

/** Undefined: not worth a line. */
export function eventText(
  identity: string,
  event: RigEvent,
  { trace }: { readonly trace: boolean },
): string | undefined {
  switch (event.type) {
    case 'connected':
      return `${identity} connected`
    case 'disconnected':
      return `${identity} disconnected (${event.code}${event.reason && ` ${event.reason}`})`
    case 'refused':
      return `${identity} refused: ${event.status === 0 ? '' : `HTTP ${event.status} `}${event.reason}`
    case 'status':
      return `${identity} connector ${event.connectorId} ${event.status}`
    case 'sent':
      return trace ? `${identity} > ${event.text}` : undefined
    case 'received':
      return trace ? `${identity} < ${event.text}` : undefined
  }
}

export function eventJson(identity: string, event: RigEvent): string {
  const { type, ...fields } = event
  if ('connectorId' in fields) {
    const { connectorId, status } = fields
    return JSON.stringify({ event: type, charge_point: identity, connector: connectorId, status })
  }
  return JSON.stringify({ event: type, charge_point: identity, ...fields })
}

function outcomeJson(outcome: Outcome): object {
  const { charge_point: chargePoint } = outcome
  return outcome.ok
    ? { ok: true, charge_point: chargePoint, text: outcome.text, ...outcome.fields }
    : { ok: false, charge_point: chargePoint, error: outcome.kind, problem: outcome.problem }
}
