// Sentences in Korean and English, half with an item in one of the written forms that docs/personal-data.md promises, half with what only looks like one.
import { createSeed, type Draw } from '#src/core/seed.ts'
import * as items from './pii-items.ts'
import { lookAlike } from './pii-look-alikes.ts'
import { formsOf, type Form } from './pii-forms.ts'

export interface Planted {
  readonly type: string
  readonly form: Form
  readonly start: number
  readonly end: number
}

export interface Sentence {
  readonly text: string
  /** What stands in it: nothing, one item, or two beside each other. */
  readonly planted: readonly Planted[]
}

interface Kind {
  readonly type: string
  readonly make: (draw: Draw) => string
  /** What an item that has no form of its own needs near it: Korean and English. */
  readonly words?: readonly [korean: readonly string[], english: readonly string[]]
  readonly forms: readonly Form[]
}

const NUMBER: readonly Form[] = [
  'plain',
  'full-width',
  'zero-width',
  'dashes',
  'spaced',
  'line-break',
  'korean-words',
  'english-words',
  'arabic-digits',
  'json',
  'jamo',
]
const SHORT: readonly Form[] = ['plain', 'full-width', 'zero-width', 'jamo', 'json']

const KINDS: readonly Kind[] = [
  { type: 'kr_rrn', make: (draw) => items.resident(draw), forms: [...NUMBER, 'joined'] },
  { type: 'kr_rrn', make: (draw) => items.resident(draw, true), forms: NUMBER },
  {
    type: 'kr_rrn',
    make: (draw) => items.resident(draw, true),
    forms: ['joined'],
    words: [
      ['주민등록번호', '주민번호', '주민 번호'],
      ['resident registration number', 'RRN'],
    ],
  },
  { type: 'kr_foreigner', make: (draw) => items.foreigner(draw, draw() < 0.5), forms: NUMBER },
  { type: 'kr_business', make: items.business, forms: NUMBER },
  {
    type: 'kr_business',
    make: items.business,
    forms: ['joined'],
    words: [
      ['사업자등록번호', '사업자번호'],
      ['business registration number', 'business no.'],
    ],
  },
  {
    type: 'kr_corporate',
    make: items.corporate,
    forms: NUMBER,
    words: [
      ['법인등록번호', '법인번호'],
      ['corporate registration no.', 'corporation no.'],
    ],
  },
  {
    type: 'kr_driver_licence',
    make: items.licence,
    forms: [...NUMBER, 'joined'],
    words: [
      ['운전면허번호', '면허 번호', '운전면허증'],
      ["driver's licence", 'driving license'],
    ],
  },
  {
    type: 'kr_passport',
    make: items.passport,
    forms: SHORT,
    words: [
      ['여권번호', '여권', '여권 번호'],
      ['passport', 'passport number'],
    ],
  },
  {
    type: 'kr_bank_account',
    make: items.account,
    forms: ['plain', 'full-width', 'zero-width', 'dashes', 'json', 'arabic-digits'],
    words: [
      ['계좌번호', '국민은행', '입금 계좌', '카카오뱅크', '농협'],
      ['bank account', 'account no.', 'deposit to'],
    ],
  },
  { type: 'kr_address', make: items.address, forms: SHORT },
  { type: 'phone', make: items.mobile, forms: [...NUMBER, 'joined', 'dots'] },
  {
    type: 'phone',
    make: items.landline,
    forms: ['plain', 'full-width', 'zero-width', 'dashes', 'spaced', 'dots', 'json'],
  },
  { type: 'phone', make: items.international, forms: ['plain', 'full-width', 'zero-width', 'json'] },
  { type: 'card', make: items.card, forms: [...NUMBER, 'joined'] },
  { type: 'email', make: items.email, forms: SHORT },
  { type: 'iban', make: items.iban, forms: SHORT },
  {
    type: 'us_ssn',
    make: items.socialSecurity,
    forms: ['plain', 'full-width', 'zero-width', 'dashes', 'line-break', 'english-words', 'json'],
  },
  {
    type: 'us_ssn',
    make: items.socialSecurity,
    forms: ['joined', 'spaced'],
    words: [
      ['SSN', 'social security'],
      ['SSN', 'social security number', "employee's ssn"],
    ],
  },
  { type: 'ip', make: items.ip, forms: SHORT },
  { type: 'api_key', make: items.apiKey, forms: SHORT },
]

