#!/usr/bin/env node
import { processIo } from './cli/io.js'
import { runProgram } from './cli/program.js'

process.exitCode = await runProgram(process.argv.slice(2), processIo)
