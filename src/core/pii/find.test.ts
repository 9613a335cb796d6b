import { describe, expect, it } from 'vitest'
import { findPii } from './find.ts'
import type { PiiType } from './types.ts'

/** What is found, as `type text`. */
function found(text: string, types?: ReadonlySet<PiiType>): readonly string[] {
  return findPii(text, types).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`)
}

describe('is found', () => {
  it.each<[PiiType, string, string]>([
    ['kr_rrn', '900101-1234568', 'the sum holds'],
    ['kr_rrn', '900101-1234567', 'the sum does not hold: since October 2020 it says nothing'],
    ['kr_rrn', '900101-0234567', 'born in the 1890s'],
    ['kr_rrn', '900101 - 1234567', 'spaces'],
    ['kr_rrn', '900101\n-1234567', 'a broken line'],
    ['kr_rrn', '900101 1234567', 'only a space'],
    ['kr_rrn', '90-01-01-1234567', 'the birthday in parts'],
    ['kr_rrn', '900101/1234567', 'a slash'],
    ['kr_rrn', '900101-123 4568', 'a part split off, and the sum holds'],
    ['kr_rrn', '9001011234568', 'in one piece, and the sum holds'],
    ['kr_rrn', '2201013234567', 'in one piece, born since October 2020'],
    ['kr_rrn', '9 0 0 1 0 1 - 1 2 3 4 5 6 7', 'digits that stand apart'],
    ['kr_rrn', '구공공일공일 일이삼사오육칠', 'in words'],
    ['kr_foreigner', '900101-5123452', 'the sum holds'],
    ['kr_foreigner', '900101-5123453', 'the sum does not hold'],
    ['kr_business', '120-81-47521', 'the sum holds'],
    ['kr_corporate', '110111-0062432', 'the century digit is nobody alive'],
    ['kr_corporate', '164511-1234567', 'no month'],
    ['phone', '010-1234-5678', 'mobile'],
    ['phone', '01012345678', 'mobile in one piece'],
    ['phone', '010-12345678', 'mobile in two'],
    ['phone', '011-123-4567', 'an old one'],
    ['phone', '010.1234.5678', 'dots'],
    ['phone', '02)123-4567', 'a bracket'],
    ['phone', '031-123-4567', 'a province'],
    ['phone', '0505-123-4567', 'a personal one'],
    ['phone', '1588-1234', 'a company'],
    ['phone', '+82 (0)10-1234-5678', 'international'],
    ['phone', '82-10-1234-5678', 'without its plus'],
    ['phone', '8210-1234-5678', 'its code joined'],
    ['phone', '0082-10-1234-5678', 'with zeros for its plus'],
    ['phone', '0 1 0 1 2 3 4 5 6 7 8', 'digits that stand apart'],
    ['phone', '+1 415 555 2671', 'American'],
    ['card', '4111 1111 1111 1111', 'Visa'],
    ['card', '3782-822463-10005', 'American Express'],
    ['card', '5555555555554444', 'Mastercard'],
    ['email', 'hong.gil+dong@mail.example.co.kr', 'mail'],
    ['iban', 'DE89 3704 0044 0532 0130 00', 'in groups'],
    ['iban', 'GB82WEST12345698765432', 'in one piece'],
    ['us_ssn', '123-45-6789', 'American'],
    ['ip', '192.168.0.1', 'private'],
    ['ip', '2001:db8::8a2e:370:7334', 'version 6'],
    ['ip', 'fe80::1', 'link-local'],
    ['ip', '2001:0db8:85a3:0000:0000:8a2e:0370:7334', 'version 6, whole'],
    ['api_key', 'sk-proj-abcdefghij0123456789', 'OpenAI'],
    ['api_key', 'AKIAIOSFODNN7EXAMPLE', 'AWS'],
    ['api_key', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl', 'a signed token'],
    ['kr_address', '서울특별시 강남구 테헤란로 152', 'a road'],
    ['kr_address', '서울 마포구 월드컵북로56길 12-3', 'a road off a road'],
    ['kr_address', '종로구 가회동 31-1번지', 'a lot'],
    ['kr_address', '경기도 성남시 분당구 판교역로 235, 에이동 3층', 'details'],
  ])('%s: %s (%s)', (type, item) => {
    for (const text of [item, `앞 ${item} 뒤`, `(${item})`, `"${item}",`, `값은 ${item}입니다.`])
      expect(found(text)).toEqual([`${type} ${item}`])
  })

  it.each<[PiiType, string, string]>([
    ['kr_rrn', '주민등록번호 ', '8801011234567'],
    ['kr_business', '사업자등록번호는 ', '1208147522'],
    ['kr_corporate', '법인등록번호: ', '1101110062432'],
    ['kr_driver_licence', '운전면허 ', '11-12-123456-01'],
    ['kr_driver_licence', '면허번호 서울 ', '12-345678-90'],
    ['kr_passport', '여권번호: ', 'M12345678'],
    ['kr_rrn', '주민번호 ', '900101,1234567'],
    ['kr_rrn', '주민등록번호 앞자리 ', '900101 뒷자리 1234567'],
    ['kr_foreigner', 'resident no. ', '900101.5234567'],
    ['phone', '대표번호 ', '1544 1234'],
    ['kr_passport', '여권 ', 'M 12345678'],
    ['kr_passport', 'passport ', 'm123A4567'],
    ['kr_bank_account', '계좌 ', '110-234-567890'],
    ['kr_bank_account', 'account no. ', '12345678901234'],
    ['phone', '전화 ', '0212345678'],
    ['phone', 'Tel ', '415-555-2671'],
    ['us_ssn', 'SSN ', '123456789'],
    ['kr_address', '주소: ', '테헤란로 152'],
  ])('%s, by a word: %s%s', (type, word, item) => {
    expect(found(word + item)).toEqual([`${type} ${item}`])
    expect(found(item)).toEqual([])
    expect(found(`${word}${'.'.repeat(60)} ${item}`)).toEqual([])
  })

  it('a bank that stands behind its account, in the same clause', () => {
    expect(found('110-234-567890 (신한은행)')).toEqual(['kr_bank_account 110-234-567890'])
    expect(found('110-234-567890, 신한은행')).toEqual([])
  })

  it('everything in one line', () => {
    expect(found('홍길동,900101-1234567,010-1234-5678,hong@example.com,4111111111111111,10.1.2.3')).toEqual([
      'kr_rrn 900101-1234567',
      'phone 010-1234-5678',
      'email hong@example.com',
      'card 4111111111111111',
      'ip 10.1.2.3',
    ])
  })

  it('a telephone from abroad, before other numbers', () => {
    expect(found('+82 2 784 1520\t192.143.125.42')).toEqual(['phone +82 2 784 1520', 'ip 192.143.125.42'])
    expect(found('+82 2 784 1520 12-34')).toEqual(['phone +82 2 784 1520'])
    expect(found('+1 415 555 2671 1.5')).toEqual(['phone +1 415 555 2671'])
  })

  it('a number in words, before one on the next line', () => {
    expect(found('구사일일공일-일일육구오사일\n8.235.3.133')).toEqual([
      'kr_rrn 구사일일공일-일일육구오사일',
      'ip 8.235.3.133',
    ])
  })

  it('an account that a licence stands before', () => {
    expect(found('운전면허 23-19-442522-83 / 국민은행 245433952295')).toEqual([
      'kr_driver_licence 23-19-442522-83',
      'kr_bank_account 245433952295',
    ])
  })

  it('a telephone behind the letter of its kind', () => {
    expect(found('M010-1234-5678 T02-123-4567')).toEqual(['phone 010-1234-5678', 'phone 02-123-4567'])
    expect(found('XM010-1234-5678 R010-1234-5678 M010-1234-5678-9 M01012345678')).toEqual([])
  })

  it('an address that the web has escaped', () => {
    expect(found('?mail=hong%40example.com&x=1')).toEqual(['email hong%40example.com'])
  })

  it('an account in one piece, beside other numbers', () => {
    expect(found('뱅크 660506331261\t8.93.24.235')).toEqual(['kr_bank_account 660506331261', 'ip 8.93.24.235'])
    expect(found('계좌 7 8 660506331261 3')).toEqual(['kr_bank_account 660506331261'])
  })

  it('a word that belongs to the number before', () => {
    expect(found('법인등록번호 130111-0845024,060127-1731076')).toEqual([
      'kr_corporate 130111-0845024',
      'kr_rrn 060127-1731076',
    ])
    expect(found('주민번호 9411051166301, 법인번호 200111-7429769')).toEqual([
      'kr_rrn 9411051166301',
      'kr_corporate 200111-7429769',
    ])
  })

  it('numbers of a list, each in its line', () => {
    expect(found('- 010-1234-5678\n- 900101-1234567\n- 120-81-47521')).toEqual([
      'phone 010-1234-5678',
      'kr_rrn 900101-1234567',
      'kr_business 120-81-47521',
    ])
    expect(found('+49 30 904287\n- 394-79-66956')).toEqual(['phone +49 30 904287', 'kr_business 394-79-66956'])
    expect(found('010\n- 1234\n- 5678')).toEqual([])
    // Rather one too many than a resident's number that a line's end has broken.
    expect(found('900101\n- 1234567')).toEqual(['kr_rrn 900101\n- 1234567'])
  })
})

describe('is not found', () => {
  it.each([
    ['a barcode', '8801043012344'],
    ['a barcode that holds the sum of a person too', '8801011000032'],
    ['an ISBN', '9788960771234'],
    ['a path', 'https://example.com/news/201012/3456789'],
    ['a file', 'IMG_201012_3456789'],
    ['milliseconds', '1712345678901'],
    ['an order', '2024010512345'],
    ['no month', '901301-1234567'],
    ['no day', '900230-1234567'],
    ['born in 2077', '7701013234567'],
    ['a business whose sum fails', '120-81-47522'],
    ['a card whose sum fails', '4111 1111 1111 1112'],
    ['no issuer', '1111 1111 1111 1117'],
    ['an IBAN whose sum fails', 'DE89 3704 0044 0532 0130 01'],
    ['area 666', '666-45-6789'],
    ['group 00', '123-00-6789'],
    ['serial 0000', '123-45-0000'],
    ['a version', '1.2.3'],
    ['a version', 'v1.2.3.4'],
    ['a version', 'version 10.0.19045.1'],
    ['a version', '10.0.0.1-beta'],
    ['five parts', '1.2.3.4.5'],
    ['no octet', '300.1.1.1'],
    ['loopback', '127.0.0.1'],
    ['unspecified', '0.0.0.0'],
    ['loopback', '::1'],
    ['a mask', '255.255.255.0'],
    ['a time', '12:34:56'],
    ['code', 'std::vector a::b'],
    ['a device', 'aa:bb:cc:dd:ee:ff'],
    ['years', '1800-1899'],
    ['marks that stand apart', '1 2 3 4 5 6 7 8 9 10'],
    ['bits that stand apart', '0 1 0 1 1 0 1 0 1 1 0 1 0 1 0'],
    ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
    ['a UUID of digits', '55008400-0290-4104-8716-010466554400'],
    ['inside a longer number', '12-010-1234-5678-99'],
    ['inside a decimal', '3.01012345678'],
    ['a model', 'AB-010-1234-5678'],
    ['a hash', 'a01012345678b'],
    ['a tracking number', '6012-3456-7890'],
    ['coordinates', '37.566535, 126.977969'],
    ['a handle', '@scope/name user@host a@1.2.3'],
    ['a picture', 'icon@2x.png'],
    ['words with hyphens', 'sk-learn-compatible-estimators-and-pipelines'],
    ['a part of a word', 'task-abcdefghij0123456789'],
    ['a counter, no house', '강남구 우리로 3명'],
    ['no district', '친구 서로 3명'],
    ['an aim', '연구 목적으로 30'],
    ['money', '계좌 잔액 1234567890원'],
  ])('%s: %s', (_, text) => {
    expect(found(text)).toEqual([])
  })
})

describe('overlaps', () => {
  it('have the type of the longer', () => {
    expect(found('01012345678@example.com')).toEqual(['email 01012345678@example.com'])
  })

  it('have the type whose form says more, of the same length', () => {
    expect(found('계좌 120-81-47521')).toEqual(['kr_business 120-81-47521'])
    expect(found('계좌 010-1234-5678')).toEqual(['phone 010-1234-5678'])
  })
})

it('looks for what it is asked for', () => {
  const text = '900101-1234567 hong@example.com 10.1.2.3 2001:db8::1'
  expect(found(text, new Set(['email']))).toEqual(['email hong@example.com'])
  expect(found(text, new Set(['ip']))).toEqual(['ip 10.1.2.3', 'ip 2001:db8::1'])
  expect(found(text, new Set())).toEqual([])
})
