/** `yardmaster cp` without an action: charge points that stay, driven by commands. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { chargePointDialler } from '../adapters/charge-point-dialler.js'
import { httpTransfer } from '../adapters/http-transfer.js'
import { systemClock } from '../adapters/system-clock.js'
import {
  chargePointConsole,
  chargePointRig,
  failureOf,
  seededRandom,
  simulatedChargePoint,
} from '../testing/index.js'
import type {
  ChargePointConsole,
  ChargePointMemory,
  ChargePointRig,
  RigEvent,
} from '../testing/index.js'
import { answerJson, answerLines, eventJson, eventText } from './cp-answer-text.js'
import { commandPort } from './cp-command-port.js'
import type { CommandPort } from './cp-command-port.js'
import { cpIdentities } from './cp-identities.js'
import { type CpProofOptions, proofOf } from './cp-proof.js'
import { cpMemories } from './cp-state.js'
import type { CpIo } from './cp.js'

export interface CpInteractiveOptions extends CpProofOptions {
  readonly chargePointId: string
  readonly host: string
  readonly port: number
  readonly count?: number
  readonly connectors: number
  readonly maxAmps: number
  readonly phases: number
  readonly vendor?: string
  readonly model?: string
  readonly firmware?: string
  readonly script?: string
  readonly commandPort?: number
  readonly json?: boolean
  readonly trace?: boolean
  readonly quiet?: boolean
  readonly seed?: string
  /** File of what outlives the process. */
  readonly state?: string
}

/** Where commands come from besides a script and the command port. */
export interface CommandSource {
  readonly lines: AsyncIterable<string>
  /** Somebody types: a mistake ends nothing. */
  readonly isTyped: boolean
  /** No more is wanted. */
  close(): void
}

const OK = 0
const FAILED = 1
const BAD_USAGE = 2
/** What was just said may still be answered before it hangs up. */
const DRAIN_MS = 2000

/** Resolves with the exit code: 0 done, 1 a command failed, 2 a command was wrong. */
export async function cpInteractive(
  options: CpInteractiveOptions,
  io: CpIo,
  source: CommandSource = standardInput(),
): Promise<number> {
  const named = cpIdentities(options.chargePointId, options.count)
  if (!named.ok) {
    io.err(named.problem)
    return BAD_USAGE
  }
  const script = await readScript(options.script)
  if ('problem' in script) {
    io.err(script.problem)
    return BAD_USAGE
  }
  const memories = cpMemories(options.state, named.identities, io.err)
  if (!memories.ok) {
    io.err(memories.problem)
    return BAD_USAGE
  }
  let port: CommandPort | undefined
  const world = chargePoints(named.identities, options, memories.of, (identity, event) => {
    port?.tell(identity, event)
    const line = options.json
      ? wanted(event, options) && eventJson(identity, event)
      : eventText(identity, event, { trace: options.trace ?? false })
    if (typeof line === 'string' && !options.quiet) io.out(line)
  })
  const { console } = world
  const wrong = script.lines.flatMap(({ text, number }) => {
    const problem = console.check(text)
    return problem === undefined ? [] : [`${options.script}:${number}: ${problem}`]
  })
  if (wrong.length > 0) {
    for (const line of wrong) io.err(line)
    return BAD_USAGE
  }
  const ended = untilEnded()
  try {
    port =
      options.commandPort === undefined
        ? undefined
        : await commandPort(options.commandPort, console, () => ended.end(OK))
  } catch (error) {
    io.err(`--command-port ${options.commandPort}: ${String(error)}: choose another port, or 0`)
    return FAILED
  }
  if (port) io.out(`commands on ws://127.0.0.1:${port.port}`)
  world.start()
  drive({ console, script: script.lines, source, options, io, end: ended.end })
  const exitCode = await ended.code
  source.close()
  await world.stop()
  port?.close()
  return exitCode
}

interface World {
  readonly console: ChargePointConsole
  start(): void
  /** Lets them finish what they are saying. */
  stop(): Promise<void>
}

