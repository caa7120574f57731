/** Setting up: limits, chargers, id tags, vehicles, and whether the whole is safe. */
import { errorText } from './api.js'
import type { App, Page } from './app.js'
import { checkPanel } from './check-panel.js'
import { openDialog } from './dialogs.js'
import { button, h, setAttr, setText, show } from './dom.js'
import { createForm } from './form.js'
import type { Values } from './form.js'
import { pendingPanel } from './pending-panel.js'
import { KINDS } from './set-up-fields.js'
import type { Item, Kind } from './set-up-fields.js'
import type { Constraint } from './wire.js'

const CHECK = 'check'

export function setUpPage(app: App): Page {
  const check = checkPanel(app)
  const tabs = [
    ...KINDS.map(({ name, title }) => ({ name, title })),
    { name: CHECK, title: 'Check site' },
  ]
  const links = tabs.map(({ name, title }) =>
    h('a', { class: 'tab', attrs: { href: `#/setup/${name}`, 'data-tab': name } }, title),
  )
  const place = h('div')
  let asked = 0
  let known = app.state()

  const guarded = (what: Promise<void>): void => {
    what.catch((error: unknown) => app.say(errorText(error), 'bad'))
  }

  const list = async (kind: Kind): Promise<readonly Item[]> => {
    const items = await app.api.get<readonly Item[]>(`/${kind.name}`)
    return items.toSorted((a, b) =>
      kind.nameOf(a).localeCompare(kind.nameOf(b), 'en', { numeric: true }),
    )
  }

  const open = async (kind: Kind, wantedId: string | undefined): Promise<void> => {
    const mine = (asked += 1)
    // What was added a moment ago is there before the next second tells so.
    const [items, constraints] = await Promise.all([
      list(kind),
      app.api.get<readonly Constraint[]>('/constraints'),
    ])
    known = { ...app.state(), constraints: new Map(constraints.map((one) => [one.id, one])) }
    if (mine !== asked) return
    const waiting =
      kind.name === 'chargers'
        ? [await pendingPanel(app, known, () => guarded(open(kind, undefined)))]
        : []
    if (mine !== asked) return
    place.replaceChildren(...waiting, section(kind, items))
    const wanted = items.find((item) => kind.idOf(item) === wantedId)
    if (wanted) edit(kind, wanted)
  }

  const section = (kind: Kind, items: readonly Item[]): HTMLElement =>
    h(
      'section',
      { class: 'card' },
      h(
        'header',
        { class: 'card-head' },
        h('h2', {}, kind.title),
        button(`Add a ${kind.one}`, () => edit(kind, undefined), { class: 'button primary small' }),
      ),
      h('p', { class: 'hint' }, kind.about),
      items.length === 0 ? h('p', {}, 'There is none yet.') : table(kind, items),
    )

  const table = (kind: Kind, items: readonly Item[]): HTMLElement =>
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...[...kind.columns, ''].map((name) => h('th', { attrs: { scope: 'col' } }, name)),
          ),
        ),
        h(
          'tbody',
          {},
          ...items.map((item) => {
            const [name = '', ...cells] = kind.cells(item, known)
            return h(
              'tr',
              {},
              h('th', { attrs: { scope: 'row' } }, name),
              ...cells.map((cell) => h('td', {}, cell)),
              h(
                'td',
                {},
                button('Edit', () => edit(kind, item), {
                  class: 'button quiet small',
                  attrs: { 'aria-label': `Edit ${name}` },
                }),
              ),
            )
          }),
        ),
      ),
    )

  const edit = (kind: Kind, item: Item | undefined): void => {
    const id = item && kind.idOf(item)
    const path = `/${kind.name}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`
    const form = createForm({
      fields: kind.fields(() => known, id),
      submit: item ? 'Save' : `Add the ${kind.one}`,
      empties: 'null',
      async done(values) {
        await app.api.send(item ? 'PUT' : 'POST', path, item ? values : stated(values))
        dialog.close()
        app.say(item ? 'Saved. It is in force and on disk.' : 'Added.')
        await open(kind, undefined)
      },
      cancel: () => dialog.close(),
    })
    if (item) form.put(item)
    const remove = async (): Promise<void> => {
      if (!item) return
      const isSure = await app.ask({
        title: `Delete ${kind.nameOf(item)}?`,
        text: 'It cannot be undone.',
        yes: 'Delete',
      })
      if (!isSure) return
      await app.api.send('DELETE', path)
      dialog.close()
      app.say('Deleted.')
      await open(kind, undefined)
    }
    const title = item ? kind.nameOf(item) : `New ${kind.one}`
    const dialog = openDialog(title, [
      form.element,
      ...(item
        ? [
            button('Delete', () => void remove().catch(form.fail), {
              class: 'button danger small delete',
            }),
          ]
        : []),
    ])
    dialog.element.querySelector<HTMLElement>('form input, form select')?.focus()
  }

  const failed = h('p', { class: 'form-problem', attrs: { role: 'alert', hidden: true } })
  const element = h(
    'div',
    { class: 'view narrow' },
    h('nav', { class: 'tabs', attrs: { 'aria-label': 'What to set up' } }, ...links),
    failed,
    place,
  )

  return {
    element,
    open([tab = 'constraints', id]) {
      for (const link of links) {
        setAttr(link, 'aria-current', link.dataset['tab'] === tab ? 'page' : undefined)
      }
      show(failed, false)
      if (tab === CHECK) {
        asked += 1
        place.replaceChildren(check.element)
        guarded(check.look())
        return
      }
      const kind = KINDS.find(({ name }) => name === tab)
      if (!kind) {
        app.go('#/setup')
        return
      }
      open(kind, id).catch((error: unknown) => {
        place.replaceChildren()
        setText(failed, errorText(error))
        show(failed, true)
      })
    },
    update() {},
  }
}

/** What is empty is left out: a new object has nothing to clear. */
function stated(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}
