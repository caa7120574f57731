/** Answers of a Modbus TCP device: wrong ones are no readings, and the next good one is. */
import { createServer } from 'node:net'
import { modbusTcp } from '../../../dist/adapters/modbus-tcp-link.js'
import { mutateBytes } from '../mutate.js'

const AT_ONCE = 16
const TIMEOUT_MS = 40
const WORDS = [230, 0, 16, 65_535, 4_660, 1]

export async function modbus() {
  const answers = []
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (request) => {
      if (request.length < 12) return
      const answer = answers.shift()
      socket.write(answer ? answer(request) : good(request))
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const open = modbusTcp('127.0.0.1', server.address().port)
  const underWay = new Set()
  let given

  const read = async (link) =>
    link.read({
      unitId: 1,
      functionCode: 3,
      address: 0,
      count: WORDS.length,
      timeoutMs: TIMEOUT_MS,
    })

  return {
    async each(random) {
      answers.push((request) => {
        given = wrong(request, random)
        return given
      })
      const attempt = ask(open, read)
      underWay.add(attempt)
      attempt.finally(() => underWay.delete(attempt)).catch(() => {})
      if (underWay.size >= AT_ONCE) await Promise.race(underWay)
    },
    input: () => given?.toString('hex'),
    async look() {
      await Promise.all(underWay)
      answers.length = 0
      const link = await open(1_000, new AbortController().signal)
      const answer = await link.read({
        unitId: 1,
        functionCode: 3,
        address: 0,
        count: WORDS.length,
        timeoutMs: 1_000,
      })
      link.destroy()
      if (!answer.ok) return `a good device is not read: ${JSON.stringify(answer.failure)}`
      return answer.words.join() === WORDS.join() ? undefined : `read ${answer.words.join()}`
    },
    lookEvery: 500,
    growthMiB: 12,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function ask(open, read) {
  const link = await open(1_000, new AbortController().signal)
  const answer = await read(link)
  link.destroy()
  if (!answer.ok) {
    if (typeof answer.failure?.type !== 'string') throw new Error('a failure without a type')
    return
  }
  const isSound =
    answer.words.length === WORDS.length &&
    answer.words.every((word) => Number.isInteger(word) && word >= 0 && word <= 65_535)
  if (!isSound) throw new Error(`words that are none: ${answer.words.join()}`)
}

function good(request) {
  const answer = Buffer.alloc(9 + WORDS.length * 2)
  request.copy(answer, 0, 0, 2)
  answer.writeUInt16BE(3 + WORDS.length * 2, 4)
  answer[6] = request[6]
  answer[7] = request[7]
  answer[8] = WORDS.length * 2
  WORDS.forEach((word, index) => answer.writeUInt16BE(word, 9 + 2 * index))
  return answer
}

function wrong(request, random) {
  const answer = good(request)
  const which = random.next()
  if (which < 0.7) return mutateBytes(answer, random)
  if (which < 0.8) return Buffer.concat([answer, answer, mutateBytes(answer, random)])
  if (which < 0.9) return Buffer.from([...request.subarray(0, 4), 0, 3, 1, 0x83, random.below(256)])
  return Buffer.alloc(random.below(2_000), random.below(256))
}
