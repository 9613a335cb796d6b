import { describe, expect, it } from 'vitest'
import { originalOffset, viewOf } from './view.ts'

/** The part of the original that stands for a part of the view. */
function originalOf(text: string, part: string): string {
  const view = viewOf(text)
  const at = view.text.indexOf(part)
  return text.slice(originalOffset(view, at), originalOffset(view, at + part.length))
}

describe('viewOf', () => {
  it.each(['', 'plain text, 12-34', '한국어 문장 12-34', '“quoted” 漢字'])(
    'is the text itself where there is nothing to change: %s',
    (text) => {
      expect(viewOf(text)).toEqual({ text })
    },
  )

  it.each([
    ['０１０－１２', '010-12'],
    ['ａ．ｂ＠ｃ', 'a.b@c'],
    ['٠١٢۳४', '01234'],
    ['𝟎𝟙𝟚𝟯𝟺', '01234'],
    ['1\u20102\u20133\u20144\u22125\u00b76\u30fb7\u31618', '1-2-3-4-5-6-7-8'],
    ['1\u200b2\u200d\ufeff3\u00ad4\ufe0f\u20e35', '12345'],
    ['1\u00a02\u30003', '1 2 3'],
    ['\\u0030\\n1\\-2', '0\n1-2'],
    ['주민'.normalize('NFD'), '주민'],
    ['각힣'.normalize('NFD'), '각힣'],
  ])('%j reads %j', (text, seen) => {
    expect(viewOf(text).text).toBe(seen)
  })

  it('leaves what begins like an escape or a pair and is none', () => {
    for (const text of ['\\', '\\u00', '\\u00zz', '\\x', '\ud835', '\ud835a', '\udb40', '\u1100', '\u1100a'])
      expect(viewOf(text).text).toBe(text)
  })

  it('knows where each unit stood', () => {
    expect(originalOf('a ０\u200b１ b', '01')).toBe('０\u200b１')
    expect(originalOf('𝟎𝟙-x', '01')).toBe('𝟎𝟙')
    expect(originalOf('x \\u0030\\u0031 y', '01')).toBe('\\u0030\\u0031')
  })
})

describe('numbers in words', () => {
  it.each([
    ['공일공 일이삼사 오육칠팔', '01012345678'],
    ['공일공 다시 일이삼사 하이픈 오육칠팔', '010-1234-5678'],
    ['공일공에 일이삼사에 오육칠팔이에요', '010-1234-5678이에요'],
    ['공일공일이삼사오육칠팔이 제 번호', '01012345678이 제 번호'],
    ['010-1234-오육칠팔', '010-1234-5678'],
    ['nine zero zero one zero one dash one two three', '900101-123'],
    ['Oh One Oh, one two three four, five six seven eight', '01012345678'],
  ])('%s reads %s', (text, seen) => {
    expect(viewOf(text).text).toBe(seen)
  })

  it.each([
    '사람이 010-1234-5678이고',
    '일이 구이 사이',
    '이 사람이 일을 하고 오 년 구 개월',
    '오이 이십 개',
    'one or two of the seven',
    'one two three four',
    'someone two three four five six seven eight nine',
  ])('%s stays', (text) => {
    expect(viewOf(text).text).toBe(text)
  })

  it('knows where they stood', () => {
    expect(originalOf('전화 공일공 일이삼사 오육칠팔 끝', '01012345678')).toBe('공일공 일이삼사 오육칠팔')
  })
})
