#!/usr/bin/env node
import { processIo } from './cli/io.js'
import { runProgram } from './cli/program.js'

// A reader that has seen enough (`| head`) ends nothing here: a gateway lives on without one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

process.exitCode = await runProgram(process.argv.slice(2), processIo)
