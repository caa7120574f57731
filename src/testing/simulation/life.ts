/**
 * One life of the controller's process, from power to loss of power. Everything it does goes through
 * ports that fall dead with it, so nothing of it acts afterwards, whatever it still has in hand.
 */
import { createController } from '../../controller.js'
import type { Controller } from '../../controller.js'
import type { Settings } from '../../config/settings.js'
import type {
  Cancel,
  ChargePointHandler,
  Clock,
  Connection,
  FieldEvent,
  JournalRecord,
  Log,
  Ports,
  Secrets,
  Store,
  UpstreamHandler,
  UpstreamMessage,
} from '../../ports.js'

/** Sees what passes the ports, as it passes. */
export interface LifeWatch {
  /** The controller says this to a charge point: it leaves now. */
  sent(identity: string, text: string): void
  opened(connection: Connection): void
  /** Something of the charge point reached the controller. */
  heard(connection: Connection): void
  closed(connection: Connection): void
  read(event: FieldEvent): void
  /** The controller hands this to the broker. */
  publishing(message: UpstreamMessage): void
  /** These records are being written. */
  writing(records: readonly JournalRecord[]): void
  /** They are on disk, or refused. */
  written(): void
}

export interface Life {
  readonly controller: Controller
  start(): Promise<void>
  isStarted(): boolean
  isAlive(): boolean
  /** Power is lost: nothing is told, nothing is finished. */
  end(): void
}

export type CreateController = (settings: Settings, ports: Ports) => Controller

const SECRETS: Secrets = {
  newToken: () => ({ token: 'simulated-token', hash: 'hash of simulated-token' }),
  verify: (token, hash) => hash === `hash of ${token}`,
}

export function beginLife(
  settings: Settings,
  ports: Ports & { readonly chargePoints: NonNullable<Ports['chargePoints']> },
  watch: LifeWatch,
  create: CreateController = createController,
): Life {
  const cancels = new Set<Cancel>()
  let alive = true
  let isStarted = false
  const isAlive = (): boolean => alive
  const { upstream, fieldDevices, log } = ports

  const controller = create(settings, {
    clock: mortalClock(ports.clock, cancels, isAlive),
    ids: ports.ids,
    store: watchedStore(ports.store, watch, isAlive),
    secrets: SECRETS,
    chargePoints: {
      async listen(handler) {
        if (!alive) return never()
        await ports.chargePoints.listen(mortalHandler(handler, watch, isAlive))
      },
      close: () => (alive ? ports.chargePoints.close() : Promise.resolve()),
    },
    ...(log && { log: mortalLog(log, isAlive) }),
    ...(fieldDevices && {
      fieldDevices: {
        start(sink) {
          if (!alive) return
          fieldDevices.start((event) => {
            if (!alive) return
            watch.read(event)
            sink(event)
          })
        },
        stop: () => (alive ? fieldDevices.stop() : Promise.resolve()),
      },
    }),
    ...(upstream && {
      upstream: {
        start(session, handler) {
          if (alive) upstream.start(session, mortalUpstream(handler, isAlive))
        },
        publish(message) {
          if (!alive) return never()
          watch.publishing(message)
          return upstream.publish(message)
        },
        stop: (last) => (alive ? upstream.stop(last) : Promise.resolve()),
      },
    }),
  })

  return {
    controller,
    async start() {
      await controller.start()
      isStarted = true
    },
    isStarted: () => isStarted,
    isAlive,
    end() {
      alive = false
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}

function mortalClock(clock: Clock, cancels: Set<Cancel>, isAlive: () => boolean): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    epoch: clock.epoch,
    every(periodMs, run) {
      if (!isAlive()) return () => {}
      const cancelTimer = clock.every(periodMs, run)
      const cancel = (): void => {
        cancels.delete(cancel)
        cancelTimer()
      }
      cancels.add(cancel)
      return cancel
    },
    soon(run) {
      clock.soon(() => {
        if (isAlive()) run()
      })
    },
  }
}

function mortalHandler(
  handler: ChargePointHandler,
  watch: LifeWatch,
  isAlive: () => boolean,
): ChargePointHandler {
  return {
    admit: (request) => handler.admit(request),
    opened(connection) {
      watch.opened(connection)
      const session = handler.opened(watchedConnection(connection, watch, isAlive))
      return {
        received(text) {
          if (!isAlive()) return
          watch.heard(connection)
          session.received(text)
        },
        pong() {
          if (isAlive()) session.pong()
        },
        pinged() {
          if (isAlive()) session.pinged()
        },
        closed(code, reason) {
          if (!isAlive()) return
          watch.closed(connection)
          session.closed(code, reason)
        },
      }
    },
  }
}

function watchedConnection(
  connection: Connection,
  watch: LifeWatch,
  isAlive: () => boolean,
): Connection {
  return {
    identity: connection.identity,
    remoteAddress: connection.remoteAddress,
    send(text) {
      if (!isAlive()) return
      watch.sent(connection.identity, text)
      connection.send(text)
    },
    ping() {
      if (isAlive()) connection.ping()
    },
    pause() {
      if (isAlive()) connection.pause()
    },
    resume() {
      if (isAlive()) connection.resume()
    },
    bufferedBytes: () => connection.bufferedBytes(),
    close(code, reason) {
      if (isAlive()) connection.close(code, reason)
    },
    terminate() {
      if (isAlive()) connection.terminate()
    },
  }
}

/** A crash may come from inside the watch: the records are on their way to the disk by then. */
function watchedStore(store: Store, watch: LifeWatch, isAlive: () => boolean): Store {
  return {
    load: () => store.load(),
    saveDepot: (depot) => (isAlive() ? store.saveDepot(depot) : never()),
    append(records) {
      if (!isAlive()) return never()
      const written = store.append(records)
      const settled = (): void => {
        if (isAlive()) watch.written()
      }
      written.then(settled, settled)
      watch.writing(records)
      return written
    },
    fold: (history) => (isAlive() ? store.fold(history) : never()),
    close: () => (isAlive() ? store.close() : Promise.resolve()),
  }
}

function mortalUpstream(handler: UpstreamHandler, isAlive: () => boolean): UpstreamHandler {
  return {
    connected() {
      if (isAlive()) handler.connected()
    },
    disconnected(reason) {
      if (isAlive()) handler.disconnected(reason)
    },
    received(request) {
      if (isAlive()) handler.received(request)
    },
  }
}

function mortalLog(log: Log, isAlive: () => boolean): Log {
  return {
    debug() {},
    info(event, fields) {
      if (isAlive()) log.info(event, fields)
    },
    warn(event, fields) {
      if (isAlive()) log.warn(event, fields)
    },
    error(event, fields) {
      if (isAlive()) log.error(event, fields)
    },
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
