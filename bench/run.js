/**
 * What the controller costs, next to a bare WebSocket server on the same machine in the same run.
 * `npm run bench` runs everything; README.md says what each figure means.
 */
import { callsPerCpuSecond } from './calls-per-cpu-second.js'
import { controlRound } from './control-round.js'
import { firstBoot } from './first-boot.js'
import { flood } from './flood.js'
import { machine } from './machine.js'
import { memory } from './memory.js'
import { readOptions } from './options.js'
import { reaction } from './reaction.js'
import { reconnectAtOnce } from './reconnect-at-once.js'
import { printTable } from './report.js'
import { createResources } from './resources.js'
import { simulation } from './simulation.js'
import { tls } from './tls.js'

const PARTS = {
  calls: callsPerCpuSecond,
  memory,
  start: firstBoot,
  reconnect: reconnectAtOnce,
  tls,
  reaction,
  flood,
  round: controlRound,
  simulation,
}

const options = readOptions(Object.keys(PARTS))
const resources = createResources()
const result = { machine: machine() }
try {
  for (const part of options.parts) {
    console.error(`measuring: ${part}`)
    result[part] = await PARTS[part](resources, options)
  }
  printTable(result)
  if (options.json) console.log(JSON.stringify(result, rounded))
} catch (error) {
  console.error(`bench failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  await resources.release()
}

function rounded(_key, value) {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value
}
