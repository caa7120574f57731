/** `yardmaster probe`: consent, progress and result of a probe that the running gateway makes. */
import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import { CAR_STEPS, PROBE_STEPS } from '../core/probe/probe-types.js'
import type { ProbeStep } from '../core/probe/probe-types.js'
import { probeSchema } from '../http/probe-shape.js'
import type { Io } from './io.js'
import { probeReport } from './probe-report.js'
import { GatewayError, restClient } from './rest-client.js'
import type { Gateway } from './rest-client.js'

export interface ProbeOptions {
  readonly url: string
  readonly token?: string
  readonly steps?: readonly ProbeStep[]
  readonly connector?: number
  readonly yes?: boolean
}

/** What a terminal and a clock are for, so that tests need neither. */
export interface ProbeTerminal {
  /** The answer to a question; undefined: nobody is there. */
  ask(question: string): Promise<string | undefined>
  wait(ms: number): Promise<void>
  /** Calls `stop` when the user wants to end it; returns how to stop listening. */
  onInterrupt(stop: () => void): () => void
}

type Probe = z.infer<typeof probeSchema>

const CLEAR = 0
const FAILED = 1
const LOOK_MS = 1_000
const chargersSchema = z.array(
  z.object({ id: z.string(), name: z.string(), ocpp_charge_point_id: z.string().nullable() }),
)

/** Resolves with the exit code: 0 all is clear, 1 it failed or something stayed unclear. */
export async function probeCommand(
  chargePoint: string,
  options: ProbeOptions,
  io: Io,
  terminal: ProbeTerminal = processTerminal(io),
): Promise<number> {
  try {
    const gateway = restClient(options, io)
    const charger = await found(gateway, chargePoint)
    const steps = options.steps ?? PROBE_STEPS
    if (!(await hasConsent(charger.name, steps, options, io, terminal))) return FAILED
    const path = `/chargers/${encodeURIComponent(charger.id)}/probe`
    await gateway.send('POST', path, {
      consent: true,
      ...(options.steps && { steps: options.steps }),
      ...(options.connector !== undefined && { connector_id: options.connector }),
    })
    const probe = await followed(gateway, path, io, terminal)
    for (const line of probeReport(probe)) io.out(line)
    const isClear = probe.state === 'done' && probe.outcomes.every(({ clear }) => clear)
    return isClear ? CLEAR : FAILED
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    io.err(error.message)
    return FAILED
  }
}

/** Prints each new thing it does until it ends. */
async function followed(
  gateway: Gateway,
  path: string,
  io: Io,
  terminal: ProbeTerminal,
): Promise<Probe> {
  let isInterrupted = false
  const stopListening = terminal.onInterrupt(() => {
    isInterrupted = true
  })
  let told = ''
  let isAborted = false
  try {
    for (;;) {
      const method = isInterrupted && !isAborted ? 'DELETE' : 'GET'
      isAborted ||= isInterrupted
      const probe = probeSchema.parse(await gateway.send(method, path))
      const { words, step_number: number, doing } = probe
      if (probe.state !== 'running') {
        io.out(words)
        return probe
      }
      const now = `${number} ${doing}`
      if (now !== told) io.out(words)
      told = now
      await terminal.wait(LOOK_MS)
    }
  } finally {
    stopListening()
  }
}

async function found(
  gateway: Gateway,
  named: string,
): Promise<{ readonly id: string; readonly name: string }> {
  const all = chargersSchema.parse(await gateway.send('GET', '/chargers'))
  const charger =
    all.find((one) => one.ocpp_charge_point_id === named) ?? all.find(({ id }) => id === named)
  if (charger) return charger
  const known = all.flatMap((one) => one.ocpp_charge_point_id ?? []).slice(0, 10)
  const there = known.length === 0 ? 'none' : known.join(', ')
  throw new GatewayError(`the gateway has no charge point "${named}"; there are: ${there}`)
}

async function hasConsent(
  name: string,
  steps: readonly ProbeStep[],
  { yes }: ProbeOptions,
  io: Io,
  terminal: ProbeTerminal,
): Promise<boolean> {
  if (yes === true) return true
  io.out(`A probe of "${name}":`)
  if (steps.some((step) => CAR_STEPS.includes(step))) {
    io.out('  lowers its car and stops it for some minutes; it must be charging now')
  }
  if (steps.includes('expiry')) io.out('  waits up to 4 minutes for a limit to expire')
  if (steps.includes('reconnect')) io.out('  keeps it disconnected for more than a minute')
  if (steps.includes('reboot')) io.out('  reboots it, which ends the transaction')
  if (steps.includes('expiry') || steps.includes('reconnect')) {
    io.out('  sets expiry_verified of the charger by what it finds')
  }
  const answer = await terminal.ask('Go on? [y/N] ')
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return true
  io.err('nothing was done: a probe needs consent (y, or --yes)')
  return false
}

function processTerminal(io: Io): ProbeTerminal {
  return {
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      try {
        const closed = new Promise<undefined>((resolve) =>
          lines.once('close', () => resolve(undefined)),
        )
        return await Promise.race([lines.question(question), closed])
      } finally {
        lines.close()
      }
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onInterrupt(stop) {
      const interrupted = (): void => {
        io.err('aborting: the charger is let go')
        stop()
      }
      process.once('SIGINT', interrupted)
      return () => process.off('SIGINT', interrupted)
    },
  }
}
