/** The settings of a random depot: its meter, its source of the limit, its broker, its waits. */
import { defaultSettings } from '../../config/settings-of.js'
import type { MeterSettings, Settings } from '../../config/settings.js'
import type { Depot } from '../../core/site/depot.js'
import type { Random } from '../random.js'

export function randomSettings(
  random: Random,
  site: {
    readonly timezone: string
    readonly depot: Depot
    readonly worstA: number
    readonly fallbackA: number | undefined
    readonly hasBroker: boolean
  },
): Settings {
  const defaults = defaultSettings({ host: '127.0.0.1' })
  const { worstA, fallbackA } = site
  const modbusTcp = { host: '127.0.0.1', port: 502, unitId: 1, intervalMs: 1000, timeoutMs: 1000 }
  const register = (address: number): MeterSettings['registers']['currentA'][0] => ({
    address,
    functionCode: 4,
    type: 'float64',
    wordOrder: 'big',
    scale: 1,
  })
  return {
    ...defaults,
    site: { ...defaults.site, timezone: site.timezone },
    ocpp: { ...defaults.ocpp, profileDurationS: random.pick([90, 150, 150, 240]) },
    balance: {
      ...defaults.balance,
      minOnS: random.pick([60, 120, 300]),
      maxWaitS: random.pick([180, 300, 600]),
    },
    meters:
      worstA === 0
        ? []
        : [
            {
              id: 'meter',
              constraintId: 'yard',
              modbusTcp,
              registers: {
                currentA: [register(0), register(4), register(8)],
                powerW: undefined,
                energyWh: undefined,
              },
              worstBaseLoadA: [worstA, worstA, worstA],
            },
          ],
    limitSources:
      fallbackA === undefined
        ? []
        : [
            {
              id: 'grid',
              constraintId: random.chance(0.5) ? 'yard' : undefined,
              modbusTcp,
              register: register(0),
              unit: 'A',
              fallback: fallbackA,
              holdS: random.pick([10, 60]),
            },
          ],
    mqtt: site.hasBroker
      ? {
          url: 'mqtt://127.0.0.1',
          username: undefined,
          password: undefined,
          clientId: 'simulated',
          rootTopic: 'depot/v1',
          commands: 'lower-only',
        }
      : undefined,
    depot: site.depot,
  }
}
