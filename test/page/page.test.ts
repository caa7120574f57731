/** What the operator's page shows and does, in a real browser against the real program. */
import { test } from 'tap'
import { eventually } from '../process/deadline.js'
import { restClient } from '../process/rest-client.js'
import { simulatedChargers } from '../process/simulated-chargers.js'
import { startGateway, yardmaster } from '../process/yardmaster-process.js'
import { cardOf, openPage, rowOf } from './browser.js'
import { DEPOT, NASTY, NASTY_DEPOT } from './depot.js'

test('the demo depot shows its chargers, why each has what it has, and a limit that falls', async (t) => {
  const demo = yardmaster(t, 'demo', '--port', '0')
  const line = await eventually('the listening line', () => demo.stdout[0])
  const { page, complaints } = await openPage(t, `${line.replace('listening ', '')}/`)

  await page.getByText('Grid connection').first().waitFor()
  t.equal(await page.locator('.row').count(), 12)
  t.match(await page.title(), /^Demo depot/)
  await page.locator('.state', { hasText: 'Charging' }).first().waitFor()
  await page
    .locator('.row-why', { hasText: /limited by|waits its turn|gives at most/ })
    .first()
    .waitFor()

  // Of its plan of limits, in the order in which they come.
  await cardOf(page, 'site').getByText('63 A per phase: grid limit grid').waitFor()
  await cardOf(page, 'site').getByText('34 A per phase: grid limit grid').waitFor()
  await page
    .locator('.row-why', { hasText: /waits its turn: Demo depot has 34 A/ })
    .first()
    .waitFor()
  const bar = await cardOf(page, 'site').locator('.bar-track').first().getAttribute('aria-label')
  t.match(bar, /^L1: base load [\d.]+ A, cars draw [\d.]+ A and may draw [\d.]+ A, .* of 34 A$/)
  t.same(complaints, [])
})

test('an order given on the page acts at the chargers, is shown with its reason, and ends there', async (t) => {
  const gateway = await startGateway(t, { config: DEPOT })
  const chargers = simulatedChargers(t, gateway.port, ['CP1', 'CP2'])
  for (const identity of ['CP1', 'CP2']) chargers.plugIn(identity)
  const { page, complaints } = await openPage(t, `http://127.0.0.1:${gateway.port}/`)
  await eventually('much current', () => (chargers.permittedA() > 40 ? true : undefined))

  await cardOf(page, 'north').getByRole('button', { name: 'Schedule' }).click()
  await page.getByRole('heading', { name: /^North, / }).waitFor()
  t.match(await page.locator('.scroll table').textContent(), /00:0024:0063 A40 kW/)
  t.equal(await page.locator('svg.chart').count(), 2)

  await page.getByLabel('At most per phase').fill('20')
  await page.getByLabel('For (minutes)').fill('30')
  await page.getByRole('button', { name: 'Order it' }).click()
  const wrong = page.locator('[data-field="reason"] .field-problem')
  await wrong.waitFor()
  t.match(await wrong.textContent(), /must be 1 to 200 characters/, 'the refusal is at its field')

  await page.getByLabel('Why').fill('crane at work')
  await page.getByRole('button', { name: 'Order it' }).click()
  await eventually('what is ordered', () => (chargers.permittedA() <= 20.001 ? true : undefined))
  await page.getByText(/^Ordered now: 20 A until .*: crane at work$/).waitFor()
  await page.locator('td', { hasText: 'ordered by the operator: crane at work' }).first().waitFor()

  await page.getByRole('link', { name: 'Overview' }).click()
  await cardOf(page, 'north')
    .getByText(/20 A per phase: ordered by the operator/)
    .waitFor()
  await cardOf(page, 'north').getByRole('button', { name: 'End it' }).click()
  await page.locator('dialog').getByRole('button', { name: 'End it' }).click()
  await eventually('more again', () => (chargers.permittedA() > 40 ? true : undefined), {
    withinMs: 30_000,
  })
  t.same(complaints, [])
})

test('without the token nothing is shown, and a wrong one is told so at its field', async (t) => {
  const gateway = await startGateway(t, { config: `http: { loopback_trust: false }\n${DEPOT}` })
  const { page, complaints } = await openPage(t, `http://127.0.0.1:${gateway.port}/`)
  await page.getByLabel('Access token').waitFor()
  t.notMatch(await page.locator('body').textContent(), /North|Yard 1/)

  await page.getByLabel('Access token').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('This is not the token of this site.').waitFor()
  t.notMatch(await page.locator('body').textContent(), /North|Yard 1/)

  await page.getByLabel('Access token').fill(gateway.token())
  await page.getByRole('button', { name: 'Sign in' }).click()
  await cardOf(page, 'north').waitFor()
  t.same(await page.evaluate('[localStorage.length, document.cookie]'), [0, ''])

  await page.reload()
  await cardOf(page, 'north').waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Access token').waitFor()
  t.equal(await page.evaluate('sessionStorage.length'), 0)
  t.same(complaints, [])
})

