/** A small part of what `npm run fuzz` does, always the same: nothing breaks, grows or is disturbed. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'tap'

const RUN = fileURLToPath(new URL('fuzz/run.js', import.meta.url))

test('20,000 wrong frames, handshakes, requests, commands, files and readings break nothing', async (t) => {
  const options = ['--cases', '20000', '--seed', '2026']
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, ...options])
  for (const part of ['frames', 'upgrades', 'rest', 'commands', 'files', 'modbus']) {
    t.match(stdout, new RegExp(`${part} +\\d+ cases`))
  }
})
