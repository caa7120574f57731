/**
 * Suite B-h: working days of suite B at a site as it stands (groups, a building, a late meter, slow
 * messages), through the whole controller in the product's simulation.
 */
import { Worker } from 'node:worker_threads'
import { depotFigures, sum } from './metrics.js'
import { stated, truth } from './needs.js'
import { readSiteBounds } from './read-data.js'
import { GROUPS, siteDay, SITE_LIMITS_A, WORKING_DAYS } from './site-days.js'

const NEEDS = { nothing: () => undefined, stated, true: truth }
/** What is stated matters where there is too little for all: there it is compared. */
const TOLD_AT_A = [80]
export const LONGEST_DAYS = WORKING_DAYS.length
const DEFAULT_DAYS = 3
/** Points of share that the real world may cost. */
const GOAL_POINTS = 3

export async function suiteBh({ quick, days = quick ? 1 : DEFAULT_DAYS, jobs = 1 }) {
  const { referenceDay } = await import('./site-reference.js')
  const dates = WORKING_DAYS.slice(0, days)
  const tasks = Object.keys(NEEDS).flatMap((info) => {
    const limits = quick || info !== 'nothing' ? TOLD_AT_A : SITE_LIMITS_A
    return (quick && info !== 'nothing' ? [] : limits).flatMap((limitA) =>
      dates.map((date) => ({ date, limitA, info })),
    )
  })
  const runs = await runAll(tasks, jobs)
  const bounds = readSiteBounds()
  const results = Object.entries(NEEDS).flatMap(([info, need]) =>
    SITE_LIMITS_A.flatMap((limitA) => {
      const own = runs.filter((run) => run.info === info && run.limitA === limitA)
      if (own.length === 0) return []
      const alone = own.map(({ date }) => referenceDay(siteDay(date, limitA), need))
      return [{ info, limitA, ...resultOf(own, alone, bounds) }]
    }),
  )
  const first = siteDay(dates[0], SITE_LIMITS_A[0])
  const sessions = sum(dates.map((date) => siteDay(date, SITE_LIMITS_A[0]).sessions.length))
  return { dates, sessions, evses: first.evses, groups: GROUPS, goalPoints: GOAL_POINTS, results }
}

function resultOf(runs, alone, bounds) {
  const cars = runs.flatMap((run) => run.cars)
  const figures = depotFigures({ cars, over: NO_EXCESS })
  const aloneFigures = depotFigures({ cars: alone.flatMap((day) => day.cars), over: NO_EXCESS })
  const kwhOf = ({ cars: own }) => sum(own.map(({ session }) => session.energyKwh))
  const asked = sum(runs.map(kwhOf))
  const bound = sum(runs.map((run) => (kwhOf(run) * bounds[run.date][run.limitA]) / asked))
  const reactionsMs = runs.flatMap(({ result }) => result.reactions.eachMs)
  const over = (name) => sum(runs.map((run) => run.over[name]))
  return {
    figures,
    alone: aloneFigures,
    bound,
    ofBound: (100 * figures.met) / bound,
    aloneOfBound: (100 * aloneFigures.met) / bound,
    controlledAs: over('controlledAs') + over('ofGroupsAs'),
    outsideAs: over('outsideAs'),
    outsideS: over('outsideS'),
    worstA: Math.max(...runs.map((run) => run.over.worstA)),
    reactions: reactionsMs.length,
    worstReactionMs: Math.max(0, ...reactionsMs),
    broken: [...new Set(runs.flatMap(({ result }) => result.broken))].filter(isJudged),
    profilesPerSession: sum(runs.map(({ profiles }) => profiles)) / cars.length,
    profilesPerHour:
      sum(runs.map(({ profiles }) => profiles)) / sum(runs.map(({ plugged }) => plugged)),
  }
}

/** The judge knows nothing of a late meter; in time is what `controlledAs` does not count. */
function isJudged(invariant) {
  return invariant !== 'limit'
}

const NO_EXCESS = { maxA: 0, ampereS: 0, seconds: 0 }

/** `jobs` at once, each in a thread of its own. */
async function runAll(tasks, jobs) {
  const waiting = [...tasks]
  const done = []
  const work = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      const startedMs = performance.now()
      const run = await inThread(task)
      done.push({ ...task, ...run })
      const { date, limitA, info } = task
      const took = ((performance.now() - startedMs) / 1000).toFixed(0)
      console.error(`${done.length}/${tasks.length}: ${date}, ${limitA} A, ${info} (${took} s)`)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return done
}

function inThread(task) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('site-worker.js', import.meta.url), { workerData: task })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread of a day ended with ${code}`)))
  })
}
