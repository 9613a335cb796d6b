// Personal data that is nobody's, by the forms and sums of the authorities. Written apart from the detector: nothing of src/core/pii is used.
import type { Draw } from '#src/core/seed.ts'

export const whole = (draw: Draw, least: number, most: number): number =>
  least + Math.floor(draw() * (most - least + 1))
export const pick = <T>(draw: Draw, list: readonly T[]): T => {
  const item = list[whole(draw, 0, list.length - 1)]
  if (item === undefined) throw new Error('an empty list')
  return item
}
export const digits = (draw: Draw, length: number): string => Array.from({ length }, () => whole(draw, 0, 9)).join('')
export const letters = (draw: Draw, length: number, of: string): string =>
  Array.from({ length }, () => pick(draw, [...of])).join('')
const two = (value: number): string => String(value).padStart(2, '0')

const HEX = '0123456789abcdef'
export const hex = (draw: Draw, length: number): string => letters(draw, length, HEX)
const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const birthday = (draw: Draw): string => two(whole(draw, 0, 99)) + two(whole(draw, 1, 12)) + two(whole(draw, 1, 28))

/** The last digit by the sum: the first twelve times 2 to 9 and 2 to 5, from 11 (residents) or 13 (foreigners), modulo 11. */
function sumDigit(twelve: string, base: number): number {
  let sum = 0
  ;[...twelve].forEach((digit, index) => (sum += Number(digit) * (index < 8 ? index + 2 : index - 6)))
  return (base - (sum % 11)) % 10
}

/** `from`: the century digits. A number since October 2020 has six random digits at its end, and a sum that does not hold. */
function person(draw: Draw, { century, base, recent }: { century: string; base: number; recent: boolean }): string {
  const first = birthday(draw)
  // Who was born in the 2000s was born by now.
  const front =
    first +
    pick(
      draw,
      [...century].filter((digit) => Number(first.slice(0, 2)) <= 25 || '1256'.includes(digit)),
    )
  const serial = digits(draw, 5)
  const held = sumDigit(front + serial, base)
  return `${front.slice(0, 6)}-${front.slice(6)}${serial}${recent ? (held + whole(draw, 1, 9)) % 10 : held}`
}

export const resident = (draw: Draw, recent = false): string => person(draw, { century: '1234', base: 11, recent })
export const foreigner = (draw: Draw, recent = false): string => person(draw, { century: '5678', base: 13, recent })

export function business(draw: Draw): string {
  const nine = `${whole(draw, 101, 899)}${two(whole(draw, 1, 99))}${digits(draw, 4)}`
  const key = [1, 3, 7, 1, 3, 7, 1, 3, 5]
  const products = key.map((factor, index) => factor * Number(nine[index]))
  const carry = Math.floor((5 * Number(nine[8])) / 10)
  const check = (10 - ((products.reduce((a, b) => a + b) + carry) % 10)) % 10
  return `${nine.slice(0, 3)}-${nine.slice(3, 5)}-${nine.slice(5)}${check}`
}

export function corporate(draw: Draw): string {
  const twelve = `${pick(draw, ['1101', '1301', '1601', '2841', '1801', '2001'])}11${pick(draw, ['0', '0', '0', '7'])}${digits(draw, 5)}`
  const sum = [...twelve].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 2), 0)
  return `${twelve.slice(0, 6)}-${twelve.slice(6)}${(10 - (sum % 10)) % 10}`
}

export const licence = (draw: Draw): string =>
  `${pick(draw, [...Array.from({ length: 16 }, (_, index) => index + 11), 28])}-${digits(draw, 2)}-${digits(draw, 6)}-${digits(draw, 2)}`

export const passport = (draw: Draw): string =>
  draw() < 0.5
    ? pick(draw, [...'MSROD']) + digits(draw, 8)
    : `${pick(draw, [...'MSROD'])}${digits(draw, 3)}${letters(draw, 1, 'ABCDEFGHJKLMNPRSTUVWXYZ')}${digits(draw, 4)}`

/** As the banks write them: KB, Shinhan, Woori, Hana, NongHyup, KakaoBank, IBK. */
export const account = (draw: Draw): string =>
  pick(draw, ['6-2-6', '3-3-6', '4-3-6', '3-6-5', '3-4-4-2', '4-2-7', '3-6-2-3', '14', '12', '11'])
    .split('-')
    .map(
      (length, index) =>
        (index === 0 ? String(whole(draw, 1, 9)) : '') + digits(draw, Number(length) - (index === 0 ? 1 : 0)),
    )
    .join('-')

export const mobile = (draw: Draw): string => `010-${whole(draw, 2000, 9999)}-${digits(draw, 4)}`
export const landline = (draw: Draw): string =>
  `${pick(draw, ['02', '031', '032', '042', '051', '053', '062', '064', '070'])}-${whole(draw, 200, 9999)}-${digits(draw, 4)}`
export const international = (draw: Draw): string =>
  pick(draw, [
    `+82-10-${whole(draw, 2000, 9999)}-${digits(draw, 4)}`,
    `+82 2 ${whole(draw, 300, 999)} ${digits(draw, 4)}`,
    `+1 ${whole(draw, 201, 989)} ${whole(draw, 201, 989)} ${digits(draw, 4)}`,
    `+44 20 7946 ${digits(draw, 4)}`,
    `+49 30 ${whole(draw, 100000, 999999)}`,
    `+81-90-${digits(draw, 4)}-${digits(draw, 4)}`,
    `+8613${digits(draw, 9)}`,
  ])

