/** Makes something wrong out of something right: of bytes, of lines, of JSON. */

/** What has broken programs before. */
const WEIRD = [
  null,
  true,
  '',
  ' ',
  0,
  -0,
  -1,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  0.1,
  'NaN',
  'Infinity',
  '-1',
  '1,5',
  '1e309',
  '0x10',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\ud800',
  '\u202e',
  '<img src=x onerror=alert(1)>',
  "'; DROP TABLE sessions; --",
  '../../etc/passwd',
  '%00%E0%A4%A',
  '2026-02-30T25:61:61Z',
  '0000-00-00T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '1969-12-31T23:59:59-99:99',
  [],
  {},
  [null],
  { __proto__: null },
]

/** Each is cheap to make and dear to a careless pattern or loop. */
const LONG = [
  (length) => 'a'.repeat(length),
  (length) => ' '.repeat(length),
  (length) => '0'.repeat(length),
  (length) => `${'a.'.repeat(length / 2)}!`,
  (length) => `${'-'.repeat(length)}x`,
  (length) => '\u{1F50C}'.repeat(length / 2),
  (length) => '9'.repeat(length),
  (length) => `${'1'.repeat(length)}Z`,
  (length) => '[]{}",:\\'.repeat(length / 8),
]

export function longText(random, most) {
  const length = 2 ** (4 + random.below(Math.log2(most) - 4))
  return random.pick(LONG)(length)
}

/** `pool`: values of fast-check, beside those that are known to be odd. */
export function weirdValue(random, pool) {
  const which = random.next()
  if (which < 0.5) return structuredClone(random.pick(WEIRD))
  if (which < 0.6) return longText(random, 65_536)
  if (which < 0.65) return nested(1 + random.below(40))
  if (which < 0.7)
    return Array.from({ length: random.below(300) }, () => structuredClone(random.pick(WEIRD)))
  if (which < 0.8) return (random.next() - 0.5) * 10 ** random.below(20)
  return structuredClone(random.pick(pool))
}

function nested(depth) {
  let value = 'deep'
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

/** The same with one or a few of its values, keys or items made wrong; never changes what it is given. */
export function mutateJson(value, random, pool) {
  let result = structuredClone(value)
  for (let times = 1 + random.below(3); times > 0; times--) result = once(result, random, pool)
  return result
}

function once(root, random, pool) {
  const places = []
  collect(root, places)
  if (places.length === 0) return weirdValue(random, pool)
  const [parent, key] = random.pick(places)
  const which = random.next()
  if (which < 0.5) set(parent, key, weirdValue(random, pool))
  else if (which < 0.65) remove(parent, key)
  else if (which < 0.75) {
    const [otherParent, otherKey] = random.pick(places)
    set(parent, key, structuredClone(otherParent[otherKey]))
  } else if (which < 0.85) rename(parent, key, random)
  else if (which < 0.95 && typeof parent[key] === 'string') {
    set(parent, key, mutateText(parent[key], random))
  } else if (Array.isArray(parent[key])) {
    const items = parent[key]
    for (let copies = random.below(50); copies > 0 && items.length > 0; copies--) {
      items.push(structuredClone(random.pick(items)))
    }
  } else return weirdValue(random, pool)
  return root
}

function collect(value, places) {
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    places.push([value, key])
    if (places.length < 500) collect(value[key], places)
  }
}

function set(parent, key, value) {
  Object.defineProperty(parent, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function remove(parent, key) {
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete parent[key]
}

function rename(parent, key, random) {
  if (Array.isArray(parent)) return
  const value = parent[key]
  delete parent[key]
  set(parent, random.pick(['__proto__', 'constructor', key.toUpperCase(), `${key} `, '']), value)
}

/** The same text with a few characters, pieces or lines made wrong. */
export function mutateText(text, random) {
  let result = text
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(result.length + 1)
    const length = random.below(Math.min(64, result.length + 1))
    const before = result.slice(0, at)
    const after = result.slice(at)
    switch (random.below(8)) {
      case 0:
        result = before + after.slice(length)
        break
      case 1:
        result =
          before + String.fromCharCode(random.below(random.chance(0.8) ? 128 : 65_536)) + after
        break
      case 2:
        result = before + String.fromCharCode(32 + random.below(95)) + after.slice(1)
        break
      case 3:
        result = before + after.slice(0, length).repeat(1 + random.below(20)) + after
        break
      case 4:
        result =
          before +
          random.pick([
            '"',
            '\\',
            '[',
            ']',
            '{',
            '}',
            ',',
            ':',
            '\n',
            '\r\n',
            '\t',
            '#',
            '%',
            '&',
            '*',
            '!',
            '|',
            '>',
            '-',
            '\u0000',
            '\ufeff',
          ]) +
          after
        break
      case 5:
        result = before
        break
      case 6:
        result =
          before +
          random.pick([
            '1e999',
            '-0',
            'null',
            'NaN',
            '[[[[[[',
            '{"a":',
            '%E0%A4%A',
            '../',
            '.inf',
            '!!js/function',
            '&a *a',
            '<<: *a',
          ]) +
          after
        break
      default:
        result =
          before + (random.chance(0.1) ? longText(random, 16_384) : after.slice(0, 8)) + after
    }
  }
  return result.slice(0, 400_000)
}

export function mutateBytes(bytes, random) {
  const result = Buffer.from(bytes)
  for (let times = 1 + random.below(6); times > 0 && result.length > 0; times--) {
    const at = random.below(result.length)
    result[at] = random.chance(0.5) ? random.below(256) : result[at] ^ (1 << random.below(8))
  }
  const cut = random.next()
  if (cut < 0.2) return result.subarray(0, random.below(result.length + 1))
  if (cut < 0.3) return Buffer.concat([result, result.subarray(random.below(result.length + 1))])
  return result
}
