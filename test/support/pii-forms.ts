// How people write one item in many ways.
import type { Draw } from '#src/core/seed.ts'
import { pick, whole } from './pii-items.ts'

export type Form =
  | 'plain'
  | 'full-width'
  | 'zero-width'
  | 'dashes'
  | 'spaced'
  | 'line-break'
  | 'korean-words'
  | 'english-words'
  | 'arabic-digits'
  | 'json'
  | 'jamo'
  | 'joined'
  | 'dots'

interface Rewriting {
  rewriteItem(item: string): string
  rewriteAll(text: string): string
}

const WIDTHLESS = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\ufe0f']
const DASHES = ['\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212', '\uff0d', '\u00b7', '\u30fb', '\u3161']
const KOREAN = [...'공일이삼사오육칠팔구']
const ENGLISH = 'zero one two three four five six seven eight nine'.split(' ')

const same = (text: string): string => text
const each = (text: string, change: (unit: string) => string): string => [...text].map(change).join('')
const isDigit = (unit: string): boolean => unit >= '0' && unit <= '9'

export function formsOf(form: Form, draw: Draw): Rewriting {
  return {
    rewriteItem: itemForm(form, draw),
    rewriteAll: form === 'json' ? escaped : form === 'jamo' ? decomposed : same,
  }
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)
const decomposed = (text: string): string => text.normalize('NFD')

function itemForm(form: Form, draw: Draw): (item: string) => string {
  switch (form) {
    case 'plain':
      return same
    case 'json':
      return (item) =>
        each(item, (unit) => (draw() < 0.3 && isDigit(unit) ? `\\u00${unit.charCodeAt(0).toString(16)}` : unit))
    case 'jamo':
      return decomposed
    case 'full-width':
      return (item) =>
        each(item, (unit) =>
          unit > ' ' && unit <= '~' ? String.fromCharCode(unit.charCodeAt(0) + 0xfee0) : unit === ' ' ? '\u3000' : unit,
        )
    case 'zero-width':
      return (item) => {
        const at = whole(draw, 1, item.length - 1)
        return item.slice(0, at) + pick(draw, WIDTHLESS).repeat(whole(draw, 1, 3)) + item.slice(at)
      }
    case 'dashes': {
      const dash = pick(draw, DASHES)
      return (item) => item.replaceAll('-', dash)
    }
    case 'spaced': {
      const gap = pick(draw, [' ', ' - ', '- ', ' -', '\u00a0', '  -  '])
      return (item) => item.replaceAll('-', gap)
    }
    case 'line-break':
      return (item) => item.replace('-', pick(draw, ['\n-', '-\n', '\r\n-', ' -\n ']))
    case 'korean-words': {
      const dash = pick(draw, [' 다시 ', ' 하이픈 ', '다시', ' ', '에 ', '-'])
      const gap = draw() < 0.3 ? ' ' : ''
      return (item) =>
        item
          .split('-')
          .map((part) => [...part].map((unit) => KOREAN[Number(unit)]).join(gap))
          .join(dash)
    }
    case 'english-words': {
      const dash = pick(draw, [' dash ', ' hyphen ', ' - '])
      return (item) =>
        item
          .split('-')
          .map((part) => [...part].map((unit) => ENGLISH[Number(unit)]).join(' '))
          .join(dash)
    }
    case 'arabic-digits':
      return (item) => each(item, (unit) => (isDigit(unit) ? String.fromCharCode(0x660 + Number(unit)) : unit))
    case 'joined':
      return (item) => item.replaceAll('-', '')
    case 'dots':
      return (item) => item.replaceAll('-', '.')
  }
}
