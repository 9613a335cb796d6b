export type Subject =
  | 'resident'
  | 'business'
  | 'corporate'
  | 'licence'
  | 'passport'
  | 'account'
  | 'phone'
  | 'card'
  | 'ssn'
  | 'address'
  | 'version'

/** Words near a number that say what it is, in lower case. */
export const CONTEXT_WORDS: readonly (readonly [Subject, string])[] = [
  ['resident', '주민,등록번호,등록 번호,외국인,거소,resident,rrn,foreigner,alien registration'],
  ['business', '사업자,사업자등록번호,사업자 등록번호,business reg,business no,business number,brn,tax id'],
  ['corporate', '법인,법인등록번호,법인 등록번호,corporate reg,corporate no,corporation no,corporation reg'],
  ['licence', '면허,driver,driving,licence,license'],
  ['passport', '여권,passport'],
  [
    'account',
    '계좌,은행,뱅크,입금,송금,이체,예금,적금,통장,농협,수협,신협,새마을금고,우체국,신한,bank,account,acct,a/c,deposit,kb,transfer to',
  ],
  [
    'phone',
    '전화,연락처,대표번호,고객센터,휴대폰,핸드폰,팩스,문의,tel,telephone,phone,mobile,cell,call,hp,fax,contact',
  ],
  ['card', '카드,card,visa,mastercard,amex,pan'],
  ['ssn', 'ssn,social security,soc sec'],
  ['address', '주소,거주지,배송지,소재지,거주,address'],
  ['version', '버전,version,release,firmware,펌웨어,build,ver'],
]
