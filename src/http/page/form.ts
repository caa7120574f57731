/** Forms out of tables: labels, hints, values, and what the gateway says against a field, at that field. */
import { ApiError, errorText } from './api.js'
import { button, h, setAttr, setText, show } from './dom.js'
import type { Field } from './field.js'

export type Values = Readonly<Record<string, unknown>>

export interface FormOptions {
  readonly fields: readonly Field[]
  readonly submit: string
  readonly danger?: boolean
  /** What becomes of a field that is left empty: `null` clears it. */
  readonly empties: 'null' | 'omit'
  /** What it throws is shown: at its field, or above the button. */
  readonly done: (values: Values) => Promise<void>
  readonly cancel?: () => void
}

export interface Form {
  readonly element: HTMLFormElement
  readonly put: (values: Values) => void
  readonly fail: (error: unknown) => void
}

export function createForm(options: FormOptions): Form {
  const controls = options.fields.map((field) => createControl(field, options.empties))
  const problem = h('p', { class: 'form-problem', attrs: { role: 'alert', hidden: true } })
  const submit = h(
    'button',
    {
      class: options.danger === true ? 'button danger' : 'button primary',
      attrs: { type: 'submit' },
    },
    options.submit,
  )
  const element = h(
    'form',
    { class: 'form', attrs: { novalidate: true } },
    ...controls.map((control) => control.element),
    problem,
    h(
      'div',
      { class: 'form-buttons' },
      submit,
      options.cancel && button('Cancel', options.cancel, { class: 'button quiet' }),
    ),
  )

  const clear = (): void => {
    show(problem, false)
    for (const control of controls) control.complain([], '')
  }

  const fail = (error: unknown): void => {
    const problems = error instanceof ApiError ? error.problems : []
    const left = problems.filter(({ field, message }) => {
      const control = controls.find(({ name }) => field === name || field.startsWith(`${name}.`))
      return !control?.complain(field.split('.').slice(1), message)
    })
    const isPlaced = problems.length > 0 && left.length === 0
    setText(problem, isPlaced ? 'Please look at the marked fields.' : errorText(error))
    show(problem, true)
    const first = element.querySelector('[aria-invalid="true"]')
    if (first instanceof HTMLElement) first.focus()
  }

  const send = async (): Promise<void> => {
    clear()
    submit.disabled = true
    try {
      const values: Record<string, unknown> = {}
      for (const control of controls) {
        const value = control.value()
        if (value !== undefined) values[control.name] = value
      }
      await options.done(values)
    } catch (error) {
      fail(error)
    } finally {
      submit.disabled = false
    }
  }

  element.addEventListener('submit', (event) => {
    event.preventDefault()
    send().catch(fail)
  })
  return {
    element,
    fail,
    put(values) {
      clear()
      for (const control of controls) control.put(values[control.name])
    },
  }
}

interface Control {
  readonly name: string
  readonly element: HTMLElement
  /** Undefined: left out. Throws an ApiError when it cannot be read. */
  value(): unknown
  put(value: unknown): void
  /** True: there is a place for it. `path`: below this field. An empty message takes it away. */
  complain(path: readonly string[], message: string): boolean
}

let lastId = 0

