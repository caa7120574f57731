/** The energy of open sessions on its way to the disk: only what has changed. */
import type { JournalEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'

export interface EnergyNotes {
  due(site: Site): readonly JournalEvent[]
}

export function energyNotes(): EnergyNotes {
  let noted = new Map<number, number>()
  return {
    due(site) {
      const events: JournalEvent[] = []
      const current = new Map<number, number>()
      for (const { id, energyWh, register, meterStartWh } of site.transactions.values()) {
        current.set(id, energyWh)
        if (energyWh === 0 || noted.get(id) === energyWh) continue
        const hasBegunAnew = register !== undefined && register.baseWh !== meterStartWh
        events.push({
          ...(hasBegunAnew && { registerBaseWh: register.baseWh }),
          type: 'energyNoted',
          transactionId: id,
          energyWh,
        })
      }
      noted = current
      return events
    },
  }
}
