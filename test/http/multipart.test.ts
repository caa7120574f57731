import * as fc from 'fast-check'
import { test } from 'tap'
import { boundaryOf, firstFile } from '../../src/http/multipart.js'

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text
}

const form = (content: string): string =>
  `--b\r\ncontent-disposition: form-data; name="f"; filename="x.log"\r\n\r\n${content}\r\n--b--\r\n`

test('the first file of a form is the same however it is cut', async () => {
  const content = fc.string({ maxLength: 200 }).filter((text) => !text.includes('\r\n--b'))
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 1, max: 50 }), async (text, size) => {
      const file = await firstFile(inPieces(form(text), size), 'b')
      return file?.name === 'x.log' && (await textOf(file.body)) === text
    }),
    { numRuns: 200 },
  )
})

test('a form without a part, or that breaks off, is no file', async (t) => {
  t.equal(await firstFile(inPieces('nothing', 3), 'b'), undefined)
  t.equal(await firstFile(inPieces(`--b\r\n${'x'.repeat(20_000)}`, 1000), 'b'), undefined)
  const cut = await firstFile(inPieces(form('abc').slice(0, -8), 5), 'b')
  await t.rejects(textOf(cut?.body ?? inPieces('', 1)), /before its boundary/)
})

test('the boundary is read from the content type', async (t) => {
  t.equal(boundaryOf('multipart/form-data; boundary=abc'), 'abc')
  t.equal(boundaryOf('Multipart/Form-Data; charset=x; boundary="a b"'), 'a b')
  t.equal(boundaryOf('application/octet-stream'), undefined)
  t.equal(boundaryOf(null), undefined)
})
