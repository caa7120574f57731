import type { FileOutcome, StoredFile } from '../ports.js'

/** Files of charge points, as the requests about them need them. Rejects when the disk refuses. */
export interface FileBackend {
  list(): readonly StoredFile[]
  /** From this byte on. */
  read(id: string, from: number): Promise<ReadableStream<Uint8Array> | undefined>
  remove(id: string): Promise<boolean>
  /** Firmware for charge points; `none`: this gateway keeps no files. */
  store(name: string, body: AsyncIterable<Uint8Array>): Promise<FileOutcome | 'none'>
  /** What a charge point sends; `unknown`: nobody was asked to send anything there, or not any more. */
  receive(
    secret: string,
    name: string | undefined,
    body: AsyncIterable<Uint8Array>,
  ): Promise<FileOutcome | 'unknown' | 'busy'>
}
