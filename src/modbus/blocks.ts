/** Which register ranges to read: few requests, and what belongs together in one of them. */
import type { RegisterSettings } from '../config/settings.js'
import { WORD_COUNT } from './registers.js'

/** One read request. */
export interface Block {
  readonly functionCode: 3 | 4
  /** First register, 0-based. */
  readonly address: number
  readonly count: number
}

/** A block and what the device answered: `count` words. */
export interface BlockWords extends Block {
  readonly words: readonly number[]
}

export interface BlockRules {
  /** Unwanted registers that may be read along to save a request. */
  readonly maxGap: number
  /** Whether a group is read in one block across any gap, so that its values are of one instant. */
  readonly joinGroups: boolean
}

/** Fewest requests: right for most devices. */
export const JOINED: BlockRules = { maxGap: 10, joinGroups: true }

/** Not one unwanted register: for devices that refuse to read across holes or long ranges. */
export const EXACT: BlockRules = { maxGap: 0, joinGroups: false }

/** Modbus Application Protocol 6.3 and 6.4: registers in one read. */
const MAX_COUNT = 125

/**
 * Blocks that cover all registers of all groups, each register within one block, in order of
 * function code and address. They do not overlap unless configured registers do.
 */
export function planBlocks(
  groups: readonly (readonly RegisterSettings[])[],
  rules: BlockRules,
): readonly Block[] {
  const waiting = groups.flatMap((group) => {
    const single = group.map(spanOf).map(alone)
    if (!rules.joinGroups) return single
    const joined = join(group.map(spanOf))
    return joined ? [{ ...joined, parts: single }] : single
  })
  waiting.sort(byPlace)
  const blocks: Block[] = []
  for (let span = waiting.shift(); span; span = waiting.shift()) {
    const { functionCode, address, count, parts } = span
    const block = { functionCode, address, count }
    const last = blocks.at(-1)
    const between = last?.functionCode === functionCode ? gap(last, block) : Infinity
    const joined = last && between <= rules.maxGap ? join([last, block]) : undefined
    if (joined) blocks[blocks.length - 1] = joined
    else if (between < 0 && parts.length > 1) {
      // A group that begins in a block and ends too far beyond it: each register for itself.
      waiting.push(...parts)
      waiting.sort(byPlace)
    } else blocks.push(block)
  }
  return blocks
}

/** One register, or several that should be read in one request. */
interface Span extends Block {
  readonly parts: readonly Span[]
}

function alone(block: Block): Span {
  return { ...block, parts: [] }
}

/** The words of a register, or undefined if no block holds it whole. */
export function wordsOf(
  register: RegisterSettings,
  blocks: readonly BlockWords[],
): readonly number[] | undefined {
  const span = spanOf(register)
  for (const block of blocks) {
    if (!covers(block, register)) continue
    const first = span.address - block.address
    return block.words.slice(first, first + span.count)
  }
  return undefined
}

export function covers(block: Block, register: RegisterSettings): boolean {
  const span = spanOf(register)
  return (
    span.functionCode === block.functionCode &&
    span.address >= block.address &&
    end(span) <= end(block)
  )
}

/** The register alone. */
export function spanOf({ functionCode, address, type }: RegisterSettings): Block {
  return { functionCode, address, count: WORD_COUNT[type] }
}

function end(block: Block): number {
  return block.address + block.count
}

function gap(before: Block, after: Block): number {
  return after.address - end(before)
}

/** One block over all of them, or undefined if one request cannot hold it. */
function join(spans: readonly Block[]): Block | undefined {
  const [first] = spans
  if (!first || spans.some((span) => span.functionCode !== first.functionCode)) return undefined
  const address = Math.min(...spans.map((span) => span.address))
  const count = Math.max(...spans.map(end)) - address
  return count <= MAX_COUNT ? { functionCode: first.functionCode, address, count } : undefined
}

function byPlace(a: Block, b: Block): number {
  return a.functionCode - b.functionCode || a.address - b.address
}
