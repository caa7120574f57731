/** The class of machine: what it takes to compare two runs. */
import os from 'node:os'

export function machine() {
  const cpus = os.cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    architecture: os.machine(),
  }
}
