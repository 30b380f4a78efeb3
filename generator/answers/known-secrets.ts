/** Finds a secret that is known in a text, in every notation that could give it away. */

/** `what` names it for a message, as an answer or a file. */
export interface KnownSecret {
  readonly what: string
  readonly value: string
}

/** A shorter secret occurs by chance; it is not searched for. From `leastPart` on it is found inside of other words too. */
const leastSearched = 8
const leastPart = 12

/** Where in the text the secret begins, for each of its notations that is found; empty where there is none. */
export function findKnown(text: string, { value }: KnownSecret): readonly number[] {
  if (value.length < leastSearched) return []
  const pem = /-----BEGIN/.test(value)
  // The first line of every key of OpenSSH is the same; that of another may be its only one.
  const literal = pem ? value.split('\n').slice(value.includes('OPENSSH') ? 2 : 1, -1).filter((line) => line.length >= leastPart) : [value, encodeURIComponent(value)]
  return [
    ...literal.flatMap((form) => places(text, form, value.length >= leastPart || pem)),
    ...(pem ? [] : [...grouped(text, value), ...encoded(text, value)]),
  ]
}

function places(text: string, form: string, inWords: boolean): number[] {
  const found: number[] = []
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    if (inWords || !/\w/.test(`${text[at - 1] ?? ''}${text[at + form.length] ?? ''}`)) found.push(at)
  }
  return found
}

/** A key or a mnemonic without what separates groups and words, and without case: how people write them down. */
function grouped(text: string, value: string): number[] {
  const digits = /^([0-9a-f]{64})(01)?$/i.exec(value)?.[1]
  const mnemonic = /^[a-z]+( [a-z]+){11,}$/.test(value)
  if (!digits && !mnemonic) return []
  const core = (digits ?? value.replaceAll(' ', '')).toLowerCase()
  const kept: number[] = []
  let squeezed = ''
  const pattern = digits ? /(?:(?<![0-9a-z])0x)?([0-9a-z]+)/gi : /[a-z]+/gi
  for (const { index, 0: all, 1: rest = all } of text.matchAll(pattern)) {
    const from = index + all.length - rest.length
    for (let at = 0; at < rest.length; at += 1) kept.push(from + at)
    squeezed += rest.toLowerCase()
  }
  return places(squeezed, core, true).map((at) => kept[at]!)
}

/** As base64 and as hexadecimal digits, both of the text and of a key's own bytes. */
function encoded(text: string, value: string): number[] {
  const digits = /^([0-9a-f]{64})(01)?$/i.exec(value)?.[1]
  const forms = [Buffer.from(value), ...(digits ? [Buffer.from(digits.toUpperCase()), Buffer.from(digits.toLowerCase()), Buffer.from(digits, 'hex')] : [])]
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  return [
    ...forms.flatMap((bytes) => [0, 1, 2].map((shift) => base64Core(bytes, shift))).flatMap((core) => places(standard, core, true)),
    ...places(text.toLowerCase(), Buffer.from(value).toString('hex'), true),
  ]
}

/** The characters of base64 that depend on these bytes alone, where so many bytes of another text stand before them. */
function base64Core(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '')
  const whole = (shift + bytes.length) % 3 === 0
  return text.slice(Math.ceil((shift * 4) / 3), whole ? undefined : -1)
}
