/** The command against a gateway whose depot runs on a clock of its own. */
import { test, type Test } from 'tap'
import { httpServer } from '../../src/adapters/http-server.js'
import { probeCommand, type ProbeOptions, type ProbeTerminal } from '../../src/cli/probe.js'
import { runProgram } from '../../src/cli/program.js'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { memoryLog } from '../../src/testing/memory-log.js'
import { aProbedStory } from '../site/a-probe.js'
import type { ProbedStory } from '../site/a-probe.js'
import { recordedIo } from './recorded-io.js'

async function served(
  t: Test,
  behaviour: Partial<Behaviour> = {},
): Promise<{ site: ProbedStory; url: string }> {
  const site = await aProbedStory(behaviour, { maxA: 64 })
  const server = httpServer({
    host: '127.0.0.1',
    port: 0,
    handle: (request, peer) => site.controller().handle(request, peer),
    log: memoryLog(),
  })
  const { port } = await server.start()
  t.teardown(async () => {
    await server.close()
    await site.stop()
  })
  return { site, url: `http://127.0.0.1:${port}` }
}

async function run(
  { site, url }: { site: ProbedStory; url: string },
  options: Partial<ProbeOptions> & { chargePoint?: string; answer?: string; stopAtS?: number } = {},
) {
  const { chargePoint = 'CP001', answer, stopAtS = Infinity, ...given } = options
  const io = recordedIo()
  let stop: (() => void) | undefined
  let waitedS = 0
  const questions: string[] = []
  const terminal: ProbeTerminal = {
    async ask(question) {
      questions.push(question)
      return answer
    },
    async wait() {
      await site.seconds(1)
      waitedS += 1
      if (waitedS === stopAtS) stop?.()
    },
    onInterrupt(listener) {
      stop = listener
      return () => {
        stop = undefined
      }
    },
  }
  const code = await probeCommand(chargePoint, { url, ...given }, io, terminal)
  return { code, out: io.stdout, err: io.stderr, questions }
}

test('a good charger: progress, a result, exit code 0', async (t) => {
  const { code, out, err } = await run(await served(t), { yes: true })
  t.equal(code, 0, out.join('\n'))
  t.same(err, [])
  t.match(out[0], /^step 1 of 6: watching what the car takes, at most 60 s$/)
  const text = out.join('\n')
  t.match(text, /step 3 of 6: waiting for the limit of 10 A to expire, at most \d+ s/)
  t.match(text, /^6 of 6 steps are clear$/m)
  t.match(text, /expiry +honoured: it went to its fallback, 6 A drawn/)
  t.match(text, /connection lost +keeps its limits\n +reboot +keeps its limits\n/)
  t.match(text, /expiry_verified +true/)
  t.ok(out.length < 60, 'each thing is told once')
})

test('what is not clear ends with 1 and says so', async (t) => {
  const gateway = await served(t, { ignoresExpiry: true })
  const bad = await run(gateway, { yes: true, steps: ['expiry'] })
  t.equal(bad.code, 0, 'found out, if nothing good')
  t.match(bad.out.join('\n'), /expiry +IGNORED: .*\n(.*\n)* +expiry_verified +false/)
  const unclear = await run(gateway, { yes: true, steps: ['phases'] })
  t.equal(unclear.code, 1)
  t.match(unclear.out.join('\n'), /note +phases: there is no meter above the charger/)
})

test('without consent nothing is started', async (t) => {
  const gateway = await served(t)
  for (const answer of [undefined, '', 'no']) {
    const { code, out, err, questions } = await run(gateway, answer === undefined ? {} : { answer })
    t.equal(code, 1)
    t.match(out.join('\n'), /A probe of "CP001":\n.*must be charging.*\n(.*\n)* +reboots it/)
    t.same(questions, ['Go on? [y/N] '])
    t.match(err, [/needs consent/])
  }
  t.equal((await gateway.site.probe()).state, 'none')
  const { code, questions } = await run(gateway, { answer: 'y', steps: ['units'] })
  t.same([code, questions.length], [0, 1])
})

test('an interrupt aborts the probe and waits for its end', async (t) => {
  const gateway = await served(t)
  const { code, out } = await run(gateway, { yes: true, stopAtS: 30 })
  t.equal(code, 1)
  t.match(out.join('\n'), /aborted after \d of 6 steps\nresult\n/)
  t.equal((await gateway.site.probe()).state, 'aborted')
})

test('what the gateway refuses is said in its words', async (t) => {
  const gateway = await served(t)
  const unknown = await run(gateway, { chargePoint: 'CP9', yes: true })
  t.equal(unknown.code, 1)
  t.match(unknown.err, [/no charge point "CP9"; there are: CP001, CP002/])
  const wrong = await run(gateway, { yes: true, token: 'wrong' })
  t.match(wrong.err, [/token.*--token/])
  gateway.site.world.chargePoint('CP001').unplug(1)
  await gateway.site.seconds(5)
  const carless = await run(gateway, { yes: true })
  t.equal(carless.code, 1)
  t.match(carless.err, [/need a car that charges on connector 1/])
  const nobody = await run({ ...gateway, url: 'http://127.0.0.1:9' }, { yes: true })
  t.equal(nobody.code, 1)
  t.match(nobody.err, [/cannot talk to http:\/\/127.0.0.1:9 .*is the gateway there\?/])
})

for (const args of [
  ['probe'],
  ['probe', 'CP001', '--steps', 'fly'],
  ['probe', 'CP001', '--url', 'gateway'],
  ['probe', 'CP001', '--connector', '0'],
]) {
  test(`bad usage ends with 2: yardmaster ${args.join(' ')}`, async (t) => {
    const io = recordedIo()
    t.equal(await runProgram(args, io), 2)
    t.not(io.stderr.join(''), '')
  })
}
