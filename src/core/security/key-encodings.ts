/**
 * The forms in which a key is on the wire. The whitepaper (A00.FR.205) sends it as 40 hex characters
 * in ChangeConfiguration and wants the bytes as the password; charge points send the bytes, the hex
 * text, or the bytes as if they were characters.
 */

export const KEY_BYTES_MIN = 16
export const KEY_BYTES_MAX = 20

/** What the password may stand for, most likely first; empty: it can be no key. */
export function keysMeantBy(password: Uint8Array): readonly Uint8Array[] {
  const meant: Uint8Array[] = []
  if (isKeyLength(password.length)) meant.push(password)
  const text = utf8(password)
  if (text === undefined) return meant
  const fromHex = keyFromHex(text)
  if (fromHex) meant.push(fromHex)
  const fromCharacters = latin1(text)
  if (fromCharacters && fromCharacters.length < password.length) {
    if (isKeyLength(fromCharacters.length)) meant.push(fromCharacters)
  }
  return meant
}

/** The key that these hex digits are; undefined: they are none. */
export function keyFromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9A-Fa-f]{2})+$/.test(text) || !isKeyLength(text.length / 2)) return undefined
  const pairs = text.match(/../g) ?? []
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))
}

export function keyToHex(key: Uint8Array): string {
  return Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What people can type: a key that is text was most likely thought up by somebody. */
export function isText(key: Uint8Array): boolean {
  return key.every((byte) => byte >= 0x20 && byte < 0x7f)
}

function isKeyLength(length: number): boolean {
  return length >= KEY_BYTES_MIN && length <= KEY_BYTES_MAX
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function latin1(text: string): Uint8Array | undefined {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  return codes.every((code) => code < 256) ? Uint8Array.from(codes) : undefined
}
