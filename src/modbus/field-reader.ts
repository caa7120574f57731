/** One poll of a device, whatever it is: a site meter or a source of a grid limit. */
import type { LimitSourceSettings, MeterSettings, RegisterSettings } from '../config/settings.js'
import type { FieldEvent } from '../ports.js'
import { type Block, type BlockWords, covers, EXACT, JOINED, planBlocks, spanOf } from './blocks.js'
import { decodeLimit } from './limit-decoder.js'
import { decodeMeter } from './meter-decoder.js'
import { type ReadFailure, readProblem, type RegisterBus } from './register-bus.js'

export type Poll =
  | {
      readonly ok: true
      readonly event: FieldEvent
      /** What the reading lacks although it is configured, in words. */
      readonly missing: readonly string[]
    }
  | {
      readonly ok: false
      readonly problem: string
      /** True when the device cost the bus a full timeout. */
      readonly silent: boolean
    }

/** Never rejects. Calls must not overlap. */
export type FieldReader = () => Promise<Poll>

/**
 * Reads a meter in as few requests as its device allows: one that refuses long ranges or ranges with
 * holes is read register by register from the next poll on. The currents are read first, in one
 * request whenever possible, and their time is the reading's.
 */
export function meterReader(settings: MeterSettings, bus: RegisterBus): FieldReader {
  const { id: meterId, registers, modbusTcp } = settings
  const { currentA, powerW, energyWh } = registers
  const groups = [currentA, powerW ? [powerW] : [], energyWh ? [energyWh] : []]
  const exact = currentsFirst(planBlocks(groups, EXACT), currentA)
  const joined = currentsFirst(planBlocks(groups, JOINED), currentA)
  let plan = joined
  let silences = 0

  return async () => {
    const answered: BlockWords[] = []
    const missing: string[] = []
    let atMs: number | undefined
    for (const block of plan) {
      const request = { ...block, unitId: modbusTcp.unitId, timeoutMs: modbusTcp.timeoutMs }
      const answer = await bus.read(request)
      if (answer.ok) {
        atMs ??= answer.atMs
        answered.push({ ...block, words: answer.words })
        continue
      }
      const { failure } = answer
      const problem = readProblem(bus.name, request, failure)
      if (holdsAny(block, currentA)) {
        silences = failure.type === 'timeout' ? silences + 1 : 0
        // Some devices do not answer at all when they dislike a range.
        const dislikesRange = refusesRange(failure) || (silences > 0 && silences % 3 === 0)
        if (dislikesRange) plan = plan === joined ? exact : joined
        return { ok: false, problem, silent: failure.type === 'timeout' }
      }
      if (refusesRange(failure)) plan = exact
      missing.push(problem)
      // A silent bus costs a timeout a request; the currents are what counts.
      if (failure.type !== 'exception') break
    }
    silences = 0
    const decoded = decodeMeter(registers, answered)
    if (!decoded.ok || atMs === undefined) {
      const detail = decoded.ok ? 'nothing was read' : decoded.problem
      return {
        ok: false,
        problem: `${bus.name} unit ${modbusTcp.unitId}, ${detail}`,
        silent: false,
      }
    }
    const reading = { meterId, atMs, ...decoded.values }
    const lacking = [...missing, ...decoded.missing]
    return { ok: true, event: { type: 'meterRead', reading }, missing: lacking }
  }
}

/** Reads the register of a grid-limit source. */
export function limitReader(settings: LimitSourceSettings, bus: RegisterBus): FieldReader {
  const { id: sourceId, register, modbusTcp } = settings
  const { unitId, timeoutMs } = modbusTcp
  return async () => {
    const request = { ...spanOf(register), unitId, timeoutMs }
    const answer = await bus.read(request)
    if (!answer.ok) {
      const problem = readProblem(bus.name, request, answer.failure)
      return { ok: false, problem, silent: answer.failure.type === 'timeout' }
    }
    const decoded = decodeLimit(settings, answer.words)
    if (!decoded.ok) {
      const problem = `${bus.name} unit ${unitId}, ${decoded.problem}`
      return { ok: false, problem, silent: false }
    }
    const reading = { sourceId, atMs: answer.atMs, ...decoded.values }
    return { ok: true, event: { type: 'limitRead', reading }, missing: [] }
  }
}

/** Illegal data address or value: the device has no such range. */
function refusesRange(failure: ReadFailure): boolean {
  return failure.type === 'exception' && (failure.code === 2 || failure.code === 3)
}

function holdsAny(block: Block, registers: readonly RegisterSettings[]): boolean {
  return registers.some((register) => covers(block, register))
}

function currentsFirst(
  blocks: readonly Block[],
  currentA: readonly RegisterSettings[],
): readonly Block[] {
  return blocks.toSorted((a, b) => Number(holdsAny(b, currentA)) - Number(holdsAny(a, currentA)))
}
