/** The result as a table to read. */

export function printTable({
  machine,
  calls,
  memory,
  start,
  reconnect,
  tls,
  reaction,
  flood,
  round,
  simulation,
}) {
  const { date, node, cpu, cores, architecture } = machine
  console.log(`${date}, Node ${node}, ${cores} cores, ${architecture}, ${cpu}`)
  if (calls) printCalls(calls)
  if (memory) printMemory(memory)
  if (start) printStart(start)
  if (reconnect) printReconnect(reconnect)
  if (tls) printTls(tls)
  if (reaction) printReaction(reaction)
  if (flood) printFlood(flood)
  if (round) printRound(round)
  if (simulation) printSimulation(simulation)
}

function printCalls({ chargePoints, pairs, medianRatio, goal }) {
  console.log(`\ncalls answered per CPU-second of the server, ${chargePoints} charge points`)
  row('', 'controller', 'bare ws', 'ratio')
  for (const [index, { controller, bare, ratio }] of pairs.entries()) {
    row(`  pair ${index + 1}`, whole(controller.perCpuS), whole(bare.perCpuS), ratio.toFixed(2))
    row('    calls/s', whole(controller.perS), whole(bare.perS))
    row('    CPU', percent(controller.busy), percent(bare.busy))
  }
  row('  median', '', '', medianRatio.toFixed(2), `goal ${goal.toFixed(2)}`)
}

function printMemory({ chargePoints, controller, bare }) {
  console.log('\nresident memory, as it is left and after a collection')
  row('', 'controller', 'bare ws', 'ratio')
  const compare = (name, unit, figure) => {
    const [one, other] = [figure(controller), figure(bare)]
    row(name, `${one.toFixed(0)} ${unit}`, `${other.toFixed(0)} ${unit}`, (one / other).toFixed(2))
  }
  compare('  idle', 'MiB', ({ idle }) => idle.asLeftMiB)
  compare('    collected', 'MiB', ({ idle }) => idle.collectedMiB)
  compare(`  ${chargePoints} charge points`, 'MiB', ({ loaded }) => loaded.asLeftMiB)
  compare('    collected', 'MiB', ({ loaded }) => loaded.collectedMiB)
  compare('    for each', 'KiB', ({ perChargePointKiB }) => perChargePointKiB)
}

function printStart({ controllerMs, bareMs, ratio }) {
  console.log('\nprocess start to first accepted BootNotification')
  row('', 'controller', 'bare ws', 'ratio')
  row('  median', `${whole(controllerMs)} ms`, `${whole(bareMs)} ms`, ratio.toFixed(2))
}

function printReconnect({ chargePoints, firstMs, againMs, serverCpuS }) {
  console.log(
    `\n${chargePoints} charge points at once: connect, boot, status, first profile answered`,
  )
  row('  first time', `${whole(firstMs)} ms`)
  row('  reconnect', `${whole(againMs)} ms`)
  row('  CPU of both', `${serverCpuS.toFixed(2)} s`)
}

function printTls({ chargePoints, plain, secure, ratio, idle, goals }) {
  console.log(`\n${chargePoints} charge points at once, over ws, and over TLS with their keys`)
  row('', 'ws', 'TLS', 'ratio')
  const first = secure.firstMs / plain.firstMs
  row('  first time', `${whole(plain.firstMs)} ms`, `${whole(secure.firstMs)} ms`, first.toFixed(2))
  const again = [`${whole(plain.againMs)} ms`, `${whole(secure.againMs)} ms`, ratio.toFixed(2)]
  row('  reconnect', ...again, `goal ${goals.ms} ms`)
  row('  CPU of both', `${plain.serverCpuS.toFixed(2)} s`, `${secure.serverCpuS.toFixed(2)} s`)
  const resident = `${idle.residentMiB.toFixed(0)} MiB`
  row(`  resident, ${idle.chargePoints} idle`, '', resident, '', `goal ${goals.idleMiB} MiB`)
}

function printReaction({ goals, falls, sizes }) {
  console.log(
    `\na fall of the grid limit, ms (${falls} each: median, least to most); goal: ratio ${goals.ratio}, ${goals.ms} ms`,
  )
  row('', 'controller', '', 'bare ws', '', 'ratio')
  for (const { chargePoints, controllerMs, bareMs, ratio } of sizes) {
    const compare = (name, one, other, ...more) =>
      row(name, one.median.toFixed(1), range(one), other.median.toFixed(1), range(other), ...more)
    console.log(`  ${chargePoints} charge points`)
    compare('    told', controllerMs.delivered, bareMs.delivered, ratio.toFixed(2))
    compare('    answered', controllerMs.acknowledged, bareMs.acknowledged)
  }
}

function printFlood({ chargePoints, callsPerS, calmMs, floodMs, ratio, goal }) {
  console.log(
    `\na fall of the grid limit at ${chargePoints} charge points, ms, while one more asks ${whole(callsPerS)} times a second`,
  )
  row('', 'calm', '', 'flooded', '', 'ratio')
  const compare = (name, one, other, ...more) =>
    row(name, one.median.toFixed(1), range(one), other.median.toFixed(1), range(other), ...more)
  compare(
    '  told',
    calmMs.delivered,
    floodMs.delivered,
    ratio.toFixed(2),
    `goal ${goal.toFixed(2)}`,
  )
  compare('  answered', calmMs.acknowledged, floodMs.acknowledged)
}

function range({ least, most }) {
  return `${whole(least)}-${whole(most)}`
}

function printRound(results) {
  console.log('\none round of control (plan and decide)')
  row('', 'EVSEs', 'p50', 'p99')
  for (const [name, { sizes, exponent }] of Object.entries(results)) {
    for (const { evses, p50Ms, p99Ms } of sizes) {
      row(`  ${name}`, whole(evses), `${p50Ms.toFixed(2)} ms`, `${p99Ms.toFixed(2)} ms`)
    }
    row('    grows as n to the', exponent.toFixed(2))
  }
}

function printSimulation({ chargers, hours, perCpuS, all, goal }) {
  console.log(`\nsimulated charger-hours per CPU-second, ${chargers} chargers for ${hours} h`)
  const least = Math.min(...all)
  const most = Math.max(...all)
  row('  median', whole(perCpuS), range({ least, most }), `goal ${goal}`)
}

function row(name, ...cells) {
  console.log(`${name.padEnd(22)}${cells.map((cell) => cell.padStart(12)).join('')}`.trimEnd())
}

function whole(value) {
  return String(Math.round(value))
}

function percent(share) {
  return `${whole(share * 100)} %`
}
