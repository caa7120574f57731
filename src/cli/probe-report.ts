/** The result of a probe in lines for people. */
import type { z } from 'zod'
import type { probeSchema } from '../http/probe-shape.js'

type Probe = z.infer<typeof probeSchema>
type Result = NonNullable<Probe['result']>

export function probeReport({ result, why, expiry_verified }: Probe): readonly string[] {
  if (!result) return why === null ? [] : [`nothing was found out: ${why}`]
  const rows: readonly (readonly [string, string])[] = [
    ['firmware', [result.vendor, result.model, result.firmware].filter(Boolean).join(' ')],
    ['units', result.units?.join(', ') ?? NOT_KNOWN],
    ['time to effect', result.time_to_effect_ms ? seconds(result.time_to_effect_ms) : NOT_KNOWN],
    ['phases', phasesText(result)],
    ['expiry', expiryText(result)],
    ['connection lost', kept(result.keeps_over_reconnect)],
    ['reboot', kept(result.keeps_over_reboot)],
    ['pause of 0 A', resumes(result.resumes_from_zero)],
    ['expiry_verified', String(expiry_verified)],
  ]
  return [
    'result',
    ...rows.map(([what, words]) => `  ${what.padEnd(15)} ${words}`),
    ...result.notes.map((note) => `  note            ${note}`),
  ]
}

const NOT_KNOWN = 'not known'

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}

function phasesText({ phases_used: used, phase_rotation: rotation }: Result): string {
  if (typeof used !== 'number') return NOT_KNOWN
  return `the car used ${used}; phase_rotation ${rotation ?? NOT_KNOWN}`
}

function expiryText({ expiry, fallback_seen, fallback_after_expiry_a: a }: Result): string {
  if (expiry === 'ignored') {
    return 'IGNORED: a limit stays in force for ever when the controller is gone'
  }
  if (expiry !== 'honoured') return NOT_KNOWN
  return fallback_seen === true
    ? `honoured: it went to its fallback, ${a} A drawn`
    : `its limit ended, but then it drew ${a} A: NOT SAFE when the controller is gone`
}

function kept(keeps: boolean | null | undefined): string {
  if (typeof keeps !== 'boolean') return NOT_KNOWN
  return keeps ? 'keeps its limits' : 'FORGETS its limits'
}

function resumes(does: boolean | null | undefined): string {
  if (typeof does !== 'boolean') return NOT_KNOWN
  return does ? 'charges again' : 'does NOT charge again'
}
