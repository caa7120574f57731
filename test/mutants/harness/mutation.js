// A planted bug as a small file, and what it makes of the source it is for:
//
//   What it does wrong, in words
//
//   src/core/some-file.ts
//   - the line as it is
//   + the line as the mistake has it
//
// Lines are compared without their indentation and must be found exactly once, so a mutation outlives
// lines that move; one that does not fit its source any more is an error, never skipped.

export class MutationError extends Error {}

/** What the simulation runs of the controller: a mistake anywhere else would be one in its judge. */
const MUTABLE = /^src\/(?:controller\.ts$|(?:config|control|core|http|modbus|ocpp|telemetry)\/)/

/** `{ name, title, file, before, after }`; before and after are lines. */
export function parseMutation(name, text) {
  const [title = '', ...rest] = text.split('\n').map((line) => line.trim())
  const [file = '', ...changes] = rest.filter((line) => line !== '')
  const linesWith = (sign) =>
    changes.filter((line) => line.startsWith(sign)).map((line) => line.slice(1).trim())
  const before = linesWith('-')
  const after = linesWith('+')
  const isWhole = changes.every((line) => line.startsWith('-') || line.startsWith('+'))
  if (title === '' || before.length === 0 || !isWhole) {
    throw new MutationError(
      `${name}: is not a title, a file, and the lines before (-) and after (+): see mutation.js`,
    )
  }
  if (!MUTABLE.test(file)) {
    throw new MutationError(`${name}: "${file}" is not a source file of the controller`)
  }
  return { name, title, file, before, after }
}

export function mutated({ name, file, before, after }, source) {
  const lines = source.split('\n')
  const places = lines.flatMap((_, at) => (isAt(lines, at, before) ? [at] : []))
  const [place] = places
  if (place === undefined || places.length > 1) {
    throw new MutationError(
      `${name}: "${before.join(' ⏎ ')}" is ${places.length} times in ${file}, and must be there ` +
        'once: bring the mutation up to date with the source',
    )
  }
  return lines.toSpliced(place, before.length, ...after).join('\n')
}

function isAt(lines, at, wanted) {
  return wanted.every((line, offset) => lines[at + offset]?.trim() === line)
}