const KOREAN_BEFORE = [
  '고객 정보를 확인해 주세요. ',
  '제 ',
  '홍길동 ',
  '신청서에 적은 것은 ',
  '어제 보내 주신 ',
  '담당자입니다. ',
  '아래 내용을 요약해 줘.\n',
  '',
]
const ENGLISH_BEFORE = [
  'Please check this: ',
  'My ',
  'The customer wrote ',
  'Summarise the following.\n',
  'For John Doe, ',
  '',
]
const KOREAN_BETWEEN = ['는 ', ': ', ' ', '은(는) ', ' = ']
const ENGLISH_BETWEEN = [': ', ' is ', ' ', ' # ']
const KOREAN_AFTER = [
  '입니다.',
  ' 입니다',
  '이에요. 감사합니다',
  '로 알고 있습니다.',
  '(확인 요망)',
  '',
  ' 확인 부탁드립니다.',
  '을 등록해 주세요',
  ', 맞나요?',
]
const ENGLISH_AFTER = [' please.', '.', ', thanks', '', ' (confirmed)', ' and nothing else.', '\nRegards']

/** Between two items: rows of tables, lists, lines. */
const BESIDE = [', ', ' / ', '\t', '\n', ',', ' | ', '; ', '","', '\n- ']

function plantedSentence(draw: Draw): Sentence {
  const kind = items.pick(draw, KINDS)
  const form = items.pick(draw, kind.forms)
  // Words of one language are read in that language's sentences.
  const korean = form === 'korean-words' || form === 'jamo' || (form !== 'english-words' && draw() < 0.6)
  const [befores, afters] = korean ? [KOREAN_BEFORE, KOREAN_AFTER] : [ENGLISH_BEFORE, ENGLISH_AFTER]
  const { rewriteItem, rewriteAll } = formsOf(form, draw)
  const front = rewriteAll(items.pick(draw, befores) + lead(kind, korean, draw))
  const item = rewriteItem(kind.make(draw))
  const first = { type: kind.type, form, start: front.length, end: front.length + item.length }
  if (draw() < 0.8) return { text: front + item + rewriteAll(items.pick(draw, afters)), planted: [first] }
  const other = items.pick(
    draw,
    KINDS.filter(({ forms }) => forms.includes('plain')),
  )
  const between = rewriteAll(items.pick(draw, BESIDE) + lead(other, korean, draw))
  const second = rewriteAll(other.make(draw))
  const start = first.end + between.length
  const text = front + item + between + second + rewriteAll(items.pick(draw, afters))
  return { text, planted: [first, { type: other.type, form: 'plain', start, end: start + second.length }] }
}

function lead({ words }: Kind, korean: boolean, draw: Draw): string {
  if (words === undefined) return ''
  return items.pick(draw, words[korean ? 0 : 1]) + items.pick(draw, korean ? KOREAN_BETWEEN : ENGLISH_BETWEEN)
}

function cleanSentence(draw: Draw): Sentence {
  const korean = draw() < 0.6
  const text = lookAlike(draw, korean)
  const [befores, afters] = korean ? [KOREAN_BEFORE, KOREAN_AFTER] : [ENGLISH_BEFORE, ENGLISH_AFTER]
  return { text: items.pick(draw, befores) + text + items.pick(draw, afters), planted: [] }
}

/** So many sentences of a seed, always the same. */
export function sentences(count: number, seed: string): readonly Sentence[] {
  const draw = createSeed(seed)
  return Array.from({ length: count }, () => (draw() < 0.5 ? plantedSentence(draw) : cleanSentence(draw)))
}
