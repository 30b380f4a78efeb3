import t from 'tap'
import type { KeyFact } from '../../generator/catalogue/keys.ts'
import { passedValue } from '../../generator/answers/passed-value.ts'

const fact = (rest: Partial<KeyFact>) => ({ name: 'k', secret: false, ...rest }) as KeyFact
const read = (rest: Partial<KeyFact>, text: string) => {
  const result = passedValue(fact(rest), text)
  return 'value' in result ? result.value : `${result.fault.message}${result.fault.hint ? `; ${result.fault.hint}` : ''}`
}

for (const [rest, text, want] of [
  [{ type: 'boolean' }, 'true', true],
  [{ type: 'boolean' }, 'false', false],
  [{ type: 'boolean' }, 'off', 'expects true or false, found "off"; did you mean false?'],
  [{ type: 'boolean' }, 'x', 'expects true or false, found "x"'],
  [{ type: 'integer', range: [0, 65535] }, '0', 0],
  [{ type: 'integer', range: [0, 65535] }, '65536', 'expects a whole number from 0 to 65535, found "65536"'],
  [{ type: 'integer', range: [0, 65535] }, '1,000', 'expects a whole number, found "1,000"; did you mean 1000?'],
  [{ type: 'integer', range: [0, 65535] }, '0x10', 'expects a whole number, found "0x10"'],
  [{ type: 'integer' }, '9007199254740993', 9007199254740993n],
  [{ type: 'integer' }, '9223372036854775807', 9223372036854775807n],
  [{ type: 'integer' }, '9'.repeat(5000), 'expects a whole number from 0 to 9223372036854775807, found [5000 characters hidden]'],
  [{ type: 'float' }, '0.25', 0.25],
  [{ type: 'float' }, '1', 1],
  [{ type: 'float' }, '1e-7', 'expects a number like 0.1, found "1e-7"'],
  [{ type: 'float' }, '0.00000001', 'expects a number like 0.1, found "0.00000001"'],
  [{ type: 'string' }, 'any "thing" {{x}}', 'any "thing" {{x}}'],
  [{ type: 'string' }, 'a\nb', 'holds a line end, and no answer may; close the quote on the same line; in double quotes, \\n is a line end'],
  [{ type: 'string', values: ['one', 'two'] }, 'two', 'two'],
  [{ type: 'string', values: ['one', 'two', 'three'] }, 'Three', 'expects one, two or three, found "Three"; did you mean three?'],
  [{ type: 'string[]' }, ' a, b ,,c', ['a', 'b', 'c']],
] as const) t.strictSame(read(rest as Partial<KeyFact>, text), want, `${rest.type} ${text.slice(0, 20)}`)
