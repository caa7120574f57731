/** RFC 6455 §5.2: the longest payload whose length takes two bytes. */
const LENGTH_MAX = 65_535
const FINAL_TEXT = '\x81'
const LENGTH_FOLLOWS = '\x7e'

/**
 * A whole unmasked text frame in latin1, to be written in one piece: the socket takes that straight
 * from the stack, while header and payload apart cost more than all else that is done for an answer.
 * Undefined where the text is not ASCII or long.
 */
export function asciiFrame(text: string): string | undefined {
  const { length } = text
  if (length > LENGTH_MAX || Buffer.byteLength(text) !== length) return undefined
  if (length < 126) return FINAL_TEXT + String.fromCharCode(length) + text
  return FINAL_TEXT + LENGTH_FOLLOWS + String.fromCharCode(length >> 8, length & 255) + text
}
