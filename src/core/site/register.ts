/**
 * The energy of a transaction by a register that may begin anew: energy is money, so neither is a
 * register that restarts the end of what was counted, nor one wrong reading the begin of something.
 */

export interface Register {
  /** What it would have shown when the transaction began, had it not begun anew. */
  readonly baseWh: number
  readonly lastWh: number
  /** Lower than the last, once: the next reading tells whether it was wrong. */
  readonly lowerWh?: number | undefined
  /** Before it began anew. Whoever reaches that again never did. */
  readonly before?: { readonly baseWh: number; readonly lastWh: number } | undefined
}

export interface Counted {
  readonly register: Register
  /** Since the transaction began. */
  readonly energyWh: number
}

/** Registers of 32 bits, in Wh. */
const WRAP_WH = 2 ** 32
/** So near to its end a register that shows little has gone round. */
const BEFORE_WRAP_WH = 1e6
/** A register that shows less than this has begun at 0; of others nobody knows what they missed. */
const RESTARTED_WH = 5_000
/** Start, samples and stop are rounded, each in its way. */
const NOISE_WH = 1_000

/** `isPossible`: the transaction can have taken so much by now. */
export function readRegister(
  { register, energyWh }: Counted,
  readWh: number,
  isPossible: (energyWh: number) => boolean,
): Counted {
  const { baseWh, lastWh, lowerWh, before } = register
  if (before && readWh >= before.lastWh) {
    const countedWh = readWh - before.baseWh
    const isSame = isPossible(countedWh)
    if (isSame) return { register: { baseWh: before.baseWh, lastWh: readWh }, energyWh: countedWh }
  }
  if (readWh >= lastWh) {
    const countedWh = readWh - baseWh
    // What cannot be is passed over; what was known before stays.
    if (!isPossible(countedWh)) return { register, energyWh }
    return {
      register: { baseWh, lastWh: readWh, before },
      energyWh: Math.max(energyWh, countedWh),
    }
  }
  if (lastWh - readWh <= NOISE_WH) return { register: { baseWh, lastWh, before }, energyWh }
  // Above what it showed at the start, a wrong reading before this one is as likely.
  const isSecond = lowerWh !== undefined && readWh >= lowerWh && readWh < baseWh
  const newBaseWh = isSecond ? baseAnew(register, energyWh) : undefined
  const countedWh = newBaseWh === undefined ? Infinity : readWh - newBaseWh
  if (newBaseWh === undefined || !isPossible(countedWh)) {
    return { register: { baseWh, lastWh, lowerWh: readWh, before }, energyWh }
  }
  return {
    register: { baseWh: newBaseWh, lastWh: readWh, before: before ?? { baseWh, lastWh } },
    energyWh: Math.max(energyWh, countedWh),
  }
}

/** Where it counts from now: it went round, or began at 0. */
function baseAnew({ baseWh, lastWh, lowerWh = 0 }: Register, energyWh: number): number | undefined {
  if (lowerWh >= RESTARTED_WH) return undefined
  const hasGoneRound = lastWh < WRAP_WH && lastWh > WRAP_WH - BEFORE_WRAP_WH
  return hasGoneRound ? baseWh - WRAP_WH : -energyWh
}

/** What a transaction has taken by the register at its end. */
export function energyAtStop(
  { register, energyWh }: { readonly register: Register | undefined; readonly energyWh: number },
  meterStartWh: number,
  meterStopWh: number,
): number {
  const plainWh = meterStopWh - meterStartWh
  // The registers at both ends are what counts, wherever they can.
  if (plainWh >= 0 && Number.isFinite(plainWh)) return plainWh
  const countedWh = meterStopWh - (register?.baseWh ?? meterStartWh)
  // Between the last sample and the end little can have flowed.
  const isNear = countedWh >= energyWh && countedWh - energyWh <= RESTARTED_WH
  return isNear ? countedWh : energyWh
}
