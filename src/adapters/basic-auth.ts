import type { BasicCredentials } from '../ports.js'

/** RFC 7617 sets no bound; identity and key stay far below this. */
const MAX_LENGTH = 1024

/**
 * User and password of an `Authorization: Basic` header; undefined: it is none. The user ends at the
 * first colon; the password is bytes, in which more colons and invalid UTF-8 may be.
 */
export function basicCredentials(header: string | undefined): BasicCredentials | undefined {
  if (header === undefined || header.length > MAX_LENGTH) return undefined
  const encoded = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  const colon = bytes.indexOf(0x3a)
  if (colon < 0) return undefined
  try {
    const user = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, colon))
    return { user, password: bytes.subarray(colon + 1) }
  } catch {
    return undefined
  }
}
