/** The page: signs in where needed, follows the site, shows the view that the address names. */
import { createApi } from './api.js'
import type { App, Page } from './app.js'
import { chargerPage } from './charger-page.js'
import { askOperator, sayings } from './dialogs.js'
import { button, h, setAttr, setText, show } from './dom.js'
import { liveLink } from './live.js'
import { login } from './login.js'
import { overview } from './overview.js'
import { schedulePage } from './schedule-page.js'
import { setUpPage } from './set-up-page.js'
import { after, NOTHING_KNOWN } from './state.js'
import type { SiteState } from './state.js'
import { lasting } from './words.js'

/** Told each second: later than this it is no longer what is. */
const STALE_MS = 3_500
const LOOK_MS = 500

let state: SiteState = NOTHING_KNOWN
let heardMs: number | undefined
let lostWhy = ''
let isDrawn = true

const { element: saying, say } = sayings()
const api = createApi((why) => askForToken(why))
const app: App = {
  api,
  state: () => state,
  nowMs() {
    const at = Date.parse(state.site?.at ?? '')
    return Number.isNaN(at) ? Date.now() : at + (performance.now() - (heardMs ?? 0))
  },
  zone: () => state.site?.timezone ?? 'UTC',
  go(hash) {
    location.hash = hash
  },
  say,
  ask: askOperator,
}

const link = liveLink(api, {
  changed(event) {
    const isFirst = heardMs === undefined
    state = after(state, event)
    heardMs = performance.now()
    lostWhy = ''
    if (isFirst) route()
    draw()
  },
  lost(why) {
    lostWhy = why
    look()
  },
})

const signIn = login(api, () => {
  signIn.close()
  show(shell, true)
  link.start()
})

const home = overview(app)
const charger = chargerPage(app)
const schedule = schedulePage(app)
const setUp = setUpPage(app)
const PAGES = new Map<string, Page>([
  ['schedule', schedule],
  ['setup', setUp],
])

const siteName = h('span', { class: 'brand-site' })
const status = h('span', { class: 'link-state', attrs: { role: 'status' } })
const banner = h('div', { class: 'banner', attrs: { role: 'alert', hidden: true } })
const forget = button(
  'Sign out',
  () => {
    api.useToken(undefined)
    location.reload()
  },
  { class: 'button quiet small' },
)
const links = [
  { hash: '#/', label: 'Overview' },
  { hash: '#/schedule', label: 'Schedule' },
  { hash: '#/setup', label: 'Set up' },
].map(({ hash, label }) => h('a', { attrs: { href: hash } }, label))
const content = h('main', { id: 'content', attrs: { tabindex: -1 } })
const shell = h(
  'div',
  { class: 'shell' },
  h(
    'a',
    { class: 'skip', attrs: { href: '#content' }, on: { click: skip } },
    'Skip to the content',
  ),
  h(
    'header',
    { class: 'top' },
    h('h1', { class: 'brand' }, 'Yardmaster ', siteName),
    h('nav', { attrs: { 'aria-label': 'Views' } }, ...links),
    status,
    forget,
  ),
  banner,
  content,
)
document.body.replaceChildren(shell, signIn.element, saying)
signIn.close()

function skip(event: Event): void {
  event.preventDefault()
  content.focus()
}

function askForToken(why: string): void {
  link.stop()
  show(shell, false)
  // What another token showed is not for whoever signs in next.
  state = NOTHING_KNOWN
  heardMs = undefined
  content.replaceChildren()
  charger.close()
  const words = api.hasToken() ? 'The token was not accepted. ' : ''
  signIn.open(`${words}${why}`)
}

/** At most once a frame, however fast the events come. */
function draw(): void {
  if (!isDrawn) return
  isDrawn = false
  requestAnimationFrame(() => {
    isDrawn = true
    look()
    if (!state.site) return
    setText(siteName, state.site.name)
    if (document.title !== `${state.site.name} – Yardmaster`) {
      document.title = `${state.site.name} – Yardmaster`
    }
    show(forget, api.hasToken())
    current().update()
    charger.update()
  })
}

/** How old is what is shown? */
function look(): void {
  const ageMs = heardMs === undefined ? undefined : performance.now() - heardMs
  const isStale = ageMs === undefined ? lostWhy !== '' : ageMs > STALE_MS
  document.body.classList.toggle('stale', isStale)
  const age = ageMs === undefined ? '' : `last heard ${lasting(ageMs / 1000)} ago`
  setText(status, isStale ? age || 'no connection' : ageMs === undefined ? 'connecting' : 'live')
  setAttr(status, 'class', `link-state ${isStale ? 'tone-bad' : 'tone-good'}`)
  show(banner, isStale)
  if (!isStale) return
  const what = age === '' ? 'No connection to the controller.' : `This is old: ${age}.`
  const why = lostWhy === '' ? '' : ` (${lostWhy})`
  setText(
    banner,
    `${what} Trying again${why}. Chargers keep their limits, and those expire by themselves.`,
  )
}

function address(): readonly string[] {
  return location.hash
    .replace(/^#\/?/, '')
    .split('/')
    .filter((word) => word !== '')
    .map(decoded)
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

function current(): { readonly element: HTMLElement; update(): void } {
  return PAGES.get(address()[0] ?? '') ?? home
}

function route(): void {
  const [name = '', ...rest] = address()
  const page = PAGES.get(name)
  const { element } = page ?? home
  if (content.firstElementChild !== element || content.childElementCount !== 1) {
    content.replaceChildren(element)
  }
  links.forEach((one, index) => {
    const isHere = ['', 'schedule', 'setup'][index] === (page ? name : '')
    setAttr(one, 'aria-current', isHere ? 'page' : undefined)
  })
  page?.open(rest)
  if (name === 'chargers' && rest[0] !== undefined) charger.open(rest[0])
  else charger.close()
  draw()
}

addEventListener('hashchange', () => {
  if (state.site) route()
})
// A browser has few connections for a host: a tab that nobody sees needs none.
document.addEventListener('visibilitychange', () => {
  if (!signIn.element.hidden) return
  if (document.hidden) link.stop()
  else link.start()
})
addEventListener('online', () => {
  if (signIn.element.hidden) link.start()
})
setInterval(look, LOOK_MS)
look()
link.start()
