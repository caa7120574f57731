/** Asks for the token of the site. Nothing of the site is shown before it is right. */
import { ApiError } from './api.js'
import type { Api } from './api.js'
import { createForm } from './form.js'
import { h, setText, show } from './dom.js'

export interface Login {
  readonly element: HTMLElement
  open(why: string): void
  close(): void
}

export function login(api: Api, entered: () => void): Login {
  const why = h('p', { class: 'hint', attrs: { role: 'status' } })
  const form = createForm({
    fields: [
      {
        kind: 'secret',
        name: 'token',
        label: 'Access token',
        required: true,
        hint: 'Printed once, when the gateway was started for the first time.',
      },
    ],
    submit: 'Sign in',
    empties: 'omit',
    async done({ token }) {
      if (typeof token !== 'string') {
        const message = 'is missing'
        throw new ApiError(0, `The token ${message}`, [{ field: 'token', message }])
      }
      api.useToken(token)
      try {
        await api.get('/site')
      } catch (error) {
        api.useToken(undefined)
        if (!(error instanceof ApiError) || error.status !== 401) throw error
        const message = 'This is not the token of this site.'
        throw new ApiError(401, message, [{ field: 'token', message }])
      }
      form.put({})
      entered()
    },
  })
  const element = h('main', { class: 'login card' }, h('h1', {}, 'Yardmaster'), why, form.element)
  return {
    element,
    open(reason) {
      setText(why, reason)
      if (element.hidden || !element.isConnected) form.put({})
      show(element, true)
      form.element.querySelector('input')?.focus()
    },
    close: () => show(element, false),
  }
}
