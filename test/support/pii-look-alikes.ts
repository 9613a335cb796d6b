// What looks like personal data and is none.
import type { Draw } from '#src/core/seed.ts'
import { digits, hex, letters, pick, whole } from './pii-items.ts'

type Maker = (draw: Draw) => string
const two = (value: number): string => String(value).padStart(2, '0')

function barcode(twelve: string): string {
  const sum = [...twelve].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0)
  return twelve + ((10 - (sum % 10)) % 10)
}

const date: Maker = (draw) => `${whole(draw, 1990, 2027)}-${two(whole(draw, 1, 12))}-${two(whole(draw, 1, 28))}`
const time: Maker = (draw) => `${two(whole(draw, 0, 23))}:${two(whole(draw, 0, 59))}:${two(whole(draw, 0, 59))}`
const CAPITALS = 'ABCDEFGHJKLMNPQRSTUVWXYZ'

/** Each with a Korean and an English word before it. */
const LOOK_ALIKES: readonly (readonly [korean: string, english: string, make: Maker])[] = [
  ['주문번호 ', 'order ', (draw) => `${date(draw).replaceAll('-', '')}${digits(draw, whole(draw, 4, 8))}`],
  ['주문번호 ', 'order no. ', (draw) => `${date(draw).replaceAll('-', '')}-${digits(draw, 7)}`],
  ['주문 ', 'order id ', (draw) => digits(draw, whole(draw, 8, 12))],
  ['결제 승인 ', 'transaction ', (draw) => digits(draw, 16)],
  ['ISBN ', 'ISBN ', (draw) => barcode(`978${digits(draw, 9)}`)],
  ['도서 ', 'the book ', (draw) => `979-11-${digits(draw, 5)}-${digits(draw, 2)}-${digits(draw, 1)}`],
  ['바코드 ', 'barcode ', (draw) => barcode(`880${digits(draw, 9)}`)],
  ['상품 코드 ', 'product ', (draw) => barcode(pick(draw, ['471', '490', '400', '690', '501']) + digits(draw, 9))],
  ['타임스탬프 ', 'timestamp ', (draw) => `1${whole(draw, 500_000_000_000, 799_999_999_999)}`],
  ['시각 ', 'at ', (draw) => `1${whole(draw, 500_000_000, 799_999_999)}`],
  ['일시 ', 'on ', (draw) => `${date(draw)}T${time(draw)}.${digits(draw, 3)}Z`],
  ['날짜는 ', 'from ', (draw) => `${date(draw)} ~ ${date(draw)}`],
  ['기록 ', 'log ', (draw) => `${date(draw).replaceAll('-', '')}${time(draw).replaceAll(':', '')}`],
  ['버전 ', 'version ', (draw) => `${whole(draw, 1, 30)}.${whole(draw, 0, 40)}.${whole(draw, 0, 99)}`],
  [
    '버전 ',
    'release ',
    (draw) => `${whole(draw, 1, 30)}.${whole(draw, 0, 40)}.${whole(draw, 0, 99)}.${whole(draw, 0, 200)}`,
  ],
  [
    '패키지 ',
    'tag ',
    (draw) => `v${whole(draw, 1, 30)}.${whole(draw, 0, 40)}.${whole(draw, 0, 99)}.${whole(draw, 0, 9)}-beta`,
  ],
  ['좌표 ', 'at ', (draw) => `37.${digits(draw, 6)}, 126.${digits(draw, 6)}`],
  ['가격 ', 'price ', (draw) => `${whole(draw, 1, 999)},${digits(draw, 3)},${digits(draw, 3)}원`],
  ['금액 ', 'amount ', (draw) => `${whole(draw, 1, 9)}${digits(draw, 9)}원`],
  ['운송장 ', 'tracking ', (draw) => `${whole(draw, 6000, 6999)}-${digits(draw, 4)}-${digits(draw, 4)}`],
  ['송장번호 ', 'shipment ', (draw) => digits(draw, 12)],
  ['요청 ', 'request ', (draw) => `${hex(draw, 8)}-${hex(draw, 4)}-4${hex(draw, 3)}-a${hex(draw, 3)}-${hex(draw, 12)}`],
  [
    '요청 ',
    'request ',
    (draw) => `${digits(draw, 8)}-${digits(draw, 4)}-4${digits(draw, 3)}-8${digits(draw, 3)}-${digits(draw, 12)}`,
  ],
  ['커밋 ', 'commit ', (draw) => hex(draw, 40)],
  ['해시 ', 'hash ', (draw) => hex(draw, pick(draw, [32, 64]))],
  ['모델 ', 'model ', (draw) => `${letters(draw, 2, CAPITALS)}-010-${digits(draw, 4)}-${digits(draw, 4)}`],
  ['모델명 ', 'part ', (draw) => `${letters(draw, 2, CAPITALS)}${digits(draw, 8)}`],
  ['부품 ', 'part no. ', (draw) => `${digits(draw, 3)}-${digits(draw, 5)}-${digits(draw, 2)}`],
  ['규격 ', 'code ', (draw) => `${digits(draw, 3)}-${digits(draw, 2)}-${digits(draw, 5)}`],
  ['시대는 ', 'the years ', () => '1800-1899'],
  ['해상도 ', 'size ', (draw) => `${whole(draw, 640, 3840)}x${whole(draw, 480, 2160)}`],
  ['서버는 ', 'listen on ', (draw) => pick(draw, ['127.0.0.1:8080', '0.0.0.0:80', '[::1]:443'])],
  ['장치 ', 'device ', (draw) => Array.from({ length: 6 }, () => hex(draw, 2)).join(':')],
  ['소요 시간 ', 'took ', time],
  ['그림 ', 'the file ', (draw) => `icon-${whole(draw, 1, 99)}@2x.png`],
  ['패키지 ', 'package ', (draw) => `@scope/name@${whole(draw, 1, 9)}.${whole(draw, 0, 9)}.0`],
  ['도구는 ', 'the tool ', () => 'sk-learn-compatible-estimators-and-pipelines'],
  ['작업 ', 'the ', () => 'risk-averse-desk-and-task-force-members'],
  ['참고로 ', 'see ', (draw) => `https://example.com/items/${digits(draw, 10)}?page=${whole(draw, 1, 99)}`],
  ['코드 ', 'code ', () => 'std::vector<int> a::b; Foo::bar()'],
  ['점수는 ', 'scores ', (draw) => Array.from({ length: 8 }, () => whole(draw, 1, 99)).join(' ')],
  ['점수는 ', 'rows ', (draw) => Array.from({ length: 6 }, () => whole(draw, 100, 9999)).join(', ')],
  ['파이는 ', 'pi is ', () => '3.14159265358979323846'],
  ['색은 ', 'colour ', (draw) => `#${hex(draw, 6)}`],
  ['은행 영업시간은 ', 'the bank is open ', () => '09:00-16:00'],
  ['면허 갱신은 ', 'renew the licence by ', date],
  ['여권 유효기간은 ', 'the passport expires on ', date],
  ['카드 한도는 ', 'the card limit is ', (draw) => `${whole(draw, 1, 9)},000,000`],
  ['전화 응대 시간은 ', 'call between ', () => '09:00-18:00'],
  ['이번 연구 목적으로 ', 'for this study we took ', (draw) => `${whole(draw, 10, 99)}명`],
  ['다시 도로 ', 'again to ', (draw) => `${whole(draw, 1, 9)}시간`],
  ['친구 두 사람이 서로 ', 'two friends with ', (draw) => `${whole(draw, 2, 9)}번씩`],
  ['일이 사람을 이끌고 오 년 구 개월 일 하루 이 년 ', 'one by one and two by two, seven or eight ', () => '동안'],
  ['비율은 ', 'the ratio is ', (draw) => `${whole(draw, 1, 9)}:${whole(draw, 1, 9)}:${whole(draw, 1, 9)}`],
  ['특허 ', 'patent ', (draw) => `10-${whole(draw, 2010, 2025)}-${digits(draw, 7)}`],
  ['사건번호 ', 'case ', (draw) => `${whole(draw, 2010, 2025)}가합${digits(draw, 6)}`],
  ['우편번호 ', 'zip ', (draw) => `${digits(draw, 5)}-${digits(draw, 4)}`],
  ['제', 'section ', (draw) => `${whole(draw, 1, 20)}.${whole(draw, 1, 20)}.${whole(draw, 1, 20)}`],
  ['이메일 주소는 아직 없고 ', 'no email yet, ask ', () => '@minsu'],
  ['오늘 회의는 ', 'the meeting is at ', (draw) => `${whole(draw, 1, 12)}시 ${whole(draw, 0, 59)}분`],
]

export function lookAlike(draw: Draw, korean: boolean): string {
  const [before, english, make] = pick(draw, LOOK_ALIKES)
  return (korean ? before : english) + make(draw)
}
