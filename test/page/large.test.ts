/** A large depot on the page: what changes is changed, and nothing else is touched. */
import { test } from 'tap'
import { simulatedChargers } from '../process/simulated-chargers.js'
import { startGateway } from '../process/yardmaster-process.js'
import { openPage } from './browser.js'
import { largeDepot } from './depot.js'

const CHARGERS = 200
const WATCH_MS = 10_000

interface Metrics {
  readonly tasksS: number
  readonly nodes: number
}

test('200 chargers that all charge are followed without making a line anew', async (t) => {
  const gateway = await startGateway(t, { config: largeDepot(CHARGERS) })
  const identities = Array.from({ length: CHARGERS }, (_, index) => `CP${index + 1}`)
  const chargers = simulatedChargers(t, gateway.port, identities)
  const { page, complaints } = await openPage(t, `http://127.0.0.1:${gateway.port}/`)
  await page
    .locator('.row')
    .nth(CHARGERS - 1)
    .waitFor()
  for (const identity of identities) chargers.plugIn(identity)
  await page
    .locator('.row', { hasText: 'Charging' })
    .nth(CHARGERS - 1)
    .waitFor({ timeout: 60_000 })

  const devTools = await page.context().newCDPSession(page)
  await devTools.send('Performance.enable')
  const metrics = async (): Promise<Metrics> => {
    const { metrics: all } = await devTools.send('Performance.getMetrics')
    const of = (name: string): number => all.find((one) => one.name === name)?.value ?? 0
    return { tasksS: of('TaskDuration'), nodes: of('Nodes') }
  }
  await page.evaluate(`
    window.made = 0
    window.texts = 0
    new MutationObserver((changes) => {
      for (const { type, addedNodes } of changes) {
        if (type !== 'childList') continue
        for (const node of addedNodes) node.nodeType === 1 ? window.made++ : window.texts++
      }
    }).observe(document.querySelector('main'), { childList: true, subtree: true })
  `)
  const before = await metrics()
  await page.waitForTimeout(WATCH_MS)
  const after = await metrics()
  const [made, texts] = await page.evaluate<[number, number]>('[window.made, window.texts]')
  const busy = (after.tasksS - before.tasksS) / (WATCH_MS / 1000)
  t.comment(
    `${Math.round(busy * 1000)} ms of work a second, ${made} elements, ${texts} texts in 10 s`,
  )
  t.equal(made, 0, 'no element was made anew')
  t.ok(texts > 50, 'and yet figures have changed')
  t.ok(busy < 0.5, 'the browser has time left')

  await page.getByLabel('Find a charger').fill('CP-17')
  t.equal(await page.locator('.row').count(), 11, 'CP-17 and CP-170 to CP-179')
  t.same(complaints, [])
})
