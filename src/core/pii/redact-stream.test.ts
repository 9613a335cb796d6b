import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSeed } from '#src/core/seed.ts'
import { sentences } from '../../../test/support/pii-sentences.ts'
import { findPii } from './find.ts'
import { end, HELD, push, start, type Redaction } from './redact-stream.ts'

const MARKED: Redaction = { replace: (type) => `<${type}>` }

function streamed(chunks: readonly string[], redaction = MARKED): { readonly out: string; readonly held: number } {
  let [state, all, held] = [start(redaction), '', 0]
  for (const chunk of chunks) {
    const next = push(state, chunk)
    state = next.state
    all += next.out
    held = Math.max(held, state.held.length)
  }
  return { out: all + end(state), held }
}

function whole(text: string): string {
  let [out, from] = ['', 0]
  for (const { type, start, end } of findPii(text)) {
    out += `${text.slice(from, start)}<${type}>`
    from = end
  }
  return out + text.slice(from)
}

function cutInto(text: string, most: number, seed: string): readonly string[] {
  const draw = createSeed(seed)
  const chunks: string[] = []
  for (let at = 0; at < text.length;) {
    const next = at + 1 + Math.floor(draw() * most)
    chunks.push(text.slice(at, next))
    at = next
  }
  return chunks
}

describe('however a text is cut', () => {
  const pieces = sentences(900, 'streams').map(({ text }) => text)
  const anyText = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 25 }).map((list) => list.join('\n\n'))

  it('what comes out is the whole text with its items replaced', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(1, 4, 30, 300, 2000), fc.string(), (text, most, seed) => {
        expect(streamed(cutInto(text, most, seed)).out).toBe(whole(text))
      }),
      { numRuns: 150 },
    )
  })

  it('no canary comes out, at every one cut', () => {
    const canaries = [
      '900101-1234567',
      '공일공 일이삼사 오육칠팔',
      'hong@example.com',
      '4111 1111 1111 1111',
      `sk-${'a1'.repeat(60)}`,
    ]
    for (const canary of canaries) {
      const text = `${'가나다라 '.repeat(60)}${canary}${' 그리고 나머지'.repeat(60)}`
      expect(findPii(text)).toHaveLength(1)
      for (let cut = 0; cut <= text.length; cut++)
        expect(streamed([text.slice(0, cut), text.slice(cut)]).out).toBe(text.replace(canary, whole(canary)))
    }
  })
})

it('a word that was passed on before still says what a number is', () => {
  const text = `${'x '.repeat(300)}여권번호 M12345678${' y'.repeat(300)}`
  expect(streamed(cutInto(text, 3, 'words')).out).toContain('여권번호 <kr_passport> y')
})

it('holds back no more than its bound while nothing is found', () => {
  expect(streamed(cutInto('가나다 abc '.repeat(500), 20, 'bound')).held).toBeLessThanOrEqual(HELD)
})

it('a long token is held back whole, one that is longer than is ever held is left out to its end', () => {
  const token = (length: number): string => `eyJ${'a1'.repeat(20)}.eyJ${'b2'.repeat(length / 2)}.c`
  const long = token(2000)
  expect(streamed(cutInto(`a ${long} b ${'c '.repeat(200)}`, 5, 'long')).out).toBe(`a <api_key> b ${'c '.repeat(200)}`)
  const { out, held } = streamed(cutInto(`a ${token(10_000)} b`, 50, 'longer'))
  expect(out).toBe('a <api_key> b')
  expect(held).toBeLessThanOrEqual(4096 + 50)
})

it('what is known too late repeats nothing', () => {
  const late = `${'x '.repeat(100)}${'a'.repeat(60)}@${'b'.repeat(245)}.com and more`
  const { out } = streamed(cutInto(late, 5, 'late'))
  expect(late.startsWith(out.slice(0, out.indexOf('<')))).toBe(true)
  expect(out.endsWith('<email> and more')).toBe(true)
})

it('parts no surrogate pair', () => {
  let state = start(MARKED)
  for (const chunk of cutInto('😀'.repeat(400), 7, 'pairs')) {
    const next = push(state, chunk)
    state = next.state
    expect(next.out.isWellFormed()).toBe(true)
  }
})

it('replaces by what it is told, of the types that it is told', () => {
  const redaction: Redaction = { types: new Set(['email']), replace: (type, original) => `${type}:${original.length}` }
  expect(streamed(['a@b.io and 010-1234', '-5678'], redaction).out).toBe('email:6 and 010-1234-5678')
})

it('a state is a value: it may be gone on from twice', () => {
  const { state } = push(start(MARKED), 'hong@exam')
  expect(end(push(state, 'ple.com').state)).toBe('<email>')
  expect(end(push(state, 'ple').state)).toBe('hong@example')
})
