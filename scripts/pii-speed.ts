// How long the finder of personal data takes for a million UTF-16 units of each kind of text: node scripts/pii-speed.ts
import { findPii } from '#src/core/pii/find.ts'

const UNITS = 1_000_000
const ROUNDS = 9

const KOREAN =
  '오늘 회의에서는 이번 분기의 매출과 일정에 대하여 이야기하였다. 사람들이 일을 나누어 맡았고, 계획은 다음 주에 다시 정하기로 했다. '
const ENGLISH =
  'One of the two teams wrote a longer letter to the other, and then seven of them went on to talk about it in the office. '
const NUMBERS = '주문 20240105-123456, 가격 1,234,000원, 2024-01-05 12:34:56, 010-1234-5678, hong@example.com. '

const TEXTS: Readonly<Record<string, string>> = {
  'English prose, ASCII': ENGLISH,
  'Korean prose': KOREAN,
  'Korean and English with numbers': KOREAN + ENGLISH + NUMBERS,
  'numbers only': NUMBERS,
  'JSON with escapes': '{"id": 12345, "text": "first\\nsecond", "at": 1712345678901}, ',
  '1-1-1-1…': '1-',
  'all digits': '7',
  'all @': '@',
  'all zero-width': '\u200b',
  'all digits in words': '일',
  'a telephone after the other': '010-1234-5678 ',
  'a card after the other': '4111 1111 1111 1111 ',
}

for (const [name, piece] of Object.entries(TEXTS)) {
  // Joined anew: a text of one piece, as it comes from a parser.
  const text = Array.from(piece.repeat(Math.ceil(UNITS / piece.length)).slice(0, UNITS)).join('')
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    findPii(text)
    return performance.now() - start
  }).sort((one, other) => one - other)
  console.log(
    `${name.padEnd(34)} ${(times[0] ?? 0).toFixed(0).padStart(5)} ms at best, median ${(times[ROUNDS >> 1] ?? 0).toFixed(0)}`,
  )
}
