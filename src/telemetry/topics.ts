import type { UplinkEvent } from '../core/site/uplink.js'

/** Where this site speaks and listens. At most 7 slashes below a root of two levels (AWS IoT Core). */
export interface Topics {
  /** Everything of this site is below it. */
  readonly base: string
  /** Everything of all sites is below it. */
  readonly root: string
  readonly status: string
  readonly info: string
  readonly site: string
  readonly commandFilter: string
  group(constraintId: string): string
  charger(chargePointId: string): string
  event(type: UplinkEvent['type']): string
  /** Asks the backend who may charge. */
  readonly authorize: string
  ack(commandName: string): string
  /** The name of the command this topic carries; undefined: it is not a command topic. */
  commandName(topic: string): string | undefined
}

/** `root` as configured, for example `depot/v1`; slashes at its ends do not count. */
export function siteTopics(root: string, siteId: string): Topics {
  const trimmed = root.replace(/^\/+|\/+$/g, '')
  const base = trimmed === '' ? topicLevel(siteId) : `${trimmed}/${topicLevel(siteId)}`
  const commands = `${base}/cmd/`
  return {
    base,
    root: trimmed === '' ? base : trimmed,
    status: `${base}/status`,
    info: `${base}/info`,
    site: `${base}/state/site`,
    commandFilter: `${commands}+`,
    group: (constraintId) => `${base}/state/group/${topicLevel(constraintId)}`,
    charger: (chargePointId) => `${base}/state/charger/${topicLevel(chargePointId)}`,
    authorize: `${base}/request/authorize`,
    event: (type) => `${base}/event/${type}`,
    ack: (commandName) => `${base}/ack/${topicLevel(commandName)}`,
    commandName: (topic) => {
      if (!topic.startsWith(commands)) return undefined
      const name = topic.slice(commands.length)
      return name === '' || name.includes('/') ? undefined : name
    },
  }
}

/**
 * An id as one topic level: `/ + # %`, control and non-ASCII characters are percent-encoded as UTF-8,
 * the rest stays readable. Different ids never meet.
 */
export function topicLevel(id: string): string {
  // As a rule an id is one already: asked for each topic each second.
  if (PLAIN_ID.test(id)) return id
  let level = ''
  for (const character of id) {
    level +=
      /^[ -~]$/.test(character) && !'/+#%'.includes(character) ? character : escape(character)
  }
  return level
}

const PLAIN_ID = /^[\w .:-]*$/

function escape(character: string): string {
  const unit = character.charCodeAt(0)
  // A lone surrogate has no UTF-8 form; %u cannot come from the other branch.
  if (character.length === 1 && unit >= 0xd800 && unit <= 0xdfff)
    return `%u${unit.toString(16).toUpperCase()}`
  const bytes = new TextEncoder().encode(character)
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
    '',
  )
}
