/** Whether the TxDefaultProfile survives a reboot: asked before it is sent again. */
import { amps, held, unclear } from './probe-types.js'
import type { Move, ProbeObservation, StageBase } from './probe-types.js'

export interface RebootStage extends StageBase {
  readonly step: 'reboot'
  readonly at: 'before' | 'reset' | 'booting' | 'told'
  readonly fallbackA: number
  readonly bootsBefore: number
  readonly isAsked: boolean
  /** What it said right after its boot, A. */
  readonly bootedA: number | undefined
}

const SCHEDULE: { readonly type: 'ask'; readonly question: { readonly type: 'schedule' } } = {
  type: 'ask',
  question: { type: 'schedule' },
}
const BEFORE_MS = 90_000
const ANSWER_MS = 45_000
const BOOT_MS = 600_000
const TOLD_MS = 90_000
const SAME_A = 1
const CLEAR_A = 3

export function beginReboot(seen: ProbeObservation, nowMs: number): Move<RebootStage> {
  const { fallbackA } = seen
  if (fallbackA === undefined) return unclear('it has taken no TxDefaultProfile')
  if (fallbackA > seen.hardwareA - CLEAR_A) {
    return unclear(`its fallback of ${amps(fallbackA)} is as good as full power`)
  }
  return {
    type: 'stage',
    stage: {
      step: 'reboot',
      at: 'before',
      doing: 'asking for its limit',
      untilMs: nowMs + BEFORE_MS,
      needsRoom: true,
      fallbackA,
      bootsBefore: seen.boots,
      isAsked: false,
      bootedA: undefined,
    },
    // Steady while it is asked, before and after.
    actions: [held(seen.minA)],
  }
}

export function goReboot(
  stage: RebootStage,
  seen: ProbeObservation,
  nowMs: number,
): Move<RebootStage> {
  switch (stage.at) {
    case 'before':
      return goBefore(stage, seen, nowMs)
    case 'reset':
      return goReset(stage, seen, nowMs)
    case 'booting':
      return goBooting(stage, seen, nowMs)
    case 'told':
      return goTold(stage, seen, nowMs)
  }
}

function goBefore(stage: RebootStage, seen: ProbeObservation, nowMs: number): Move<RebootStage> {
  const answer = scheduleIn(seen)
  if (!answer && nowMs < stage.untilMs) return asking(stage, seen)
  const limitA = answer?.limitA
  const knownA = inForceA(seen) ?? stage.fallbackA
  // A reboot would interrupt for nothing.
  if (limitA === undefined) {
    return unclear('it does not tell its limit (GetCompositeSchedule), so it was not rebooted')
  }
  if (Math.abs(limitA - knownA) > SAME_A) {
    const told = `it says its limit is ${amps(limitA)} when it is ${amps(knownA)}`
    return unclear(`${told}, so it was not rebooted`)
  }
  return {
    type: 'stage',
    stage: {
      ...stage,
      at: 'reset',
      doing: 'asking it to reboot',
      untilMs: nowMs + ANSWER_MS,
      isAsked: false,
      mayBeAway: true,
    },
    actions: [
      { type: 'askAtBoot', question: { type: 'schedule' } },
      { type: 'ask', question: { type: 'reset' } },
    ],
  }
}

/** Asks when its limit stands still. */
function asking(stage: RebootStage, seen: ProbeObservation): Move<RebootStage> {
  const limitA = inForceA(seen) ?? Infinity
  const isHeld = seen.transactionId === undefined || limitA <= seen.minA + SAME_A
  const isSteady = !seen.isCalling && isHeld
  if (stage.isAsked || !isSteady || seen.fallbackA === undefined) return { type: 'stage', stage }
  return { type: 'stage', stage: { ...stage, isAsked: true }, actions: [SCHEDULE] }
}

function goReset(stage: RebootStage, seen: ProbeObservation, nowMs: number): Move<RebootStage> {
  const answer = seen.answers.find((one) => one.type === 'reset')
  const isGone = !seen.connected || seen.boots > stage.bootsBefore
  if (answer?.isTaken === true || isGone) {
    return {
      type: 'stage',
      stage: {
        ...stage,
        at: 'booting',
        doing: 'waiting for its boot',
        untilMs: nowMs + BOOT_MS,
        needsRoom: false,
        mayBeAway: true,
      },
    }
  }
  if (!answer && nowMs < stage.untilMs) return { type: 'stage', stage }
  return unclear('it refuses to reset')
}

function goBooting(stage: RebootStage, seen: ProbeObservation, nowMs: number): Move<RebootStage> {
  if (nowMs >= stage.untilMs) {
    return unclear(
      seen.boots > stage.bootsBefore
        ? 'it did not tell its limit after the boot'
        : 'it sent no BootNotification',
    )
  }
  const answer = scheduleIn(seen)
  if (seen.boots === stage.bootsBefore || !answer) return { type: 'stage', stage }
  return {
    type: 'stage',
    stage: {
      ...stage,
      at: 'told',
      doing: 'waiting until it has its fallback again',
      untilMs: nowMs + TOLD_MS,
      bootedA: answer.limitA,
    },
  }
}

/** Once it has been told again, its answer must be that: else the one before says nothing. */
function goTold(stage: RebootStage, seen: ProbeObservation, nowMs: number): Move<RebootStage> {
  const answer = scheduleIn(seen)
  const toldA = inForceA(seen)
  const isRight =
    answer?.limitA !== undefined && toldA !== undefined && Math.abs(answer.limitA - toldA) <= SAME_A
  if (isRight) return verdict(stage)
  if (nowMs >= stage.untilMs) return unclear('after the boot it does not tell its limit right')
  // A car that begins to charge meanwhile changes it: once more.
  return asking(answer ? { ...stage, isAsked: false } : stage, seen)
}

function verdict({ bootedA, fallbackA }: RebootStage): Move<RebootStage> {
  if (bootedA === undefined) return unclear('right after the boot it told no limit')
  const keepsOverReboot = bootedA <= fallbackA + SAME_A
  const said = `right after the boot its limit was ${amps(bootedA)}, not ${amps(fallbackA)}`
  return {
    type: 'done',
    isClear: true,
    findings: { keepsOverReboot, notes: keepsOverReboot ? [] : [said] },
  }
}

function inForceA({ grant, standingA }: ProbeObservation): number | undefined {
  return grant?.limitA ?? standingA
}

function scheduleIn(seen: ProbeObservation): { readonly limitA: number | undefined } | undefined {
  return seen.answers.find((one) => one.type === 'schedule')
}
