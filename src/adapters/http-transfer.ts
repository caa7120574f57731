/** Files that a simulated charge point sends and fetches by HTTP. */

const TIMEOUT_MS = 30_000
const MAX_DOWNLOAD_BYTES = 100 * 1024 * 1024

export interface HttpTransfer {
  /** PUT to the URL, or below it where it ends with a slash. True: the server took it. */
  upload(url: string, name: string, content: string): Promise<boolean>
  /** True: it came whole, and was not beyond all measure. */
  download(url: string): Promise<boolean>
}

export const httpTransfer: HttpTransfer = {
  async upload(url, name, content) {
    const to = url.endsWith('/') ? `${url}${name}` : url
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const headers = { 'content-type': 'text/plain' }
    const response = await fetch(to, { method: 'PUT', body: content, headers, signal })
    await response.body?.cancel()
    return response.ok
  },
  async download(url) {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) {
      await response.body?.cancel()
      return false
    }
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length
      if (bytes > MAX_DOWNLOAD_BYTES) return false
    }
    return true
  },
}
