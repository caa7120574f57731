/** `yardmaster replay`: a downloaded log of frames through the controller as it is now. */
import { readFile } from 'node:fs/promises'
import { loadSettings } from '../config/load.js'
import { problemText } from '../config/problem.js'
import type { Settings } from '../config/settings.js'
import { parseFrameFile, replayFrames } from '../testing/index.js'
import type { LoggedFrame, Replay, ReplayedExchange } from '../testing/index.js'
import type { Io } from './io.js'

export interface ReplayOptions {
  readonly config?: string
  readonly all?: boolean
  readonly json?: boolean
}

const OK = 0
const DIFFERENT = 1
const BAD_USAGE = 2

/** The exit code: 0 every answer is as recorded, 1 some are not, 2 the file cannot be replayed. */
export async function replayCommand(file: string, options: ReplayOptions, io: Io): Promise<number> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    io.err(`${file} cannot be read (${String(error)})`)
    return BAD_USAGE
  }
  const read = parseFrameFile(text, file)
  const configured = options.config === undefined ? undefined : await settingsOf(options.config)
  const problems = [...(read.ok ? [] : read.problems), ...(configured?.problems ?? [])]
  const settings = configured?.settings
  if (read.ok && settings) problems.push(...strangers(read.frames, settings, options.config ?? ''))
  if (!read.ok || problems.length > 0) {
    for (const problem of problems) io.err(problem)
    return BAD_USAGE
  }
  const replay = await replayFrames(read.frames, settings ? { settings } : {})
  if (options.json) io.out(JSON.stringify(replay, (_, value: unknown) => plain(value)))
  else for (const line of transcript(replay, options.all ?? false)) io.out(line)
  return replay.exchanges.every(({ isSame }) => isSame) ? OK : DIFFERENT
}

async function settingsOf(
  file: string,
): Promise<{ readonly settings?: Settings; readonly problems: readonly string[] }> {
  const loaded = await loadSettings(file)
  if (!loaded.ok) return { problems: loaded.problems.map(problemText) }
  if (loaded.settings.depot) return { settings: loaded.settings, problems: [] }
  return { problems: [`${file} has no depot: section; yardmaster export writes one`] }
}

function strangers(
  frames: readonly LoggedFrame[],
  { depot }: Settings,
  file: string,
): readonly string[] {
  const known = new Set(
    [...(depot?.chargers.values() ?? [])].map(({ ocppChargePointId }) => ocppChargePointId),
  )
  return [...new Set(frames.map(({ chargePointId }) => chargePointId))]
    .filter((identity) => !known.has(identity))
    .map((identity) => `${file} has no charger with the ocpp_charge_point_id ${identity}`)
}

function transcript({ exchanges, calls, warnings, view }: Replay, all: boolean): string[] {
  const different = exchanges.filter(({ isSame }) => !isSame)
  const unanswered = calls.filter(({ answer }) => answer === undefined).length
  return [
    ...(all ? exchanges : different).flatMap(exchangeLines),
    ...warnings.map(({ level, event, fields }) => `${level} ${event} ${JSON.stringify(fields)}`),
    ...view.sessions.map(({ chargePointId, evseId, offerA, energyWh }) => {
      const where = `${chargePointId} connector ${evseId}`
      return `at the end ${where} charges: offer ${offerA} A, ${energyWh} Wh`
    }),
    `${calls.length} calls of the controller, ${calls.length - unanswered} answered as in the log, ` +
      `${unanswered} not: the log has no answer to such a call`,
    `${exchanges.length} messages of charge points, ${different.length} answered otherwise than then`,
  ]
}

function exchangeLines(exchange: ReplayedExchange): string[] {
  const { line, wallMs, chargePointId, action, payload, recorded, replayed, isSame } = exchange
  const time = new Date(wallMs).toISOString()
  const said = `${line}: ${time} ${chargePointId} ${action} ${JSON.stringify(payload)}`
  const now = JSON.stringify(replayed ?? 'no answer')
  if (isSame) return [said, `    ${now}`]
  return [said, `    then ${JSON.stringify(recorded ?? 'no answer')}`, `    now  ${now}`]
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value)
  return value instanceof Set ? [...value] : value
}
