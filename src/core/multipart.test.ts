import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FailureError } from './failure.ts'
import { findBytes } from './find-bytes.ts'
import { contentTypeOf, editForm, isForm, readForm, textOf, type Form } from './multipart.ts'

const encoder = new TextEncoder()
const latin1 = new TextDecoder('latin1')
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
const TYPE = 'multipart/form-data; boundary=XyZ'
const model = (value = 'alias'): string => `--XyZ\r\nContent-Disposition: form-data; name="model"\r\n\r\n${value}\r\n`
const read = (body: string, type = TYPE): Form => readForm(encoder.encode(body), type)

interface Field {
  readonly name: string
  readonly filename: string | undefined
  readonly value: Uint8Array
}

const NAME = fc.string({ unit: fc.constantFrom(...'abcXYZ_[]09.-'), minLength: 1, maxLength: 12 })
const BYTES = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  // What looks like the end of a part and is none.
  fc
    .array(fc.constantFrom('\r\n', '\r\n--', '--', '\r', '\n', '-', 'Xy', '--Xy', '\0'), { maxLength: 20 })
    .map((pieces) => bytesOf(pieces.join(''))),
)
const FIELD: fc.Arbitrary<Field> = fc.record({
  name: NAME,
  filename: fc.option(fc.constantFrom('a.wav', '말.mp3', 'a b;c.png', 'x\\y.ogg'), { nil: undefined }),
  value: BYTES,
})
const BOUNDARY = fc.constantFrom('XyZ', '----WebKitFormBoundary7MA4', "a'(b)+_,./:=?c", '--', 'with space x')