function chargePoints(
  identities: readonly string[],
  options: CpInteractiveOptions,
  memoryOf: (identity: string) => ChargePointMemory | undefined,
  observe: (identity: string, event: RigEvent) => void,
): World {
  const clock = systemClock()
  const { host, port, seed = String(process.pid), vendor, model, firmware } = options
  const proof = proofOf(options)
  const dialler = chargePointDialler({
    address: (chargePointId) => ({ host, port, chargePointId, proof }),
  })
  const phases = options.phases === 1 ? 1 : 3
  const connectors = Array.from({ length: options.connectors }, () => {
    return { maxCurrentA: options.maxAmps, phases } as const
  })
  const rigs = identities.map((identity): ChargePointRig => {
    const random = seededRandom(`${seed}/${identity}`)
    const memory = memoryOf(identity)
    const chargePoint = simulatedChargePoint({
      identity,
      connectors,
      clock,
      random,
      files: httpTransfer,
      ...(memory && { memory }),
      ...(vendor !== undefined && { vendor }),
      ...(model !== undefined && { model }),
      ...(firmware !== undefined && { firmwareVersion: firmware }),
    })
    return chargePointRig({
      chargePoint,
      network: dialler,
      clock,
      random,
      observe: (event) => observe(identity, event),
    })
  })
  return {
    console: chargePointConsole(rigs, clock),
    start() {
      for (const rig of rigs) {
        rig.chargePoint.start()
        rig.plugIn()
      }
    },
    async stop() {
      const deadlineMs = clock.monotonic() + DRAIN_MS
      const isTalking = ({ chargePoint }: ChargePointRig): boolean =>
        chargePoint.isAccepted() && chargePoint.isConnected() && !chargePoint.isIdle()
      while (rigs.some(isTalking) && clock.monotonic() < deadlineMs) await pause(50)
      for (const rig of rigs) {
        rig.chargePoint.stop()
        rig.pull()
      }
      // A close frame still has to leave.
      await pause(100)
      dialler.close()
    },
  }
}

interface ScriptLine {
  readonly text: string
  readonly number: number
}

interface Drive {
  readonly console: ChargePointConsole
  readonly script: readonly ScriptLine[]
  readonly source: CommandSource
  readonly options: CpInteractiveOptions
  readonly io: CpIo
  readonly end: (exitCode: number) => void
}

/** Runs the script, then what is typed; with a command port it stays when both are over. */
function drive({ console, script, source, options, io, end }: Drive): void {
  const { script: file, json = false, commandPort: port } = options

  /** True: go on. */
  const ran = async (text: string, where: string, isTyped: boolean): Promise<boolean> => {
    const answer = await console.run(text)
    const failure = failureOf(answer)
    const isFatal = failure !== undefined && !isTyped
    if (json) {
      if (answer.type !== 'nothing') io.out(answerJson(answer))
    } else if (!isFatal) {
      for (const line of answerLines(answer)) (failure ? io.err : io.out)(line)
    }
    if (answer.type === 'quit') {
      end(OK)
      return false
    }
    if (!isFatal) return true
    io.err(`${where}: ${text.trim()}: ${failure.problem}`)
    end(failure.kind === 'usage' ? BAD_USAGE : FAILED)
    return false
  }

  const all = async (): Promise<void> => {
    for (const { text, number } of script) {
      if (!(await ran(text, `${file}:${number}`, false))) return
    }
    if (file === undefined) {
      let number = 0
      for await (const text of source.lines) {
        number += 1
        if (!(await ran(text, `line ${number}`, source.isTyped))) return
      }
    }
    if (port === undefined) end(OK)
  }
  all().catch((error: unknown) => {
    io.err(String(error))
    end(FAILED)
  })
}

async function readScript(
  file: string | undefined,
): Promise<{ readonly lines: readonly ScriptLine[] } | { readonly problem: string }> {
  if (file === undefined) return { lines: [] }
  try {
    const text = await readFile(file, 'utf8')
    return { lines: text.split(/\r?\n/).map((line, index) => ({ text: line, number: index + 1 })) }
  } catch (error) {
    return { problem: `--script ${file} cannot be read (${String(error)})` }
  }
}

function untilEnded(): { readonly code: Promise<number>; readonly end: (code: number) => void } {
  let end: (code: number) => void = () => {}
  const code = new Promise<number>((resolve) => {
    end = resolve
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(OK))
  return { code, end }
}

function standardInput(): CommandSource {
  const { stdin } = process
  const lines = createInterface({ input: stdin })
  return {
    lines,
    isTyped: stdin.isTTY,
    close() {
      lines.close()
      // Else the process would wait for its other end.
      stdin.destroy()
    },
  }
}

function wanted(event: RigEvent, { trace = false }: CpInteractiveOptions): boolean {
  return trace || (event.type !== 'sent' && event.type !== 'received')
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
