/** The controller with the adapters of a real gateway around it. `run` and `demo` are made of it. */
import { join } from 'node:path'
import { chargePointListener } from '../adapters/charge-point-listener.js'
import { chargePointServer } from '../adapters/charge-point-server.js'
import { cronHousekeeping } from '../adapters/cron-housekeeping.js'
import { diskStore } from '../adapters/disk-store.js'
import { fileAuthority } from '../adapters/file-authority.js'
import { fileShelf } from '../adapters/file-shelf.js'
import { httpServer } from '../adapters/http-server.js'
import { modbusFieldDevices } from '../adapters/modbus-field-devices.js'
import { modbusRelay } from '../adapters/modbus-relay.js'
import { keySecrets } from '../adapters/key-secrets.js'
import { mqttUpstream } from '../adapters/mqtt-upstream.js'
import { pageFiles } from '../adapters/page-folder.js'
import { randomIds } from '../adapters/random-ids.js'
import { systemClock } from '../adapters/system-clock.js'
import { tokenSecrets } from '../adapters/token-secrets.js'
import type { Settings } from '../config/settings.js'
import { createController } from '../controller.js'
import type { Controller, StartReport } from '../controller.js'
import { staticPage } from '../http/static-page.js'
import type { StaticPage } from '../http/static-page.js'
import type { Log } from '../ports.js'

export interface Gateway {
  readonly controller: Controller
  /** Rejects with what is wrong and what to do; nothing is left listening then. */
  start(): Promise<GatewayStarted>
  /** Idempotent, bounded. */
  stop(): Promise<void>
}

export interface GatewayStarted {
  readonly host: string
  readonly port: number
  readonly report: StartReport
}

/** Limits change at full minutes: the cycle is woken there, not up to a second later. */
const EDGES = '* * * * *'
const FOLD = '17 * * * *'

export function createGateway(settings: Settings, dataDir: string, log: Log): Gateway {
  const clock = systemClock()
  let isUp = false
  let page: StaticPage = () => undefined
  const { listen, authority } = settings.ocpp
  const http = httpServer({
    host: settings.http.host,
    port: settings.http.port,
    handle: async (request, peer) =>
      page(request, peer) ?? (isUp ? await controller.handle(request, peer) : notYet()),
    isStreamed,
    log,
  })
  const listeners = settings.ocpp.listeners?.map((listener) =>
    chargePointListener({ ...listener, clock, log }),
  )
  const ocpp =
    listen &&
    httpServer({
      ...listen,
      handle: async (request) =>
        (isUp ? await controller.transfer(request) : undefined) ?? onlyOcpp(),
      isStreamed,
      log,
    })
  const hasField = settings.meters.length + settings.limitSources.length > 0
  const controller = createController(settings, {
    clock,
    ids: randomIds(),
    secrets: tokenSecrets(),
    store: diskStore(dataDir, { log }),
    keys: keySecrets(),
    chargePoints: chargePointServer({
      ...(listeners ? { listeners } : { server: ocpp ?? http }),
      log,
    }),
    ...(authority && { certificateAuthority: fileAuthority({ ...authority, clock }) }),
    files: fileShelf({ folder: join(dataDir, 'files'), log }),
    log,
    ...(hasField && {
      fieldDevices: modbusFieldDevices({
        meters: settings.meters,
        limitSources: settings.limitSources,
        clock,
        log,
      }),
    }),
    ...(settings.relays?.length && { relay: modbusRelay(settings.relays) }),
    ...(settings.mqtt && { upstream: mqttUpstream(settings.mqtt, { clock, log }) }),
  })
  const housekeeping = cronHousekeeping({
    tasks: [
      {
        name: 'schedule edges',
        expression: EDGES,
        timezone: settings.site.timezone,
        run: () => controller.wake(),
      },
      {
        name: 'fold journal',
        expression: FOLD,
        timezone: settings.site.timezone,
        run: () => controller.housekeep(),
      },
    ],
    clock,
    log,
  })

  const stop = async (): Promise<void> => {
    housekeeping.stop()
    await controller.stop()
    await http.close()
    await ocpp?.close()
    await Promise.all(listeners?.map((listener) => listener.close()) ?? [])
  }

  return {
    controller,
    stop,
    async start() {
      try {
        page = staticPage(await pageFiles(), () => clock.monotonic())
        // First the ports: what fails there must not have made a token that nobody sees.
        const { host, port } = await http.start()
        await ocpp?.start()
        for (const listener of listeners ?? []) {
          const { host: at, port: on } = await listener.start()
          log.info('chargePointListener', { ...listener.state(), host: at, port: on })
        }
        const report = await controller.start()
        isUp = true
        housekeeping.start()
        return { host, port, report }
      } catch (error) {
        await stop()
        throw error
      }
    },
  }
}

/** Files: their bodies are larger than any other and go to the disk as they come. */
function isStreamed(_method: string, path: string): boolean {
  return path.startsWith('/files/in/') || path.startsWith('/api/v1/firmware/')
}

function notYet(): Response {
  return new Response('starting\n', { status: 503, headers: { 'retry-after': '1' } })
}

function onlyOcpp(): Response {
  return new Response('This port speaks OCPP 1.6-J over WebSocket only.\n', { status: 404 })
}