function luhnDigit(body: string): number {
  const doubled = [...body].reverse().map((digit, index) => Number(digit) * (index % 2 === 0 ? 2 : 1))
  return (10 - (doubled.reduce((sum, value) => sum + Math.floor(value / 10) + (value % 10), 0) % 10)) % 10
}

export function card(draw: Draw): string {
  const [prefix, length, groups] = pick(draw, [
    ['4', 16, [4, 4, 4, 4]],
    ['53', 16, [4, 4, 4, 4]],
    ['2305', 16, [4, 4, 4, 4]],
    ['37', 15, [4, 6, 5]],
    ['3530', 16, [4, 4, 4, 4]],
    ['6011', 16, [4, 4, 4, 4]],
    ['36', 14, [4, 6, 4]],
    ['625', 16, [4, 4, 4, 4]],
    ['9410', 16, [4, 4, 4, 4]],
  ] as const)
  const body = prefix + digits(draw, length - prefix.length - 1)
  const all = body + luhnDigit(body)
  let at = 0
  return groups.map((size) => all.slice(at, (at += size))).join('-')
}

export function iban(draw: Draw): string {
  const [country, body] = pick(draw, [
    ['DE', digits(draw, 18)],
    ['FR', digits(draw, 23)],
    ['GB', letters(draw, 4, 'ABCDEFGH') + digits(draw, 14)],
    ['NL', letters(draw, 4, 'ABCDEFGH') + digits(draw, 10)],
    ['CH', digits(draw, 17)],
  ] as const)
  const numeric = [...`${body}${country}00`]
    .map((unit) => (/\d/.test(unit) ? unit : String(unit.charCodeAt(0) - 55)))
    .join('')
  const whole = country + two(98 - Number(BigInt(numeric) % 97n)) + body
  return draw() < 0.5 ? whole : (whole.match(/.{1,4}/g) ?? []).join(' ')
}

export const socialSecurity = (draw: Draw): string =>
  `${String(pick(draw, [whole(draw, 1, 665), whole(draw, 667, 899)])).padStart(3, '0')}-${two(whole(draw, 1, 99))}-${String(whole(draw, 1, 9999)).padStart(4, '0')}`

export const ip = (draw: Draw): string =>
  draw() < 0.7
    ? [
        pick(draw, [10, 192, 172, 203, 8, 61, 121, 211]),
        whole(draw, 0, 255),
        whole(draw, 0, 255),
        whole(draw, 1, 254),
      ].join('.')
    : pick(draw, [
        `2001:db8:${hex(draw, 4)}::${hex(draw, 3)}`,
        Array.from({ length: 8 }, () => hex(draw, 4)).join(':'),
        `fe80::${hex(draw, 4)}:${hex(draw, 4)}`,
      ])

export const email = (draw: Draw): string =>
  `${pick(draw, ['hong.gildong', 'minsu', 'j.park+news', 'kim_yr', 'test-user'])}${whole(draw, 1, 999)}@${pick(draw, ['example.com', 'mail.example.co.kr', 'naver.com', 'seoul.go.kr', 'a-b.io'])}`

export const apiKey = (draw: Draw): string =>
  pick(draw, [
    `sk-${letters(draw, 24, BASE62)}${digits(draw, 3)}`,
    `sk-proj-${letters(draw, 40, BASE62)}${digits(draw, 2)}`,
    `sk-ant-api03-${letters(draw, 40, BASE62)}`,
    `AKIA${letters(draw, 16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    `ghp_${letters(draw, 35, BASE62)}7`,
    `github_pat_${letters(draw, 22, BASE62)}_${letters(draw, 58, BASE62)}1`,
    `xoxb-${digits(draw, 12)}-${digits(draw, 12)}-${letters(draw, 24, BASE62)}`,
    `AIza${letters(draw, 34, BASE62)}5`,
    `hf_${letters(draw, 33, BASE62)}4`,
    `glpat-${letters(draw, 19, BASE62)}3`,
    `sk_live_${letters(draw, 23, BASE62)}2`,
    `gsk_${letters(draw, 51, BASE62)}8`,
    `npm_${letters(draw, 35, BASE62)}6`,
    `eyJ${letters(draw, 20, BASE62)}.eyJ${letters(draw, 40, BASE62)}.${letters(draw, 43, BASE62)}`,
  ])

export const address = (draw: Draw): string => {
  const number = draw() < 0.3 ? `${whole(draw, 1, 999)}-${whole(draw, 1, 99)}` : String(whole(draw, 1, 999))
  const front = pick(draw, [
    '서울특별시 강남구 테헤란로',
    '서울 종로구 세종대로',
    '부산광역시 해운대구 센텀중앙로',
    '경기도 성남시 분당구 판교역로',
    '강남구 역삼동',
    '강원도 춘천시 중앙로',
    '대전 유성구 대학로',
    '전라남도 담양군 담양읍 죽향대로',
    '마포구 월드컵북로56길',
    '제주특별자치도 제주시 첨단로',
    '광주광역시 서구 상무중앙로',
    '중구 을지로3가',
    '경북 안동시 풍천면 도청대로',
  ])
  const rest = pick(draw, [
    '',
    '',
    ` ${whole(draw, 101, 120)}동 ${whole(draw, 101, 2405)}호`,
    `, ${whole(draw, 2, 20)}층`,
  ])
  return `${front} ${number}${rest}`
}
