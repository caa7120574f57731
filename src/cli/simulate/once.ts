/** One run, told as it went, and the verdict. */
import type { Io } from '../io.js'
import type { SimulateOptions } from '../simulate.js'
import { dayPicture } from './day-picture.js'
import { failureLines } from './failure-lines.js'
import { entryJson, summaryJson } from './json-lines.js'
import { observedRun } from './observed-run.js'
import type { ObservedRun } from './observed-run.js'
import { paintFor } from './paint.js'
import type { ScenarioSource } from './source.js'
import { passes, summaryLines } from './summary-lines.js'
import { contextOf, timelineLines } from './timeline-lines.js'

const OK = 0
const FAILED = 1

export async function simulateOnce(
  source: ScenarioSource,
  options: SimulateOptions,
  io: Io,
): Promise<number> {
  const paint = paintFor(io)
  const { seed, demoDay = false, picture: isPicture = demoDay } = options
  const timeline = options.timeline !== false && !isPicture
  if (options.json === true) {
    const run = await observedRun(source, seed, { timeline })
    return toldAsJson(source, run, io)
  }
  const { name, seed: ownSeed, chargers } = source.scenario(seed)
  io.out(`${name}, seed ${ownSeed}: ${chargers.length} chargers`)
  const run = await observedRun(source, seed, {
    timeline,
    ...(isPicture && {
      picture: (scenario) => dayPicture(scenario, paint, (line) => io.out(line)),
    }),
  })
  const { scenario, summary, reasons } = run
  const context = contextOf(scenario, reasons, paint)
  for (const { text } of timelineLines(summary.result.timeline, context)) io.out(text)
  for (const line of summaryLines(summary, paint)) io.out(line)
  if (passes(summary)) return OK
  for (const line of await failureLines(source, run, paint)) io.out(line)
  return FAILED
}

async function toldAsJson(source: ScenarioSource, run: ObservedRun, io: Io): Promise<number> {
  const { summary, reasons } = run
  for (const entry of summary.result.timeline) {
    const isOffer = entry.type === 'offer'
    io.out(
      entryJson(
        entry,
        isOffer ? reasons.reasonAt(entry.charger, entry.connectorId, entry.atMs) : undefined,
      ),
    )
  }
  io.out(summaryJson(summary, 'summary'))
  if (passes(summary)) return OK
  for (const line of await failureLines(source, run, paintFor(io))) io.err(line)
  return FAILED
}
