/** The browser's own modal dialogs: they keep the focus, and Escape closes them. */
import type { App, Question } from './app.js'
import { button, h, show } from './dom.js'

/** Resolves when it is closed. */
export function openDialog(
  title: string,
  content: readonly (Node | string)[],
  more: { readonly class?: string } = {},
): { readonly element: HTMLDialogElement; close(): void; readonly closed: Promise<void> } {
  const element = h(
    'dialog',
    { class: `dialog ${more.class ?? ''}`, attrs: { 'aria-label': title } },
    h(
      'header',
      { class: 'dialog-head' },
      h('h2', {}, title),
      button('Close', () => element.close(), { class: 'button quiet small' }),
    ),
    ...content,
  )
  const closed = new Promise<void>((resolve) => {
    element.addEventListener('close', () => {
      element.remove()
      resolve()
    })
  })
  document.body.append(element)
  element.showModal()
  return { element, close: () => element.close(), closed }
}

export async function askOperator({ title, text, yes }: Question): Promise<boolean> {
  let isSure = false
  const agree = button(
    yes,
    () => {
      isSure = true
      dialog.close()
    },
    { class: 'button danger' },
  )
  const dialog = openDialog(
    title,
    [
      h('p', {}, text),
      h(
        'div',
        { class: 'form-buttons' },
        agree,
        button('Cancel', () => dialog.close(), { class: 'button quiet' }),
      ),
    ],
    { class: 'question' },
  )
  await dialog.closed
  return isSure
}

/** A line at the bottom that goes away by itself. */
export function sayings(): { readonly element: HTMLElement; readonly say: App['say'] } {
  const element = h('div', { class: 'saying', attrs: { role: 'status', hidden: true } })
  let timer: number | undefined
  return {
    element,
    say(text, tone = 'good') {
      clearTimeout(timer)
      element.textContent = text
      element.className = `saying tone-${tone}`
      // Above an open dialog, or nobody sees it.
      const dialogs = document.querySelectorAll('dialog[open]')
      const top = dialogs[dialogs.length - 1] ?? document.body
      top.append(element)
      show(element, true)
      timer = setTimeout(() => show(element, false), 6_000)
    },
  }
}