test('names that try to be markup stay names, wherever they stand', async (t) => {
  const gateway = await startGateway(t, { config: NASTY_DEPOT })
  const chargers = simulatedChargers(t, gateway.port, ['CP1'])
  chargers.plugIn('CP1')
  const base = `http://127.0.0.1:${gateway.port}`
  const { page, complaints } = await openPage(t, `${base}/`)
  await rowOf(page, 'cp1').getByText('Charging').waitFor()
  t.equal(await rowOf(page, 'cp1').locator('.row-name').textContent(), NASTY[0])
  t.equal(await rowOf(page, 'cp1').locator('.row-who').textContent(), NASTY[0])
  for (const hash of [
    '#/chargers/cp1',
    '#/schedule/north',
    '#/setup/vehicles/bus',
    '#/setup/check',
  ]) {
    await page.goto(`${base}/${hash}`)
    await page.getByText(NASTY[1], { exact: false }).or(page.getByText(NASTY[0])).first().waitFor()
    await page.goto(`${base}/#/`)
  }
  await page.goto(`${base}/#/schedule/${encodeURIComponent(NASTY[0])}`)
  await page.getByText(/no constraint has the id/).waitFor()
  t.equal(await page.evaluate('window.hurt'), undefined)
  t.equal(await page.locator('img, script:not([src])').count(), 0)
  t.same(complaints, [])
})

test('a controller that is gone is seen as gone, and its page comes back by itself', async (t) => {
  const gateway = await startGateway(t, { config: DEPOT })
  const { page, complaints } = await openPage(t, `http://127.0.0.1:${gateway.port}/`)
  await page.getByText('live', { exact: true }).waitFor()
  await cardOf(page, 'north').waitFor()

  gateway.signal('SIGKILL')
  await gateway.ended()
  await page.getByText(/This is old: last heard \d+ s ago/).waitFor()
  t.match(await page.locator('.link-state').textContent(), /^last heard \d+ s ago$/)
  t.match(await page.locator('body').getAttribute('class'), /stale/)
  t.ok(await cardOf(page, 'north').isVisible(), 'what was known stays to be read')

  const { port, dataDir } = gateway
  await startGateway(t, { config: DEPOT, dataDir, port })
  await page.getByText('live', { exact: true }).waitFor()
  t.notOk(await page.locator('.banner').isVisible())
  t.notMatch(await page.locator('body').getAttribute('class'), /stale/)
  await restClient(port).put('/constraints/north', { name: 'Renamed' })
  await cardOf(page, 'north').getByText('Renamed').waitFor()
  t.same(complaints, [])
})

test('a depot is set up on the page alone, and what the gateway refuses stands at its field', async (t) => {
  const gateway = await startGateway(t)
  const { page, complaints } = await openPage(t, `http://127.0.0.1:${gateway.port}/`)
  await page.getByText('Nothing is set up yet').waitFor()
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('button', { name: /^Add a constraint/ }).click()
  const dialog = page.locator('dialog')
  await dialog.getByLabel('Name').fill('South')
  await dialog.getByLabel('At most in all').fill('lots')
  await dialog.getByRole('button', { name: /^Add the/ }).click()
  t.match(
    await dialog.locator('[data-field="max_power_kw"] .field-problem').textContent(),
    /number/,
  )
  await dialog.getByLabel('At most in all').fill('30')
  await dialog.getByLabel('At most per phase').fill('40, 32, 40')
  await dialog.getByRole('button', { name: /^Add the/ }).click()
  await page.getByRole('row', { name: /South.*charge group.*40 \/ 32 \/ 40 A, 30 kW/ }).waitFor()

  await page.getByRole('link', { name: 'Chargers' }).click()
  await page.getByRole('button', { name: 'Add a charger' }).click()
  await dialog.getByLabel('Name').fill('Gate')
  await dialog.getByLabel('Charge point id').fill('CP1')
  await dialog.getByLabel('Power of all').fill('22.08')
  await dialog.getByRole('button', { name: 'Add a connector' }).click()
  await dialog.getByLabel('Number').fill('0')
  await dialog.getByLabel('Power (kW)').fill('22.08')
  await dialog.getByRole('button', { name: /^Add the/ }).click()
  await dialog.locator('.line [data-field="id"] .field-problem').waitFor()
  await dialog.getByLabel('Number').fill('1')
  await dialog.getByRole('button', { name: /^Add the/ }).click()
  await page.getByRole('row', { name: /Gate CP1 South 22.08 kW never connected/ }).waitFor()

  const chargers = simulatedChargers(t, gateway.port, ['CP1'])
  await page.getByRole('link', { name: 'Overview' }).click()
  await page.getByRole('button', { name: 'Gate' }).and(page.locator('.row-name')).waitFor()
  await page.locator('.row .state', { hasText: 'Free' }).waitFor()
  chargers.plugIn('CP1')
  await page.locator('.row .state', { hasText: 'Charging' }).waitFor()

  await page.getByRole('link', { name: 'Set up' }).click()
  await page.getByRole('link', { name: 'Check site' }).click()
  await page.getByText('This site is safe without the controller.').waitFor()
  await page
    .getByRole('row', { name: /South 40 \/ 32 \/ 40 A, 30 kW 0 A, 0 kW 6 A, 4.1 kW/ })
    .waitFor()
  t.same(complaints, [])
})

