/** Takes what meters and limit sources report, and wakes control when something may have to give way. */
import type { LiveEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { FieldEvent } from '../ports.js'

export interface FieldDeskOwner {
  readonly site: Site
  readonly live: (event: LiveEvent) => void
  readonly wakeNow: () => void
}

/** A smaller rise of the base load can wait for the next round. */
const BASE_STEP_A = 0.5

export function createFieldDesk(owner: FieldDeskOwner): (event: FieldEvent) => void {
  const { site, live, wakeNow } = owner
  return (event) => {
    switch (event.type) {
      case 'meterRead': {
        const { meterId, atMs, currentA, powerW, energyWh } = event.reading
        const before = site.meters.get(meterId)?.baseA
        live({ type: 'meterRead', meterId, atMs, currentA, powerW, energyWh })
        const baseA = site.meters.get(meterId)?.baseA
        if (baseA?.some((a, phase) => a > (before?.[phase] ?? 0) + BASE_STEP_A)) wakeNow()
        break
      }
      case 'limitRead': {
        const { sourceId, atMs, limitA, limitW } = event.reading
        const source = site.limitSources.get(sourceId)
        const changed = source?.limitA !== limitA || source?.limitW !== limitW
        live({ type: 'limitRead', sourceId, atMs, limitA, limitW })
        if (changed) wakeNow()
        break
      }
      case 'meterFailed':
      case 'limitFailed':
        live(event)
        break
    }
  }
}
