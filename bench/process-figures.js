/** CPU time and memory of another process, as Linux accounts them. */
import { readFileSync } from 'node:fs'

/** USER_HZ: the unit of /proc/PID/stat on every Linux that Node runs on. */
const TICKS_PER_S = 100

/** User and system time of all its threads since it started, s. */
export function cpuS(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold blanks; the fields after it start with the state (field 3).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S
}

/** Resident memory, MiB. */
export function residentMiB(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kiB === undefined) throw new Error(`process ${pid} has no VmRSS: it has ended`)
  return Number(kiB) / 1024
}
