/** The depot in a few readable lines. */
import type { ChargerView, View } from '../../core/site/view.js'
import { reasonText } from '../../core/reason-text.js'
import type { DemoWorld } from './demo-world.js'

export function demoStatus(view: View, world: DemoWorld, elapsedS: number): readonly string[] {
  const { site, chargers, sessions } = view
  const phases = (amps: readonly number[]): string =>
    amps.map((a) => a.toFixed(0).padStart(3)).join('')
  const on = sessions.filter(({ offerA }) => offerA > 0).length
  const waiting = chargers
    .flatMap(({ evses }) => evses)
    .filter(({ reason }) => reason.type === 'waiting')
  const bound =
    waiting[0] ??
    chargers.flatMap(({ evses }) => evses).find(({ reason }) => reason.type === 'limit')
  return [
    `${String(elapsedS).padStart(4)} s  limit ${phases([world.limitA()])} A` +
      `  base${phases(site.baseLoadA)} A  permitted${phases(world.permittedA())} A` +
      `  drawn${phases(world.drawnA())} A  ${on} charging, ${waiting.length} waiting`,
    `        ${chargers.map(chargerText).join(' ')}`,
    ...(bound ? [`        ${reasonText(bound.reason)}`] : []),
  ]
}

/** `01:16` is 16 A, `--` no car, `..` a car that waits. */
function chargerText({ charger, connected, evses }: ChargerView): string {
  const [evse] = evses
  const name = charger.name.replace('CP-', '')
  if (!connected) return `${name}:off`
  if (evse?.transactionId === undefined) return `${name}:--`
  return `${name}:${evse.offerA > 0 ? evse.offerA.toFixed(0).padStart(2) : '..'}`
}
