/**
 * The embedding API. `createController(settings, ports)` is the whole controller; the adapters are
 * the ports of a real gateway, `yardmaster/testing` has their twins in memory.
 */
export { createController } from './controller.js'
export type { Controller, StartReport } from './controller.js'
export { createGateway } from './cli/gateway.js'
export type { Gateway, GatewayStarted } from './cli/gateway.js'

export { loadSettings, parseSettings } from './config/load.js'
export { defaultSettings } from './config/settings-of.js'
export type { ConfigProblem } from './config/problem.js'
export type { Settings } from './config/settings.js'

export type * from './ports.js'
export type { PhaseA } from './core/phases.js'
export type { LimitSource, Reason } from './core/reason.js'
export type { Charger, Constraint, Depot, Evse, IdTag } from './core/site/depot.js'
export type {
  ChargerView,
  ConstraintView,
  EvseView,
  MeterView,
  NodeView,
  SessionView,
  SiteView,
  View,
} from './core/site/view.js'

export { chargePointListener } from './adapters/charge-point-listener.js'
export { chargePointServer } from './adapters/charge-point-server.js'
export { diskStore } from './adapters/disk-store.js'
export { fileAuthority } from './adapters/file-authority.js'
export { httpServer } from './adapters/http-server.js'
export { jsonLog } from './adapters/json-log.js'
export { keySecrets } from './adapters/key-secrets.js'
export { modbusFieldDevices } from './adapters/modbus-field-devices.js'
export { modbusRelay } from './adapters/modbus-relay.js'
export { mqttUpstream } from './adapters/mqtt-upstream.js'
export { randomIds } from './adapters/random-ids.js'
export { systemClock } from './adapters/system-clock.js'
export { tokenSecrets } from './adapters/token-secrets.js'
