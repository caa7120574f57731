/**
 * The beginning of a text. What `slice` returns keeps the whole text in memory for as long as it
 * lives, and a peer's text may have a quarter of a million characters.
 */
export function cutText(text: string, length: number): string {
  return text.length <= length ? text : Array.from(text.slice(0, length)).join('')
}
