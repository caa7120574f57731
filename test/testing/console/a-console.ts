/** A console for charge points in memory, on a virtual clock, with a scripted controller. */
import { chargePointConsole } from '../../../src/testing/console/console.js'
import type { ChargePointConsole, ConsoleAnswer } from '../../../src/testing/console/console.js'
import { chargePointRig } from '../../../src/testing/console/rig.js'
import type { RigEvent } from '../../../src/testing/console/rig.js'
import { manualClock } from '../../../src/testing/manual-clock.js'
import type { ManualClock } from '../../../src/testing/manual-clock.js'
import { memoryNetwork } from '../../../src/testing/memory-network.js'
import { seededRandom } from '../../../src/testing/random.js'
import { simulatedChargePoint } from '../../../src/testing/simulated-charge-point.js'
import type { SimulatedChargePoint } from '../../../src/testing/simulated-charge-point.js'
import { fakeController } from '../fake-controller.js'
import type { FakeController, ReceivedCall } from '../fake-controller.js'

export interface ConsoleWorld {
  readonly clock: ManualClock
  readonly console: ChargePointConsole
  readonly controller: FakeController
  readonly chargePoints: readonly SimulatedChargePoint[]
  readonly events: readonly (RigEvent & { readonly identity: string })[]
  /** Runs a line and lets time pass until it is done. */
  readonly run: (line: string) => Promise<ConsoleAnswer>
  /** The same, for a line that must work: its words, one for each charge point. */
  readonly does: (line: string) => Promise<readonly string[]>
  /** The same, for a line that must not: its problem. */
  readonly fails: (line: string) => Promise<string>
  readonly calls: (action: string) => readonly ReceivedCall[]
}

export async function aConsole({
  identities = ['CP1'],
  connectors = 1,
}: {
  readonly identities?: readonly string[]
  readonly connectors?: number
} = {}): Promise<ConsoleWorld> {
  const clock = manualClock()
  const random = seededRandom('console')
  const network = memoryNetwork({ clock, random, latencyMs: [10, 20] })
  const controller = await fakeController(network.chargePoints, clock)
  const events: (RigEvent & { readonly identity: string })[] = []
  const rigs = identities.map((identity) => {
    const chargePoint = simulatedChargePoint({
      identity,
      connectors: Array.from(
        { length: connectors },
        () => ({ maxCurrentA: 32, phases: 3 }) as const,
      ),
      clock,
      random: random.fork(identity),
    })
    chargePoint.start()
    const observe = (event: RigEvent): void => void events.push({ identity, ...event })
    const rig = chargePointRig({ chargePoint, network, clock, random, observe })
    rig.plugIn()
    return rig
  })
  const console = chargePointConsole(rigs, clock)
  await clock.advance(1000)

  const run = async (line: string): Promise<ConsoleAnswer> => {
    let answer: ConsoleAnswer | undefined
    const running = console.run(line).then((value) => (answer = value))
    await clock.advanceUntil(() => answer !== undefined, 3_600_000)
    return running
  }
  return {
    clock,
    console,
    controller,
    chargePoints: rigs.map(({ chargePoint }) => chargePoint),
    events,
    run,
    async does(line) {
      const answer = await run(line)
      if (answer.type === 'said') return [answer.text]
      if (answer.type === 'done') {
        return answer.outcomes.map((outcome) => {
          if (outcome.ok) return outcome.text
          throw new Error(`${line}: ${outcome.problem}`)
        })
      }
      throw new Error(`${line}: ${JSON.stringify(answer)}`)
    },
    async fails(line) {
      const answer = await run(line)
      if (answer.type === 'wrong') return answer.problem
      if (answer.type === 'done') {
        for (const outcome of answer.outcomes) if (!outcome.ok) return outcome.problem
      }
      throw new Error(`${line} worked: ${JSON.stringify(answer)}`)
    },
    calls: (action) => controller.calls.filter((call) => call.action === action),
  }
}
