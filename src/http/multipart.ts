/** The first file of a multipart form, as it streams in: some charge points send logs this way. */

export interface FormFile {
  readonly name: string | undefined
  readonly body: AsyncIterable<Uint8Array>
}

const HEAD_MAX = 8_192
const CRLF = [13, 10] as const

/** The boundary of a content type; undefined: it is no form. */
export function boundaryOf(contentType: string | null): string | undefined {
  const found = /^multipart\/[\w-]+\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(
    contentType ?? '',
  )
  return found?.[1] ?? found?.[2]
}

/** Undefined: there is no part in it. Rejects, or its body does, when the form breaks off. */
export async function firstFile(
  form: AsyncIterable<Uint8Array>,
  boundary: string,
): Promise<FormFile | undefined> {
  const chunks = form[Symbol.asyncIterator]()
  const end = bytesOf(`\r\n--${boundary}`)
  // As if a line had ended before the first one.
  let held: Uint8Array = new Uint8Array(CRLF)

  const more = async (): Promise<boolean> => {
    const next = await chunks.next()
    if (next.done === true) return false
    held = joined(held, next.value)
    return true
  }

  const headEnd = bytesOf('\r\n\r\n')
  for (;;) {
    const start = indexOf(held, end)
    const headAt = start < 0 ? -1 : indexOf(held, headEnd, start + end.length)
    if (headAt >= 0) {
      const head = new TextDecoder().decode(held.subarray(start + end.length, headAt))
      held = held.subarray(headAt + headEnd.length)
      const name = /filename="?([^";\r\n]{1,255})/i.exec(head)?.[1]
      return { name, body: untilBoundary() }
    }
    if (held.length > HEAD_MAX || !(await more())) return undefined
  }

  async function* untilBoundary(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = indexOf(held, end)
      if (at >= 0) {
        if (at > 0) yield held.subarray(0, at)
        return
      }
      // The boundary may begin in what is here and end in what comes.
      const safe = held.length - end.length
      if (safe > 0) {
        yield held.subarray(0, safe)
        held = held.subarray(safe)
      }
      if (!(await more())) throw new Error('the form ends before its boundary')
    }
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
  const [first = 0] = wanted
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + wanted.length > bytes.length) return -1
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at
  }
  return -1
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
