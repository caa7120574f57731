// The controller inside another program, on a clock of its own: three simulated chargers of 22 kW
// share 20 kW, and half an hour passes at once.
import { createController, defaultSettings } from 'yardmaster'
import {
  manualClock,
  memoryStore,
  simulatedDepot,
  simulatedEv,
  simulatedSite,
} from 'yardmaster/testing'

const clock = manualClock()
const site = simulatedSite({ seed: 1, clock, chargers: 3 })
const depot = simulatedDepot(site.chargePoints, { maxPowerKw: 20 })
const settings = { ...defaultSettings({ host: '127.0.0.1' }), depot }
const controller = createController(settings, { ...site.ports, store: memoryStore() })

await controller.start()
site.start()
for (const chargePoint of site.chargePoints) {
  chargePoint.plugIn(1, simulatedEv({ energyNeedWh: 40_000 }), { idTag: 'ME' })
}
await clock.advance(30 * 60_000)

for (const { chargePointId, offerA, energyWh } of controller.view().sessions) {
  console.log(`${chargePointId}: ${offerA} A, ${(energyWh / 1000).toFixed(1)} kWh so far`)
}
site.stop()
await controller.stop()
