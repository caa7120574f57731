/**
 * Feeds what charge points said, as a log of frames tells it, to the real controller on a virtual
 * clock, and compares what it answers with what was answered then. So a fault becomes a test.
 */
import { after } from '../after.js'
import { defaultSettings } from '../config/settings-of.js'
import type { Settings } from '../config/settings.js'
import { createController } from '../controller.js'
import type { View } from '../core/site/view.js'
import type { ChargePointHandler, Connection, ConnectionHandler } from '../ports.js'
import { countingIds } from './counting-ids.js'
import { ocppFrame } from './frame-file.js'
import type { LoggedFrame } from './frame-file.js'
import { manualClock } from './manual-clock.js'
import type { ManualClock } from './manual-clock.js'
import { memoryLog } from './memory-log.js'
import type { LogEntry } from './memory-log.js'
import { memoryStore } from './memory-store.js'
import { recordedAnswers } from './recorded-answers.js'
import { replayDepot } from './replay-depot.js'
import { isFields } from './wire-fields.js'
import type { Fields } from './wire-fields.js'

export interface Replay {
  /** What charge points asked, in order. */
  readonly exchanges: readonly ReplayedExchange[]
  /** What the controller asked of them this time. */
  readonly calls: readonly ReplayedCall[]
  /** What it logged as warnings and errors. */
  readonly warnings: readonly LogEntry[]
  /** How the site stands at the end. */
  readonly view: View
}

export interface ReplayedExchange {
  readonly line: number
  readonly wallMs: number
  readonly chargePointId: string
  readonly action: string
  readonly payload: Fields
  /** Of the frame, without its id; undefined: no answer. */
  readonly recorded: readonly unknown[] | undefined
  readonly replayed: readonly unknown[] | undefined
  /** Whether both say the same, apart from the time and the numbers of transactions. */
  readonly isSame: boolean
}

export interface ReplayedCall {
  readonly wallMs: number
  readonly chargePointId: string
  readonly action: string
  readonly payload: Fields
  /** Undefined: the log holds no answer to such a call, and it got none. */
  readonly answer: readonly unknown[] | undefined
}

/** So long it goes on after the last line. */
const TAIL_MS = 30_000

/** `settings` with a depot that has these charge points; default: one that has, without limits. */
export async function replayFrames(
  frames: readonly LoggedFrame[],
  { settings }: { readonly settings?: Settings } = {},
): Promise<Replay> {
  const [first] = frames
  if (!first) throw new Error('there is no frame to replay')
  const clock = manualClock({ startMs: first.wallMs })
  const log = memoryLog()
  const depot = settings?.depot ?? replayDepot(frames)
  const world = replayWorld(frames, clock)
  const controller = createController(
    { ...(settings ?? defaultSettings({ host: '127.0.0.1' })), depot },
    {
      clock,
      ids: countingIds(),
      store: memoryStore(),
      log,
      chargePoints: world.chargePoints,
    },
  )
  await controller.start()
  const startMs = clock.monotonic()
  let atMs = first.ms
  let waitedMs = 0
  for (const frame of frames) {
    // A log may span a restart of the machine it was made on: then its wall clock counts.
    const isRestart = frame.ms < atMs
    waitedMs += isRestart ? 1000 : frame.ms - atMs
    atMs = frame.ms
    const dueMs = startMs + waitedMs
    if (dueMs > clock.monotonic()) await clock.advance(Math.ceil(dueMs - clock.monotonic()))
    world.happens(frame)
  }
  await clock.advance(TAIL_MS)
  const view = controller.view()
  await controller.stop()
  return {
    exchanges: world.exchanges(),
    calls: world.calls,
    warnings: log.entries().filter(({ level }) => level === 'warn' || level === 'error'),
    view,
  }
}

interface Asked {
  readonly frame: LoggedFrame
  readonly action: string
  readonly payload: Fields
  recorded: readonly unknown[] | undefined
  replayed: readonly unknown[] | undefined
}

interface ReplayWorld {
  readonly chargePoints: {
    listen(handler: ChargePointHandler): Promise<void>
    close(): Promise<void>
  }
  readonly calls: readonly ReplayedCall[]
  happens(frame: LoggedFrame): void
  exchanges(): readonly ReplayedExchange[]
}

