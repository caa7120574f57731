/** What must not stay in a log of frames: keys, private certificates, passwords in addresses. */

const SUSPECT = /authorizationkey|private key|:\/\/[^/@"\s]*@/i
const REMOVED = '***'

/** The same frame without its secrets; one that holds none is returned as it is. */
export function withoutSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text
  try {
    return JSON.stringify(cleaned(JSON.parse(text)))
  } catch {
    return `[${text.length} characters removed: they hold a secret and are no JSON]`
  }
}

/** Id tags by others that mean the same throughout: `hide` keeps which is which. */
export function tagHider(): (text: string) => string {
  const names = new Map<string, string>()
  const nameOf = (tag: string): string => {
    const name = names.get(tag) ?? `tag-${names.size + 1}`
    names.set(tag, name)
    return name
  }
  return (text) => {
    if (!/idtag/i.test(text)) return text
    try {
      return JSON.stringify(hidden(JSON.parse(text), nameOf))
    } catch {
      return `[${text.length} characters removed: they name an id tag and are no JSON]`
    }
  }
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return cleanedText(value)
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value)
  const holdsKey = fields.some(
    ([name, of]) => /^key$/i.test(name) && typeof of === 'string' && /^authorizationkey$/i.test(of),
  )
  return Object.fromEntries(
    fields.map(([name, of]: [string, unknown]) => {
      const isSecret =
        /^authorizationkey$/i.test(name) || (holdsKey && !/^(key|readonly)$/i.test(name))
      return [name, isSecret ? REMOVED : cleaned(of)]
    }),
  )
}

function cleanedText(text: string): string {
  if (/^authorizationkey$/i.test(text)) return text
  if (/authorizationkey|private key/i.test(text)) return REMOVED
  return text.replace(/:\/\/[^/@"\s]*@/g, `://${REMOVED}@`)
}

function hidden(value: unknown, nameOf: (tag: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => hidden(each, nameOf))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, of]: [string, unknown]) => {
      const isTag = /^(parent)?idtag$/i.test(name) && typeof of === 'string'
      return [name, isTag ? nameOf(of) : hidden(of, nameOf)]
    }),
  )
}
