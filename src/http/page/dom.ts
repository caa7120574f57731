/** Making and changing elements. Text is only ever set as text, so no name can become markup. */

export type Child = Node | string | undefined | false

export interface Props {
  readonly class?: string
  readonly id?: string
  readonly title?: string
  readonly attrs?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly on?: {
    readonly click?: (event: Event) => void
    readonly input?: () => void
    readonly change?: () => void
  }
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  if (props.class !== undefined) element.className = props.class
  if (props.id !== undefined) element.id = props.id
  if (props.title !== undefined) element.title = props.title
  for (const [name, value] of Object.entries(props.attrs ?? {})) setAttr(element, name, value)
  const { click, input, change } = props.on ?? {}
  if (click) element.addEventListener('click', click)
  if (input) element.addEventListener('input', input)
  if (change) element.addEventListener('change', change)
  append(element, children)
  return element
}

export function svg(
  tag: string,
  attrs: Readonly<Record<string, string | number>> = {},
  ...children: readonly Child[]
): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, String(value))
  append(element, children)
  return element
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== undefined && child !== false) element.append(child)
  }
}

/** Writes only what is new: the browser lays out nothing for a row that stays as it is. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setAttr(
  element: Element,
  name: string,
  value: string | number | boolean | undefined,
): void {
  if (value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name)
    return
  }
  const text = value === true ? '' : String(value)
  if (element.getAttribute(name) !== text) element.setAttribute(name, text)
}

export function show(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown
}

export interface Row<Item> {
  readonly element: HTMLElement
  update(item: Item): void
}

/** Keeps one element for each key, in the order of the items; what stays in place is not moved. */
export function keyedList<Item>(
  parent: HTMLElement,
  keyOf: (item: Item) => string,
  create: (item: Item) => Row<Item>,
): (items: readonly Item[]) => void {
  const rows = new Map<string, Row<Item>>()
  return (items) => {
    const keys = new Set(items.map(keyOf))
    for (const [key, row] of rows) {
      if (keys.has(key)) continue
      row.element.remove()
      rows.delete(key)
    }
    let next = parent.firstElementChild
    for (const item of items) {
      const key = keyOf(item)
      let row = rows.get(key)
      if (!row) {
        row = create(item)
        rows.set(key, row)
      }
      row.update(item)
      if (row.element === next) next = next.nextElementSibling
      else parent.insertBefore(row.element, next)
    }
  }
}

export function button(
  label: string,
  press: () => void,
  more: { readonly class?: string; readonly attrs?: Props['attrs'] } = {},
): HTMLButtonElement {
  return h(
    'button',
    {
      class: more.class ?? 'button',
      attrs: { type: 'button', ...more.attrs },
      on: { click: press },
    },
    label,
  )
}
