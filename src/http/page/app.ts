/** What the views share: the gateway, what is known of the site, and the way to another view. */
import type { Api } from './api.js'
import type { SiteState } from './state.js'

export interface App {
  readonly api: Api
  readonly state: () => SiteState
  /** By the clock of the gateway, ms. */
  readonly nowMs: () => number
  /** IANA, of the site. */
  readonly zone: () => string
  /** To another view, such as `#/schedule`. */
  readonly go: (hash: string) => void
  /** Says something for a few seconds. */
  readonly say: (text: string, tone?: 'good' | 'bad') => void
  /** Resolves with true when the operator agrees. */
  readonly ask: (question: Question) => Promise<boolean>
}

export interface Question {
  readonly title: string
  readonly text: string
  /** What the button says that does it. */
  readonly yes: string
}

export interface View {
  readonly element: HTMLElement
  /** The site has changed. */
  readonly update: () => void
}

/** A view with an address of its own. */
export interface Page extends View {
  /** `rest`: what stands behind the name of the view in the address. */
  readonly open: (rest: readonly string[]) => void
}
