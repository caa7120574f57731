/** What a form asks for: one line of a table each. */
export interface Option {
  readonly value: string
  readonly label: string
}

interface Common {
  /** As REST calls it. */
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly required?: boolean
}

export type Field = Common &
  (
    | { readonly kind: 'text' | 'secret'; readonly placeholder?: string }
    | { readonly kind: 'number'; readonly unit?: string; readonly whole?: boolean }
    /** One number for all phases, or three with commas between them. */
    | { readonly kind: 'phases'; readonly unit: string }
    | { readonly kind: 'time' | 'date' | 'datetime' | 'check' }
    | {
        readonly kind: 'choice'
        readonly options: readonly Option[] | (() => readonly Option[])
        /** The values are numbers. */
        readonly numbers?: boolean
        /** What to choose first. */
        readonly initial?: string
      }
    /** Several, as text between commas. */
    | { readonly kind: 'list'; readonly placeholder?: string }
    | { readonly kind: 'json'; readonly placeholder?: string }
    | { readonly kind: 'rows'; readonly columns: readonly Field[]; readonly add: string }
  )