function write(fields: readonly Field[], boundary: string, ending = '\r\n'): Uint8Array {
  const pieces = fields.flatMap(({ name, filename, value }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: audio/wav`
    return [
      encoder.encode(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      value,
      encoder.encode('\r\n'),
    ]
  })
  return concat([...pieces, encoder.encode(`--${boundary}--${ending}`)])
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]))
}

const holds = (field: Field, boundary: string): boolean =>
  `${field.name}${latin1.decode(field.value)}`.includes(`--${boundary}`)

describe('a form', () => {
  test('whatever its parts are, each is found by its name and with its bytes', () => {
    fc.assert(
      fc.property(
        fc.array(FIELD, { maxLength: 12 }),
        BOUNDARY,
        fc.constantFrom('', '\r\n'),
        (all, boundary, ending) => {
          const fields = all.filter((field) => !holds(field, boundary))
          const bytes = write(fields, boundary, ending)
          const form = readForm(bytes, `Multipart/Form-Data ; Boundary="${boundary}"`)
          expect(form.boundary).toBe(boundary)
          expect(form.parts.map(({ name, filename }) => ({ name, filename }))).toEqual(
            fields.map(({ name, filename }) => ({ name, filename })),
          )
          for (const [index, part] of form.parts.entries()) {
            expect(bytes.subarray(part.start, part.end)).toEqual(fields[index]?.value)
          }
          expect(readForm(bytes, contentTypeOf(form)).parts).toEqual(form.parts)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('another value and one field less: every other byte is the same', () => {
    fc.assert(
      fc.property(fc.array(FIELD, { maxLength: 6 }), fc.nat(), fc.string(), (all, at, value) => {
        const others = all.filter((field) => !holds(field, 'XyZ') && field.name !== 'model' && field.name !== 'gone')
        const own = { name: 'model', filename: undefined, value: encoder.encode('alias') }
        const gone = { name: 'gone', filename: undefined, value: encoder.encode('x') }
        const place = at % (others.length + 1)
        const fields = [...others.slice(0, place), own, gone, ...others.slice(place)]
        const form = readForm(write(fields, 'XyZ'), TYPE)
        const edits = form.parts.flatMap(({ name, start, end, from, to }) => {
          if (name === 'model') return [{ start, end, text: value }]
          return name === 'gone' ? [{ start: from, end: to, text: '' }] : []
        })
        const named = { ...own, value: encoder.encode(value) }
        const due = [...others.slice(0, place), named, ...others.slice(place)]
        expect(editForm(form, edits.toReversed())).toEqual(write(due, 'XyZ'))
      }),
      { numRuns: 300 },
    )
  })

  test('texts are UTF-8, or a 400 that names the field', () => {
    const form = readForm(concat([encoder.encode(model('말')), encoder.encode('--XyZ--')]), TYPE)
    expect(form.parts.map((part) => textOf(form, part))).toEqual(['말'])
    const broken = readForm(bytesOf(`${model('\xff')}--XyZ--`), TYPE)
    expect(() => broken.parts.map((part) => textOf(broken, part))).toThrow('`model` is not UTF-8')
  })

  test('it is known by its type', () => {
    expect(['multipart/form-data; boundary=x', 'MULTIPART/FORM-DATA', 'multipart/form-data '].every(isForm)).toBe(true)
    expect(['multipart/form-datax', 'application/json', 'multipart/mixed; boundary=x', ''].some(isForm)).toBe(false)
  })

  test.each([
    ['no boundary', model() + '--XyZ--', 'multipart/form-data', 'no `boundary`'],
    ['two boundaries', model() + '--XyZ--', `${TYPE}; boundary=other`, 'no `boundary`'],
    ['two types', model() + '--XyZ--', `${TYPE}, ${TYPE}`, 'no `boundary`'],
    ['a boundary over 70', model() + '--XyZ--', `multipart/form-data; boundary=${'x'.repeat(71)}`, 'RFC 2046'],
    ['a boundary of other letters', model() + '--XyZ--', 'multipart/form-data; boundary="a\tb"', 'RFC 2046'],
    ['nothing', '', TYPE, 'does not begin'],
    ['something before it', `x\r\n${model()}--XyZ--`, TYPE, 'does not begin'],
    ['no end', model(), TYPE, 'closing boundary'],
    ['an end that is cut', `${model()}--XyZ-`, TYPE, 'closing boundary'],
    ['something behind it', `${model()}--XyZ--\r\nx`, TYPE, 'closing boundary'],
    ['a part behind it', `${model()}--XyZ--\r\n${model()}`, TYPE, 'closing boundary'],
    ['an end in the middle', `${model()}--XyZ--\r\n${model()}--XyZ--`, TYPE, 'boundary stands inside'],
    ['line feeds alone', `${model()}--XyZ--`.replaceAll('\r\n', '\n'), TYPE, 'boundary stands inside'],
    ['a hidden part', `${model('a\n--XyZ\nContent-Disposition: form-data; name="model"\n\nb')}--XyZ--`, TYPE, 'inside'],
    ['the boundary in a value', `${model('a--XyZ b')}--XyZ--`, TYPE, 'boundary stands inside'],
    ['padding behind a boundary', `--XyZ \r\n${model().slice(7)}--XyZ--`, TYPE, 'boundary stands inside'],
    ['no blank line', '--XyZ\r\nContent-Disposition: form-data; name="model"\r\n--XyZ--', TYPE, 'have no end'],
    ['no value', '--XyZ\r\nContent-Disposition: form-data; name="model"\r\n\r\n--XyZ--', TYPE, 'no value'],
    ['endless headers', `--XyZ\r\nX: ${'y'.repeat(9000)}\r\n\r\nv\r\n--XyZ--`, TYPE, '8192'],
    ['no disposition', '--XyZ\r\nContent-Type: text/plain\r\n\r\nv\r\n--XyZ--', TYPE, '`content-disposition`'],
    ['no headers', '--XyZ\r\n\r\n\r\nv\r\n--XyZ--', TYPE, '`content-disposition`'],
    [
      'a folded header',
      '--XyZ\r\nContent-Disposition: form-data;\r\n name="model"\r\n\r\nv\r\n--XyZ--',
      TYPE,
      'a line',
    ],
    ['a bare line feed', '--XyZ\r\nX: y\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n--XyZ--', TYPE, 'a line'],
    ['a bare return', '--XyZ\r\nContent-Disposition: form-data; name="a"\rX: y\r\n\r\nv\r\n--XyZ--', TYPE, 'a line'],
    [
      'an encoded part',
      `${model().replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n')}--XyZ--`,
      TYPE,
      'encoded',
    ],
    [
      'two dispositions',
      `${model().replace('\r\n\r\n', '\r\ncontent-disposition: form-data; name="b"\r\n\r\n')}--XyZ--`,
      TYPE,
      'more than once',
    ],
  ])('%s: 400', (_name, body, type, why) => {
    const refused = (): Form => read(body, type)
    expect(refused).toThrow(FailureError)
    expect(refused).toThrow(why)
  })

  test.each([
    'name="model"; name="b"',
    'name="mod\\"el"',
    'name="a\\"; name=\\"model"',
    'name="mo%64el"',
    'name="m\\odel"',
    'name="모델"',
    'name=""',
    'name=" model"',
    "name*=utf-8''model",
    'name="a"; name*=utf-8\'\'model',
    'name="a"; name*0="model"',
    'name*0=mo; name*1=del',
    'name="model',
    'name="model" x',
    'name=mo del',
    'filename="a"',
    'name="model"; filename="a\\"',
    '',
  ])('a name that could be read in two ways (%s): 400', (parameters) => {
    const head = `--XyZ\r\nContent-Disposition: form-data; ${parameters}\r\n\r\nv\r\n--XyZ--`
    expect(() => read(head)).toThrow('the form cannot be read')
  })

  test('plain spellings of other clients are read', () => {
    const form = read(
      `\r\n--XyZ\r\ncontent-type: text/plain\r\ncontent-length: 5\r\nCONTENT-DISPOSITION:form-data;name=model ;\r\n\r\nalias\r\n` +
        `--XyZ\r\nContent-Disposition: form-data; name="file"; filename="C:\\a b.wav"; filename*=utf-8''a%20b.wav\r\n` +
        'Content-Transfer-Encoding: binary\r\n\r\nRIFF\r\n--XyZ--\r\n',
    )
    expect(form.parts).toMatchObject([
      { name: 'model', contentType: 'text/plain' },
      { name: 'file', filename: 'C:\\a b.wav' },
    ])
    const [own] = form.parts
    expect(latin1.decode(form.bytes.subarray(own?.length?.start, own?.length?.end))).toBe('5')
  })

  test('64 parts, no more', () => {
    const part = (index: number): string => model().replace('"model"', `"f${index}"`)
    const parts = Array.from({ length: 65 }, (_, index) => part(index))
    expect(read(`${parts.slice(1).join('')}--XyZ--`).parts).toHaveLength(64)
    expect(() => read(`${parts.join('')}--XyZ--`)).toThrow('more than 64 parts')
  })

  test('it is found in linear time, whatever is in the file', () => {
    const dashes = '-'.repeat(60)
    const steps = (size: number): number => {
      const began = performance.now()
      findBytes(encoder.encode('-'.repeat(size)), encoder.encode(`${dashes}x`), 10)
      return performance.now() - began
    }
    steps(1_000_000)
    // A search that starts again at every byte takes sixty times as long.
    expect(steps(4_000_000)).toBeLessThan(2000)
  })
})

test('places of bytes are those that a search by hand finds', () => {
  const small = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(small, pattern, fc.integer({ min: 1, max: 9 }), (text, sought, limit) => {
      const due: number[] = []
      for (let at = text.indexOf(sought); at >= 0 && due.length < limit; at = text.indexOf(sought, at + sought.length))
        due.push(at)
      expect(findBytes(encoder.encode(text), encoder.encode(sought), limit)).toEqual(due)
    }),
    { numRuns: 500 },
  )
})
