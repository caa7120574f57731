/** The two servers that are compared, each a process of its own on a free port of 127.0.0.1. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { depotConfig } from './depot-config.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const BARE = fileURLToPath(new URL('bare-server.js', import.meta.url))
const LISTENING = /^listening http:\/\/127\.0\.0\.1:(\d+)$/
const START_TIMEOUT_MS = 20_000

/** A controller that knows `chargers` charge points, CP_0001 and on; `folder` holds its state. */
export function controllerCommand(folder, chargers, port, depot = depotConfig(chargers)) {
  const config = path.join(folder, 'config.yaml')
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(depot))
  const dataDir = path.join(folder, 'data')
  return [MAIN, 'run', '--config', config, '--data-dir', dataDir, '--host', '127.0.0.1'].concat(
    '--port',
    String(port),
  )
}

export function bareCommand(port) {
  return [BARE, String(port)]
}

/** Spawns a server; `listening` resolves with its URL for charge points. */
export function startServer(resources, args) {
  const folder = resources.folder()
  const stderrFile = path.join(folder, 'stderr')
  const stderr = openSync(stderrFile, 'w')
  const child = resources.own(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', stderr] }))
  closeSync(stderr)
  return {
    pid: child.pid,
    stop: () => resources.stop(child),
    listening: () =>
      new Promise((resolve, reject) => {
        const fail = (why) =>
          reject(new Error(`node ${args.join(' ')} ${why}; its stderr ends:\n${tail(stderrFile)}`))
        const timer = setTimeout(
          () => fail(`did not listen within ${START_TIMEOUT_MS} ms`),
          START_TIMEOUT_MS,
        )
        child.once('exit', (code) => {
          clearTimeout(timer)
          fail(`ended with code ${code}`)
        })
        createInterface({ input: child.stdout }).on('line', (line) => {
          const port = LISTENING.exec(line)?.[1]
          if (port === undefined) return
          clearTimeout(timer)
          resolve(chargePointUrl(Number(port)))
        })
      }),
  }
}

/** `nodeOptions` go before the script; `depot` is its configuration. */
export async function startController(resources, chargers, nodeOptions = [], depot) {
  const command = controllerCommand(resources.folder(), chargers, 0, depot)
  const server = startServer(resources, [...nodeOptions, ...command])
  return { ...server, url: await server.listening() }
}

/** It answers any number of charge points. */
export async function startBare(resources, _chargers, nodeOptions = []) {
  const server = startServer(resources, [...nodeOptions, ...bareCommand(0)])
  return { ...server, url: await server.listening() }
}

export function chargePointUrl(port) {
  return `ws://127.0.0.1:${port}/ocpp/`
}

/** A port that was free a moment ago, for those who must know it before the server starts. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function tail(file) {
  return readFileSync(file, 'utf8').slice(-1500)
}
