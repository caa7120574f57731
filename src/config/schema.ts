/**
 * The configuration file. The structure is that of `settings.ts`, in snake_case, with the unit in
 * the key. What a file leaves out has the default written here.
 */
import { z } from 'zod'
import { objectId, objectName, timezone } from './depot-fields.js'
import { chargerSchema, constraintSchema, idTagSchema } from './depot-schema.js'
import { limitSourceSchema, meterSchema, relaySchema } from './fieldbus-schema.js'
import { authoritySchema, listenersSchema } from './listener-schema.js'
import { vehicleSchema } from './vehicle-schema.js'
import { holidaysSchema } from './holidays-schema.js'

const port = z.int().min(1).max(65_535)
const host = z.string().min(1).max(253)

const siteSchema = z
  .strictObject({
    id: objectId.default('depot').describe('Names the site in MQTT topics'),
    name: objectName.default('Depot'),
    timezone: timezone.default('UTC').describe('Zone of the schedules'),
    nominal_voltage_v: z.number().min(100).max(300).default(230).describe('Phase to neutral, V'),
    fuse_a: z.number().min(1).max(10_000).optional().describe('Main fuse, A per phase'),
    contract_kw: z.number().min(0.1).max(20_000).optional().describe('Contracted power, kW'),
  })
  .prefault({})

const httpSchema = z
  .strictObject({
    host: host.default('0.0.0.0').describe('Address REST and OCPP listen on'),
    port: port.default(8000),
    public_url: z
      .string()
      .max(200)
      .regex(/^https?:\/\/[\w.:[\]-]+\/?$/, {
        error:
          'must be http://HOST:PORT or https://HOST:PORT as charge points reach it, without a path',
      })
      .optional()
      .describe(
        'Told to charge points that send logs or fetch firmware; default: where each has dialled',
      ),
    loopback_trust: z.boolean().default(true).describe('false: even localhost needs the token'),
  })
  .prefault({})

const ocppSchema = z
  .strictObject({
    unknown_charge_point: z
      .literal(['close', '404', 404, 'quarantine'])
      .default('close')
      .describe('What happens to a charge point id that nobody configured'),
    heartbeat_interval_s: z.int().min(10).max(86_400).default(300),
    meter_value_interval_s: z.int().min(1).max(900).default(10),
    profile_timeout_ms: z
      .int()
      .min(1000)
      .max(60_000)
      .default(15_000)
      .describe('Answer to SetChargingProfile'),
    call_timeout_ms: z
      .int()
      .min(1000)
      .max(300_000)
      .default(30_000)
      .describe('Answer to every other call'),
    profile_duration_s: z
      .int()
      .min(60)
      .max(3600)
      .default(150)
      .describe('An offer expires by itself after this; it is refreshed at a third'),
    listen: z
      .strictObject({ host: host.default('0.0.0.0'), port })
      .optional()
      .describe('A listener of its own for chargers; without it they use the one of http'),
    raw_calls: z
      .boolean()
      .default(false)
      .describe('true: whoever has the token may send chargers any call but charging profiles'),
    listeners: listenersSchema,
    authority: authoritySchema,
    ping_interval_ms: z.int().min(1000).max(300_000).default(20_000),
  })
  .prefault({})

const balancingSchema = z
  .strictObject({
    min_on_s: z
      .int()
      .min(0)
      .max(86_400)
      .default(900)
      .describe('Shortest time a car keeps its turn'),
    max_wait_s: z
      .int()
      .min(60)
      .max(86_400)
      .default(3600)
      .describe('Longest wait of a car before its turn comes, whatever its priority'),
    settle_s: z
      .int()
      .min(1)
      .max(300)
      .default(15)
      .describe('An acknowledged decrease frees room after this'),
  })
  .prefault({})

const authorisationSchema = z
  .strictObject({
    mode: z
      .enum(['local', 'backend'])
      .default('local')
      .describe('Who decides whether an id tag may charge: the depot, or the backend by MQTT'),
    timeout_ms: z
      .int()
      .min(200)
      .max(10_000)
      .default(2000)
      .describe('A charger is left waiting for the backend no longer than this'),
    cache_s: z
      .int()
      .min(0)
      .max(86_400)
      .default(600)
      .describe('Answers of the backend count for so long without asking again'),
    offline: z
      .enum(['accept-known', 'accept-all', 'refuse'])
      .default('accept-known')
      .describe('Who may charge while the backend does not answer'),
  })
  .prefault({})

const watchdogSchema = z
  .strictObject({
    after_s: z
      .int()
      .min(15)
      .max(300)
      .default(25)
      .describe('What is measured may be above a limit for so long before chargers are cut off'),
  })
  .prefault({})

const mqttSchema = z
  .strictObject({
    url: z.string().refine(isBrokerUrl, {
      error: 'must be mqtt://HOST[:PORT] or mqtts://HOST[:PORT]; user and password have own keys',
    }),
    username: z.string().min(1).max(1000).optional(),
    password: z.string().min(1).max(10_000).optional(),
    password_file: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        'File that holds the password. A name without a folder is looked for in ' +
          '$CREDENTIALS_DIRECTORY, then beside the configuration file',
      ),
    client_id: z.string().min(1).max(200).optional().describe('Default: yardmaster-<site id>'),
    root_topic: z
      .string()
      .max(200)
      .regex(/^[^/#+\0]+(\/[^/#+\0]+)*$/, {
        error: 'must be topic levels such as depot/v1, without # and + and a / at the ends',
      })
      .default('depot/v1'),
    commands: z
      .enum(['off', 'lower-only', 'all'])
      .default('lower-only')
      .describe('Which commands of the backend are obeyed'),
  })
  .optional()

const depotSchema = z
  .strictObject({
    constraints: z.array(constraintSchema).max(1000).default([]),
    chargers: z.array(chargerSchema).max(1000).default([]),
    id_tags: z.array(idTagSchema).max(100_000).default([]),
    vehicles: z.array(vehicleSchema).max(10_000).default([]),
  })
  .optional()
  .describe('Content for the first start; afterwards the store owns the depot')

export const configSchema = z.strictObject({
  site: siteSchema,
  http: httpSchema,
  ocpp: ocppSchema,
  authorisation: authorisationSchema,
  balancing: balancingSchema,
  watchdog: watchdogSchema,
  meters: z.array(meterSchema).max(50).default([]),
  limit_sources: z.array(limitSourceSchema).max(50).default([]),
  relays: z
    .array(relaySchema)
    .max(50)
    .default([])
    .describe('Contactors, the last means of the watchdog'),
  holidays: holidaysSchema,
  mqtt: mqttSchema,
  depot: depotSchema,
})

/** A file of the right shape, defaults applied. */
export type ConfigFile = z.output<typeof configSchema>

function isBrokerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  const isMqtt = protocol === 'mqtt:' || protocol === 'mqtts:'
  return isMqtt && hostname !== '' && username === '' && password === ''
}
