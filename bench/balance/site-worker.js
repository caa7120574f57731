/** One day of suite B-h in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import { siteDay } from './site-days.js'
import { simulateSiteDay } from './site-simulation.js'

const { date, limitA, info } = workerData
const figures = await simulateSiteDay(siteDay(date, limitA), info)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort.postMessage(figures)