function createControl(field: Field, empties: FormOptions['empties']): Control {
  if (field.kind === 'rows') return rowsControl(field, empties)
  lastId += 1
  const id = `field-${lastId}`
  const input = inputOf(field, id)
  const error = h('p', { class: 'field-problem', id: `${id}-problem`, attrs: { hidden: true } })
  const hint =
    field.hint === undefined ? undefined : h('p', { class: 'hint', id: `${id}-hint` }, field.hint)
  if (hint) setAttr(input, 'aria-describedby', `${id}-hint`)
  setAttr(input, 'aria-required', field.required === true ? 'true' : undefined)
  const unit = 'unit' in field && field.unit !== undefined ? ` (${field.unit})` : ''
  const label = h(
    'label',
    { attrs: { for: id } },
    `${field.label}${unit}`,
    field.required === true &&
      h('span', { class: 'required', attrs: { 'aria-hidden': 'true' } }, ' *'),
  )
  const isCheck = field.kind === 'check'
  const parts = isCheck ? [h('div', { class: 'check' }, input, label)] : [label, input]
  const element = h(
    'div',
    { class: `field field-${field.kind}`, attrs: { 'data-field': field.name } },
    ...parts,
    hint,
    error,
  )
  return {
    name: field.name,
    element,
    value: () => read(field, input, empties),
    put: (value) => write(field, input, value),
    complain(_path, message) {
      setText(error, message)
      show(error, message !== '')
      setAttr(input, 'aria-invalid', message === '' ? undefined : 'true')
      const described = [hint && `${id}-hint`, message !== '' && `${id}-problem`].filter(Boolean)
      setAttr(input, 'aria-describedby', described.length > 0 ? described.join(' ') : undefined)
      return true
    },
  }
}

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement
type SingleField = Exclude<Field, { readonly kind: 'rows' }>

const INPUT_TYPES = {
  text: 'text',
  secret: 'password',
  list: 'text',
  number: 'text',
  phases: 'text',
  time: 'time',
  date: 'date',
  datetime: 'datetime-local',
  check: 'checkbox',
} as const

function inputOf(field: SingleField, id: string): Input {
  const { name } = field
  if (field.kind === 'choice') {
    const select = h('select', { id, attrs: { name } })
    fillOptions(select, field)
    return select
  }
  const placeholder = 'placeholder' in field ? field.placeholder : undefined
  if (field.kind === 'json') {
    return h('textarea', { id, attrs: { name, rows: 5, spellcheck: 'false', placeholder } })
  }
  return h('input', {
    id,
    attrs: {
      name,
      placeholder,
      type: INPUT_TYPES[field.kind],
      autocomplete: 'off',
      // A number is typed as text: what is no number is said by us, not swallowed by the browser.
      inputmode:
        field.kind === 'number' ? (field.whole === true ? 'numeric' : 'decimal') : undefined,
    },
  })
}

function fillOptions(select: HTMLSelectElement, field: Extract<Field, { kind: 'choice' }>): void {
  const options = typeof field.options === 'function' ? field.options() : field.options
  const empty = field.required === true ? [] : [{ value: '', label: '–' }]
  select.replaceChildren(
    ...[...empty, ...options].map(({ value, label }) => h('option', { attrs: { value } }, label)),
  )
  if (field.initial !== undefined) select.value = field.initial
}

function read(field: SingleField, input: Input, empties: FormOptions['empties']): unknown {
  if (field.kind === 'check') return input instanceof HTMLInputElement && input.checked
  const text = input.value.trim()
  if (text === '') return empties === 'null' ? (field.kind === 'list' ? [] : null) : undefined
  const wrong = (message: string): ApiError =>
    new ApiError(0, `${field.label} ${message}`, [{ field: field.name, message }])
  switch (field.kind) {
    case 'number':
      return numberOf(text, wrong)
    case 'phases': {
      const values = text.split(/[,;/]\s*|\s+/).map((part) => numberOf(part, wrong))
      return values.length === 1 ? values[0] : values
    }
    case 'choice':
      return field.numbers === true ? numberOf(text, wrong) : text
    case 'list':
      return text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
    case 'json':
      try {
        return JSON.parse(text)
      } catch (error) {
        throw wrong(`is not JSON: ${errorText(error)}`)
      }
    case 'datetime':
      // The input says local time; the browser knows its zone.
      return new Date(text).toISOString()
    case 'text':
    case 'secret':
    case 'time':
    case 'date':
      return text
  }
}

function numberOf(text: string, wrong: (message: string) => ApiError): number {
  const value = Number(text.replace(',', '.'))
  if (!Number.isFinite(value)) throw wrong(`must be a number, not "${text}"`)
  return value
}

