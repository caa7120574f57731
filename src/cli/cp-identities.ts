/** The ids of many charge points from one pattern: `CP_{001..100}`, or `CP_{001}` and a count. */

export type Identities =
  | { readonly ok: true; readonly identities: readonly string[] }
  | { readonly ok: false; readonly problem: string }

const MAX_COUNT = 5000

export function cpIdentities(pattern: string, count: number | undefined): Identities {
  if (pattern.trim() === '') return wrong('--charge-point-id must not be empty')
  const [all, before = '', from = '', to, after = ''] =
    /^([^{}]*)\{(\d+)(?:\.\.(\d+))?\}([^{}]*)$/.exec(pattern) ?? []
  if (all === undefined) {
    if (/[{}]/.test(pattern)) return wrong(`${pattern} is no pattern; write CP_{001..100}`)
    if (count === undefined || count === 1) return { ok: true, identities: [pattern] }
    return wrong(
      `--count ${count} needs a place for the number in the id, such as ${pattern}_{001}`,
    )
  }
  const first = Number(from)
  const most = to === undefined ? (count ?? 1) : Number(to) - first + 1
  const wanted = count ?? most
  if (most < 1) return wrong(`${pattern} ends before it begins`)
  if (wanted > most) return wrong(`${pattern} has ${most} ids, --count wants ${wanted}`)
  if (wanted > MAX_COUNT) return wrong(`at most ${MAX_COUNT} charge points in one process`)
  const identities = Array.from({ length: wanted }, (_, index) => {
    return `${before}${String(first + index).padStart(from.length, '0')}${after}`
  })
  return { ok: true, identities }
}

function wrong(problem: string): Identities {
  return { ok: false, problem }
}
