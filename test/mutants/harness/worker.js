// One process for one mutant: runs seeds on request, with the mutated controller or with the original,
// always in the world and before the judge of the original. Arguments: the folders of both.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [originalTree = '', mutantTree = ''] = process.argv.slice(2)
const { runScenario } = await load(originalTree, 'testing/simulation/run.js')
const { randomScenario } = await load(originalTree, 'testing/simulation/random-scenario.js')
const { createController } = await load(mutantTree, 'controller.js')

process.on('message', ({ seed, isMutant }) => {
  run(String(seed), isMutant).then(
    (result) => process.send?.(result),
    (error) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
// After a loss of power the store refuses what a mutant may have forgotten to listen to.
process.on('unhandledRejection', () => undefined)
process.on('disconnect', () => process.exit(0))
process.send?.('ready')

async function run(seed, isMutant) {
  const result = await runScenario(randomScenario(seed), {
    stopsAtViolation: true,
    ...(isMutant && { create: createController }),
  })
  const { violations, chargerHours, traceHash } = result
  return { violation: violations[0], chargerHours, traceHash }
}

function load(tree, name) {
  return import(pathToFileURL(join(tree, name)).href)
}