test('a charger that nobody knows is seen, let in, and charges', async (t) => {
  const config = DEPOT.replace('ocpp: {', 'ocpp: { unknown_charge_point: quarantine,')
  const gateway = await startGateway(t, { config })
  const chargers = simulatedChargers(t, gateway.port, ['NEW-7'])
  const { page, complaints } = await openPage(t, `http://127.0.0.1:${gateway.port}/`)
  const alarm = page.locator('.alarm', { hasText: 'NEW-7 wants to join' })
  await alarm.getByRole('button', { name: 'Look' }).click()
  await page.getByRole('button', { name: 'Let it in' }).click()
  const dialog = page.locator('dialog')
  await dialog.getByLabel('Charge group').selectOption({ label: 'North' })
  await dialog.getByRole('button', { name: 'Let it in' }).click()
  await dialog.locator('[data-field="max_power_kw"] .field-problem').waitFor()
  await dialog.getByLabel('Power').fill('22.08')
  await dialog.getByRole('button', { name: 'Let it in' }).click()
  await page.getByRole('row', { name: /^NEW-7 NEW-7 North 22.08 kW/ }).waitFor()

  await page.getByRole('link', { name: 'Overview' }).click()
  await page.locator('.row', { hasText: 'NEW-7' }).getByText('Free').waitFor()
  chargers.plugIn('NEW-7')
  await page.locator('.row', { hasText: 'NEW-7' }).getByText('Charging').waitFor()
  t.same(complaints, [])
})

test('a charger is asked, stopped and configured in its dialog, dangerous things after a question', async (t) => {
  const gateway = await startGateway(t, { config: DEPOT })
  const chargers = simulatedChargers(t, gateway.port, ['CP1', 'CP2'])
  chargers.plugIn('CP1')
  const { page, complaints } = await openPage(t, `http://127.0.0.1:${gateway.port}/`)
  await rowOf(page, 'cp1').getByText('Charging').waitFor()
  await rowOf(page, 'cp1').getByRole('button', { name: 'One' }).click()
  const dialog = page.locator('dialog.charger')
  t.equal(await page.evaluate('location.hash'), '#/chargers/cp1')

  await dialog.getByText('What it wants').click()
  await dialog.getByLabel('or energy of the whole session').fill('55')
  await dialog.getByRole('button', { name: 'Save what is wanted' }).click()
  const rest = restClient(gateway.port)
  await eventually('the wish', async () => {
    const { body } = await rest.get<{ energy_kwh: number | null }[]>('/sessions/live')
    return body[0]?.energy_kwh === 55 || undefined
  })

  await dialog.getByRole('button', { name: 'Read it from the charger' }).click()
  await dialog.getByLabel('Find a key').fill('heartbeat')
  await dialog.getByLabel('HeartbeatInterval').fill('120')
  await dialog
    .getByRole('row', { name: /Heartbeat/ })
    .getByRole('button')
    .click()
  await page.locator('dialog.question').getByRole('button', { name: 'Change it' }).click()
  await page.getByText('HeartbeatInterval: Accepted').waitFor()

  await dialog.getByLabel('What', { exact: true }).selectOption('RemoteStopTransaction')
  await dialog.getByRole('button', { name: 'Stop charging' }).click()
  await page.locator('dialog.question').getByRole('button', { name: 'Cancel' }).click()
  t.ok(chargers.at('CP1').hasTransaction(1), 'nothing is sent without a yes')
  await dialog.getByRole('button', { name: 'Stop charging' }).click()
  await page.locator('dialog.question').getByRole('button', { name: 'Stop charging' }).click()
  await dialog.getByText('The charger answered: Accepted').waitFor()
  await eventually('the end', () => (chargers.at('CP1').hasTransaction(1) ? undefined : true))

  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  t.equal(await page.evaluate('location.hash'), '#/')
  t.same(complaints, [])
})