function replayWorld(frames: readonly LoggedFrame[], clock: ManualClock): ReplayWorld {
  const answers = recordedAnswers(frames)
  const asked: Asked[] = []
  /** By charge point and message id: the last that was asked so. */
  const waiting = new Map<string, Asked>()
  const open = new Map<string, ConnectionHandler>()
  const calls: ReplayedCall[] = []
  /** Numbers of transactions of then, and what they are now. */
  const transactions = new Map<unknown, unknown>()
  let handler: ChargePointHandler | undefined

  return {
    chargePoints: {
      async listen(listener) {
        handler = listener
      },
      async close() {
        handler = undefined
      },
    },
    calls,
    happens(frame) {
      const { kind, chargePointId, text } = frame
      switch (kind) {
        case 'opened':
          connect(chargePointId)
          break
        case 'closed':
          open.get(chargePointId)?.closed(1006, 'as in the log')
          open.delete(chargePointId)
          break
        case 'received':
          received(frame)
          break
        case 'sent': {
          const said = ocppFrame(text)
          const question = said && waiting.get(`${chargePointId} ${said.id}`)
          if (said?.type === 'answer' && question) noteRecorded(question, said.tail)
          break
        }
        case 'closing':
        case 'refused':
        case 'gap':
          break
      }
    },
    exchanges: () =>
      asked.map(({ frame, action, payload, recorded, replayed }) => ({
        line: frame.line,
        wallMs: frame.wallMs,
        chargePointId: frame.chargePointId,
        action,
        payload,
        recorded,
        replayed,
        // The log may end before the answer.
        isSame: recorded === undefined || comparable(recorded) === comparable(replayed),
      })),
  }

  function connect(chargePointId: string): ConnectionHandler | undefined {
    open.get(chargePointId)?.closed(1006, 'replaced')
    open.delete(chargePointId)
    const request = { identity: chargePointId, remoteAddress: '127.0.0.1' }
    if (handler?.admit(request).type !== 'accept') return undefined
    const session = handler.opened(connectionOf(chargePointId))
    open.set(chargePointId, session)
    return session
  }

  function received(frame: LoggedFrame): void {
    const { chargePointId, text } = frame
    const said = ocppFrame(text)
    // Its answers come when it is asked, which may be at another time now.
    if (said?.type === 'answer') return
    const session = open.get(chargePointId) ?? connect(chargePointId)
    if (!said) return session?.received(text)
    const { id, action } = said
    const payload = { ...said.payload }
    if (transactions.has(payload['transactionId'])) {
      payload['transactionId'] = transactions.get(payload['transactionId'])
    }
    const question: Asked = { frame, action, payload, recorded: undefined, replayed: undefined }
    asked.push(question)
    waiting.set(`${chargePointId} ${id}`, question)
    session?.received(JSON.stringify([2, id, action, payload]))
  }

  function connectionOf(identity: string): Connection {
    let isOpen = true
    const end = (code: number, reason: string): void => {
      if (!isOpen) return
      isOpen = false
      const session = open.get(identity)
      after(clock, 1, () => session?.closed(code, reason))
      open.delete(identity)
    }
    return {
      identity,
      remoteAddress: '127.0.0.1',
      send: (text) => sent(identity, text),
      // It answers at once: how long it took is not in the log.
      ping: () => void after(clock, 1, () => open.get(identity)?.pong()),
      pause() {},
      resume() {},
      bufferedBytes: () => 0,
      close: end,
      terminate: () => end(1006, 'terminated'),
    }
  }

  function sent(chargePointId: string, text: string): void {
    const said = ocppFrame(text)
    if (!said) return
    if (said.type === 'answer') {
      const question = waiting.get(`${chargePointId} ${said.id}`)
      if (question) noteReplayed(question, said.tail)
      return
    }
    const { id, action, payload } = said
    const entry = answers.take(chargePointId, action, payload)
    const answer = entry?.tail
    calls.push({ wallMs: clock.now(), chargePointId, action, payload, answer })
    if (!answer) return
    const [type, ...rest] = answer
    const delayMs = Math.max(1, Math.ceil(entry?.delayMs ?? 0))
    after(clock, delayMs, () => {
      open.get(chargePointId)?.received(JSON.stringify([type, id, ...rest]))
    })
  }

  function noteRecorded(question: Asked, tail: readonly unknown[]): void {
    question.recorded = tail
    matchTransactions(question)
  }

  function noteReplayed(question: Asked, tail: readonly unknown[]): void {
    question.replayed = tail
    matchTransactions(question)
  }

  function matchTransactions({ action, recorded, replayed }: Asked): void {
    if (action !== 'StartTransaction' || !recorded || !replayed) return
    const [, was] = recorded
    const [, is] = replayed
    if (isFields(was) && isFields(is)) transactions.set(was['transactionId'], is['transactionId'])
  }
}

/** Without what cannot be the same. */
function comparable(tail: readonly unknown[] | undefined): string {
  const shown = tail?.map((part) => {
    if (!isFields(part)) return part
    const { currentTime: _time, transactionId: _id, ...rest } = part
    return Object.fromEntries(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
  return JSON.stringify(shown ?? null)
}