function write(field: SingleField, input: Input, value: unknown): void {
  if (field.kind === 'choice' && input instanceof HTMLSelectElement) fillOptions(input, field)
  if (field.kind === 'check') {
    if (input instanceof HTMLInputElement) input.checked = value === true
    return
  }
  if (value === null || value === undefined) {
    if (field.kind !== 'choice') input.value = ''
    return
  }
  if (field.kind === 'json') input.value = JSON.stringify(value, null, 1)
  else if (Array.isArray(value)) input.value = value.join(', ')
  else if (field.kind === 'phases' && typeof value === 'object') input.value = phasesOf(value)
  else if (typeof value === 'string' || typeof value === 'number') {
    input.value = field.kind === 'datetime' ? localTime(String(value)) : String(value)
  }
}

function phasesOf(value: object): string {
  const values: readonly unknown[] = Object.values(value)
  return values.every((one) => one === values[0]) ? String(values[0]) : values.join(', ')
}

/** As an input of type datetime-local takes it. */
function localTime(iso: string): string {
  const at = new Date(iso)
  const two = (value: number): string => String(value).padStart(2, '0')
  return (
    `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}` +
    `T${two(at.getHours())}:${two(at.getMinutes())}`
  )
}

function rowsControl(
  field: Extract<Field, { kind: 'rows' }>,
  empties: FormOptions['empties'],
): Control {
  interface Line {
    readonly element: HTMLElement
    readonly controls: readonly Control[]
    /** What no column shows is sent back as it was. */
    readonly rest: Values
  }
  const lines: Line[] = []
  const list = h('div', { class: 'lines' })
  const error = h('p', { class: 'field-problem', attrs: { hidden: true } })
  const shown = new Set(field.columns.map(({ name }) => name))

  const add = (values: Values = {}): void => {
    const controls = field.columns.map((column) => createControl(column, empties))
    const remove = button(
      'Remove',
      () => {
        lines.splice(lines.indexOf(line), 1)
        line.element.remove()
      },
      { class: 'button quiet small' },
    )
    const line: Line = {
      controls,
      element: h('div', { class: 'line' }, ...controls.map((one) => one.element), remove),
      rest: Object.fromEntries(Object.entries(values).filter(([name]) => !shown.has(name))),
    }
    for (const control of controls) {
      if (control.name in values) control.put(values[control.name])
    }
    lines.push(line)
    list.append(line.element)
  }

  const element = h(
    'fieldset',
    { class: 'field field-rows', attrs: { 'data-field': field.name } },
    h('legend', {}, field.label),
    field.hint !== undefined && h('p', { class: 'hint' }, field.hint),
    list,
    error,
    button(field.add, () => add(), { class: 'button quiet small' }),
  )
  return {
    name: field.name,
    element,
    value: () =>
      lines.map(({ controls, rest }, index) => {
        const values: Record<string, unknown> = { ...rest }
        for (const control of controls) {
          const value = valueAt(control, `${field.name}.${index}`)
          // In a line an empty field is one that is not there.
          if (value !== undefined && value !== null) values[control.name] = value
        }
        return values
      }),
    put(value) {
      lines.length = 0
      list.replaceChildren()
      for (const one of Array.isArray(value) ? value : []) add(one)
    },
    complain([index, name, ...below], message) {
      setText(error, '')
      show(error, false)
      if (message === '') {
        for (const { controls } of lines) for (const control of controls) control.complain([], '')
        return true
      }
      const control = lines[Number(index)]?.controls.find((one) => one.name === name)
      if (control) return control.complain(below, message)
      setText(error, message)
      show(error, true)
      return true
    },
  }
}

function valueAt(control: Control, at: string): unknown {
  try {
    return control.value()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const problems = error.problems.map(({ field, message }) => ({
      field: `${at}.${field}`,
      message,
    }))
    throw new ApiError(error.status, error.message, problems)
  }
}
