/** A real browser without a window, as somebody at the depot has one. */
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { Scope } from '../process/yardmaster-process.js'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** Far more than anything here takes, so that a busy machine fails nothing. */
const PATIENCE_MS = 20_000

export interface TestPage {
  readonly page: Page
  /** What the page has complained of: errors, refused scripts and styles. */
  readonly complaints: readonly string[]
}

/** Fails where there is none: what a browser shows is proven in one or not at all. */
function browserPath(): string {
  const given = process.env['YARDMASTER_BROWSER']
  const found = [...(given === undefined ? [] : [given]), ...PATHS].find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new Error(
    `no browser at ${PATHS.join(', ')}: install chromium, or name one in YARDMASTER_BROWSER`,
  )
}

export async function openPage(
  t: Scope,
  url: string,
  options: BrowserContextOptions = {},
): Promise<TestPage> {
  const browser = await chromium.launch({ executablePath: browserPath(), args: FLAGS })
  t.teardown(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A gateway that is gone is part of some tests; the browser notes each attempt.
    const isNetwork = /Failed to load resource|net::ERR/.test(message.text())
    if (message.type() === 'error' && !isNetwork) complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}

/** The line of a connector on the overview. */
export function rowOf(page: Page, chargerId: string) {
  return page.locator(`.row[data-charger="${chargerId}"]`)
}

/** The card of a node on the overview. */
export function cardOf(page: Page, nodeId: string) {
  return page.locator(`.card[data-node="${nodeId}"]`)
}
