/** A car that somebody steers while it stands there: delayed charging, pauses, full now or later. */
import { simulatedEv } from './simulated-ev.js'
import type { SimulatedEv } from './simulated-ev.js'

export interface SteeredEvOptions {
  readonly phases?: 1 | 2 | 3
  /** Per phase; default 16. */
  readonly maxCurrentA?: number
  /** Default 60. */
  readonly capacityKwh?: number
  /** State of charge when it comes, %; default 20. */
  readonly socPercent?: number
  /** What it wants; default: until its battery is full. */
  readonly needKwh?: number
  /** It wants nothing for so long after it was plugged in. */
  readonly delayMs?: number
}

export interface SteeredEv extends SimulatedEv {
  setMaxCurrentA(currentA: number): void
  setPhases(phases: 1 | 2 | 3): void
  /** Per phase. */
  maxCurrentA(): number
  /** It wants nothing until resumed. */
  suspend(): void
  resume(): void
  isSuspended(): boolean
  /** It wants nothing for so long from now; 0: it may begin. */
  delay(ms: number): void
  /** It wants nothing more, now or so long from now. */
  fillUp(inMs?: number): void
  socPercent(): number
  setSocPercent(percent: number): void
}

const TAPER_SHARE = 0.2
const MIN_CURRENT_A = 6
/** Beyond every car: the steering limits it instead. */
const ANY_CURRENT_A = 1000
const ANY_ENERGY_WH = 1e12

export function steeredEv(options: SteeredEvOptions = {}): SteeredEv {
  const { capacityKwh = 60, needKwh } = options
  const capacityWh = capacityKwh * 1000
  let phases = options.phases ?? 3
  let maxCurrentA = options.maxCurrentA ?? 16
  let socAtStart = options.socPercent ?? 20
  let needWh = needKwh === undefined ? wantedFrom(socAtStart) : needKwh * 1000
  let countedFromWh = 0
  let suspended = false
  let full = false
  let clockMs = 0
  let beginsAtMs = options.delayMs ?? 0
  let fullAtMs = Infinity
  const ev = simulatedEv({
    energyNeedWh: ANY_ENERGY_WH,
    maxCurrentA: ANY_CURRENT_A,
    minCurrentA: MIN_CURRENT_A,
    taperShare: 0,
  })
  const gotWh = (): number => ev.chargedWh() - countedFromWh
  const isFull = (): boolean => full || gotWh() >= needWh

  return {
    get phases() {
      return phases
    },
    drawA: () => ev.drawA(),
    chargedWh: () => ev.chargedWh(),
    isFull,
    pluggedIn() {
      beginsAtMs -= clockMs
      fullAtMs -= clockMs
      clockMs = 0
      ev.pluggedIn()
    },
    tick({ offeredA, phases: offeredPhases, elapsedMs }) {
      clockMs += elapsedMs
      if (clockMs >= fullAtMs) full = true
      const wants = !suspended && !isFull() && clockMs >= beginsAtMs
      ev.tick({
        offeredA: wants ? Math.min(offeredA, wantedA()) : 0,
        phases: Math.min(phases, offeredPhases),
        elapsedMs,
      })
    },
    setMaxCurrentA(currentA) {
      maxCurrentA = currentA
    },
    setPhases(count) {
      phases = count
    },
    maxCurrentA: () => maxCurrentA,
    suspend() {
      suspended = true
    },
    resume() {
      suspended = false
      beginsAtMs = clockMs
    },
    isSuspended: () => suspended || clockMs < beginsAtMs,
    delay(ms) {
      beginsAtMs = clockMs + ms
    },
    fillUp(inMs = 0) {
      fullAtMs = clockMs + inMs
      if (inMs === 0) full = true
    },
    socPercent: () => Math.min(100, socAtStart + (gotWh() / capacityWh) * 100),
    setSocPercent(percent) {
      socAtStart = percent
      countedFromWh = ev.chargedWh()
      needWh = wantedFrom(percent)
      full = false
      fullAtMs = Infinity
    },
  }

  function wantedFrom(percent: number): number {
    return (capacityWh * (100 - percent)) / 100
  }

  /** The last part of what it wants it takes ever more slowly. */
  function wantedA(): number {
    const taperWh = needWh * TAPER_SHARE
    const remainingWh = needWh - gotWh()
    if (remainingWh >= taperWh || maxCurrentA <= MIN_CURRENT_A) return maxCurrentA
    return Math.max(MIN_CURRENT_A, (maxCurrentA * remainingWh) / taperWh)
  }
}
