/**
 * Reads the settings of a charge point whatever way it can be asked: all at once, by a list, or key by
 * key. Some answer an error to a question for all, some to more than one key.
 */
import type { CallEnd } from '../ocpp/call-end.js'
import { KNOWN_KEYS } from '../ocpp/v16/known-keys.js'
import { getConfiguration } from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound-call.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { ConfigurationKey } from '../ocpp/v16/results.js'

export type ConfigurationRead =
  | { readonly ok: true; readonly keys: readonly ConfigurationKey[] }
  /** How the last question ended. */
  | { readonly ok: false; readonly end: CallEnd }

/** Asked at once unless it says how many it takes. */
const DEFAULT_AT_ONCE = 10

export async function readConfiguration(
  ask: (call: OutboundCall<'GetConfiguration'>) => Promise<CallEnd>,
): Promise<ConfigurationRead> {
  const all = await ask(getConfiguration())
  const whole = keysIn(all)
  if (whole && whole.length > 0) return { ok: true, keys: whole }
  if (isGone(all)) return { ok: false, end: all }

  const found = new Map<string, ConfigurationKey>()
  const atOnce = await howMany(ask)
  const names = KNOWN_KEYS.map(({ key }) => key)
  let end = all
  for (let from = 0; from < names.length; from += atOnce) {
    const part = names.slice(from, from + atOnce)
    end = await ask(getConfiguration(part))
    if (isGone(end)) return { ok: false, end }
    const keys = keysIn(end)
    for (const key of keys ?? []) found.set(key.key, key)
    const isAnswered = keys !== undefined && (keys.length > 0 || part.length === 1)
    if (isAnswered || part.length === 1) continue
    // It takes no list: each on its own.
    for (const name of part) {
      end = await ask(getConfiguration([name]))
      if (isGone(end)) return { ok: false, end }
      for (const key of keysIn(end) ?? []) found.set(key.key, key)
    }
  }
  return found.size > 0 ? { ok: true, keys: [...found.values()] } : { ok: false, end }
}

async function howMany(
  ask: (call: OutboundCall<'GetConfiguration'>) => Promise<CallEnd>,
): Promise<number> {
  const end = await ask(getConfiguration(['GetConfigurationMaxKeys']))
  const said = Number(keysIn(end)?.[0]?.value)
  return Number.isSafeInteger(said) && said > 0 ? Math.min(said, 50) : DEFAULT_AT_ONCE
}

function keysIn(end: CallEnd): readonly ConfigurationKey[] | undefined {
  if (end.type !== 'answered') return undefined
  const decoded = decodeResult('GetConfiguration', end.payload)
  return decoded.ok ? decoded.result.keys : undefined
}

/** Asking on is of no use. */
function isGone(end: CallEnd): boolean {
  return end.type === 'disconnected' || end.type === 'notSent'
}
