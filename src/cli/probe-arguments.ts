/** The arguments of `yardmaster probe`. */
import { type Command, InvalidArgumentError } from 'commander'
import { PROBE_STEPS } from '../core/probe/probe-types.js'
import type { ProbeStep } from '../core/probe/probe-types.js'
import type { Io } from './io.js'
import type { ProbeOptions } from './probe.js'

/** Adds `probe` to the program; its exit code goes to `ended`. */
export function addProbeCommand(program: Command, io: Io, ended: (exitCode: number) => void): void {
  program
    .command('probe')
    .description('find out what a charger really does; needs a running gateway and a car')
    .argument('<charge point>', 'its OCPP id, or the id of the charger in REST')
    .option('--url <url>', 'the gateway', url, 'http://127.0.0.1:8000')
    .option('--token <token>', 'its REST token (default: $YARDMASTER_TOKEN)')
    .option('--steps <list>', `some of ${PROBE_STEPS.join(',')} (default: all)`, steps)
    .option('--connector <n>', 'default: the one that charges', connector)
    .option('--yes', 'consent: charging is interrupted, the charger disconnected and rebooted')
    .addHelpText('after', '\nExit codes: 0 all steps clear, 1 failed or unclear, 2 bad usage')
    .action(async (chargePoint: string, options: ProbeOptions) => {
      const { probeCommand } = await import('./probe.js')
      ended(await probeCommand(chargePoint, options, io))
    })
}

function url(given: string): string {
  const isUrl = URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)
  if (!isUrl) throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:8000.')
  return given.replace(/\/+$/, '')
}

function steps(given: string): readonly ProbeStep[] {
  const named = given.split(',').map((text) => text.trim())
  const known = PROBE_STEPS.filter((step) => named.includes(step))
  const unknown = named.filter((name) => !PROBE_STEPS.some((step) => step === name))
  if (unknown.length === 0) return known
  throw new InvalidArgumentError(
    `There is no step ${unknown.join(', ')}; there are ${PROBE_STEPS.join(', ')}.`,
  )
}

function connector(given: string): number {
  const value = Number(given)
  if (/^\d+$/.test(given) && value >= 1 && value <= 1000) return value
  throw new InvalidArgumentError('It must be a whole number from 1 to 1000.')
}
