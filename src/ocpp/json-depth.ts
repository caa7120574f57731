const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * True when arrays and objects nest deeper than `depth` in this JSON text. Looks at each character
 * once and builds nothing; text that is not JSON gives some answer without throwing.
 */
export function nestsDeeperThan(text: string, depth: number): boolean {
  // Each level takes two characters, so a short frame needs no look.
  if (text.length <= 2 * depth) return false
  // Few frames open so many at all, and counting is ten times faster than following.
  if (!opensMoreThan(depth, text)) return false
  let level = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      if (at === -1) return false
    } else if (code === 0x5b || code === 0x7b) {
      level += 1
      if (level > depth) return true
    } else if (code === 0x5d || code === 0x7d) {
      level -= 1
    }
  }
  return false
}

/** Counts those in strings too. */
function opensMoreThan(count: number, text: string): boolean {
  let opened = 0
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      opened += 1
      if (opened > count) return true
    }
  }
  return false
}

/** The index of the quote that closes the string opened at `start`, or -1. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === BACKSLASH) before -= 1
  return (at - before) % 2 === 0
}
