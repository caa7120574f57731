/** Starts the process of `load.js` and hands it one order at a time. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const LOAD = fileURLToPath(new URL('load.js', import.meta.url))

export function startLoad(resources) {
  const child = resources.own(fork(LOAD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }))
  return {
    /** Rejects when a charge point was refused, dropped or answered with an error. */
    order: (order) =>
      new Promise((resolve, reject) => {
        const ended = (code) => reject(new Error(`the load process ended with code ${code}`))
        child.once('exit', ended)
        child.once('message', ({ result, error }) => {
          child.off('exit', ended)
          if (error === undefined) resolve(result)
          else reject(new Error(error))
        })
        child.send(order)
      }),
    stop: () => resources.stop(child),
  }
}
