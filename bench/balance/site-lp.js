/**
 * The linear programmes of suite B-h's bounds, one JSON line each, for `site-bounds.py`:
 *
 *   node bench/balance/site-lp.js | python3 bench/balance/site-bounds.py > bench/balance/site-bounds.json
 *
 * Slots of five minutes with the room the building leaves on average in each: no controller can do
 * better. No minimum current, no whole amperes, every arrival known.
 */
import { DAY_S, meanOf, siteDay, SITE_LIMITS_A, WORKING_DAYS } from './site-days.js'

const SLOT_S = 300

for (const date of WORKING_DAYS) {
  for (const limitA of SITE_LIMITS_A) console.log(JSON.stringify(programme(siteDay(date, limitA))))
}

function programme({ date, limitA, sessions, baseLoad, fuseA, groupLimitA, groupOf }) {
  const room = Array.from({ length: DAY_S / SLOT_S }, (_, slot) => {
    const baseA = meanOf(baseLoad, slot * SLOT_S, (slot + 1) * SLOT_S)
    return baseA.map((phaseA) => Math.max(0, fuseA - phaseA))
  })
  return {
    date,
    limitA,
    slotS: SLOT_S,
    room,
    groupLimitA,
    sessions: sessions.map(({ evse, arriveS, leaveS, energyKwh, capA, mask }) => {
      return { group: groupOf(evse), arriveS, leaveS, energyKwh, capA, mask }
    }),
  }
}
