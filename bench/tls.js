/**
 * What TLS and keys cost: charge points that come back at once over wss with Basic authentication,
 * beside the same over plain ws in the same run, and the memory of many that stay.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { authorityOf, newAuthority } from '../dist/adapters/x509.js'
import { depotConfig } from './depot-config.js'
import { startLoad } from './load-process.js'
import { cpuS, residentMiB } from './process-figures.js'
import { controllerCommand, freePort, startController, startServer } from './servers.js'

const AT_ONCE = 200
const IDLE = 500
const PAUSE_MS = 1500
const SETTLE_MS = 4000
const GOALS = { ms: 5000, idleMiB: 160 }
/** What REST takes of one address in a second, with some room. */
const REST_PER_S = 40
const VALID = { fromMs: Date.now(), days: 2 }

export async function tls(resources) {
  const site = await certificates(resources)
  const plain = await storm(resources, AT_ONCE)
  const secure = await storm(resources, AT_ONCE, site)
  const idleMiB = await idle(resources, site)
  return {
    chargePoints: AT_ONCE,
    plain,
    secure,
    ratio: secure.againMs / plain.againMs,
    idle: { chargePoints: IDLE, residentMiB: idleMiB },
    goals: GOALS,
  }
}

async function storm(resources, chargers, site) {
  const { server, proof } = await started(resources, chargers, site)
  const load = startLoad(resources)
  const beforeS = cpuS(server.pid)
  const { firstMs, againMs } = await load.order({
    type: 'storm',
    url: proof?.url ?? server.url,
    chargePoints: chargers,
    pauseMs: PAUSE_MS,
    proof,
  })
  const serverCpuS = cpuS(server.pid) - beforeS
  await load.stop()
  await server.stop()
  return { firstMs, againMs, serverCpuS }
}

async function idle(resources, site) {
  const { server, proof } = await started(resources, IDLE, site)
  const load = startLoad(resources)
  await load.order({ type: 'hold', url: proof.url, chargePoints: IDLE, proof })
  await delay(SETTLE_MS)
  const resident = residentMiB(server.pid)
  await load.stop()
  await server.stop()
  return resident
}

/** With `site` a controller with a listener of profile 2, and a key for each charger. */
async function started(resources, chargers, site) {
  const depot = depotConfig(chargers)
  if (!site) return { server: await startController(resources, chargers, [], depot) }
  const port = await freePort()
  const files = { certificate_file: site.certificates, key_file: site.keys }
  const listeners = [{ host: '127.0.0.1', port, security_profile: 2, tls: files }]
  const command = controllerCommand(resources.folder(), chargers, 0, {
    ...depot,
    ocpp: { listeners },
  })
  // Keys are made once in the life of a depot: what is measured is the process that comes after.
  const first = startServer(resources, command)
  const url = await first.listening()
  const keys = await keysOf(new URL(url.replace('ws:', 'http:')).origin, chargers)
  await first.stop()
  const server = startServer(resources, command)
  await server.listening()
  return { server, proof: { url: `wss://127.0.0.1:${port}/ocpp/`, ca: site.ca, keys } }
}

async function keysOf(origin, chargers) {
  const keys = []
  for (let index = 0; index < chargers; index++) {
    await delay(1000 / REST_PER_S)
    const url = `${origin}/api/v1/chargers/charger-${index}/authorization-key`
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: '{"via":"hand"}' })
    if (response.status !== 201) throw new Error(`no key: ${await response.text()}`)
    const { authorization_key_text: key } = await response.json()
    keys.push(key)
  }
  return keys
}

async function certificates(resources) {
  const folder = path.join(resources.folder(), 'pki')
  mkdirSync(folder)
  const authority = await authorityOf(await newAuthority('Bench', VALID))
  const files = { ca: authority.certificate, certificates: [], keys: [] }
  for (const kind of ['rsa', 'ec']) {
    const { certificate, key } = await authority.server(['127.0.0.1'], kind, VALID)
    files.certificates.push(path.join(folder, `${kind}.pem`))
    files.keys.push(path.join(folder, `${kind}.key`))
    writeFileSync(path.join(folder, `${kind}.pem`), certificate)
    writeFileSync(path.join(folder, `${kind}.key`), key)
  }
  return files
}
