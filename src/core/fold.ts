/**
 * Letters that look like a Latin one, folded to it, lower case: Cyrillic, Greek, Armenian, Cherokee, Lisu, Coptic, phonetic, with strokes, and
 * signs that pass for letters. Written as pairs.
 * Only look-alikes that are used to disguise names; see Unicode TR 39 for the whole list.
 */
const LOOK_ALIKES = pairs(
  'аaсcԁdеeэeһhіiјjкkӏlмmоoрpԛqѕsтtѵvԝwхxуyгrвbнhпnьbүyҽeқkƍg' +
    'αaβbγyεeηnιiκkμuνvοoρpσoςoτtυuχxωwζz' +
    'օoսuհhոnցgѕsզqյjւiқk' +
    'ꭰdꭼeꮲpꮪsꮶkꭱrꭲiꮃwꮇmꮋhꮯcꮮlꭺaꭻjꮩvꮓz' +
    'ꓓdꓰeꓑpꓢsꓗkꓮaꓐbꓚcꓝfꓖgꓧhꓲiꓙjꓡlꓟmꓠnꓳoꓣrꓔtꓴuꓦvꓪwꓫxꓬyꓜz' +
    'ɑaɡgıiɩiɪiʟlɴnʀrʏyᴀaʙbᴄcᴅdᴇeɢgʜhᴊjᴋkᴍmᴏoᴘpꜱsᴛtᴜuᴠvᴡwᴢzɛeʋvʂsɖdɗdđdƙkƥp' +
    'ⲁaⲃbⲉeⲓiⲕkⲙmⲛnⲟoⲣpⲥcⲧtⲭxⲩy' +
    'ⱥaɇeꝁkⱪkłlꝋoᵽpꝓpɍrꞩsŧtɏyƶzəeɘeĸkʞkҏp℮e⍺a⍳i⍴p⍵w' +
    'ǝeєeꬲeᥱeⴹeӄkҡkҟkᛕkꝑpᑭpᗪdᑯdժdძdƽsᔕsտs',
)

/** What folding removes, as inclusive code point ranges: spaces, punctuation, symbols, marks, fillers, and what has no width. */
const REMOVED = [
  [0x00, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0xa9],
  [0xab, 0xb4],
  [0xb6, 0xb9],
  [0xbb, 0xbf],
  [0xd7, 0xd7],
  [0xf7, 0xf7],
  [0x2b9, 0x2df],
  [0x2e5, 0x36f],
  [0x483, 0x489],
  [0x55a, 0x55f],
  [0x589, 0x58a],
  [0x591, 0x5c7],
  [0x5f3, 0x5f4],
  [0x600, 0x61f],
  [0x64b, 0x65f],
  [0x66a, 0x66d],
  [0x70f, 0x70f],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x2000, 0x206f],
  [0x20a0, 0x20ff],
  [0x2190, 0x245f],
  [0x2500, 0x2bff],
  [0x2e00, 0x2e7f],
  [0x3000, 0x3004],
  [0x3008, 0x3020],
  [0x302a, 0x3030],
  [0x303d, 0x303f],
  [0x30fb, 0x30fb],
  [0x3164, 0x3164],
  [0xa4fe, 0xa4ff],
  [0xfe00, 0xfe6f],
  [0xfeff, 0xfeff],
  [0xff00, 0xff0f],
  [0xff1a, 0xff20],
  [0xff3b, 0xff40],
  [0xff5b, 0xff65],
  [0xffa0, 0xffa0],
  [0xffe0, 0xffff],
  [0x1f000, 0x1faff],
  [0xe0000, 0xe0fff],
] as const

/**
 * The form in which names and selectors are compared: case, width, accents and look-alike letters folded, spaces and punctuation removed. Idempotent.
 */
export function foldText(text: string): string {
  return withoutPunctuation(plain(text))
}

/**
 * A model's name without what vendors and servers put around it: path and vendor prefix, region prefix, `:tag`, date, quantisation, `-latest`,
 * `-cloud`. `accounts/fireworks/models/DeepSeek-V3.2-NVFP4:free` becomes `deepseekv32`. Idempotent; never empty unless the text folds to nothing.
 */
export function foldModel(name: string): string {
  return partsOf(name).join('').normalize('NFC') || withoutPunctuation(plain(name))
}

/**
 * Whether two names are one model's: folded alike, or of the same parts with words in another order, as `claude-4.5-haiku` and `claude-haiku-4.5`.
 * Parts with digits are what tells versions and sizes apart: they keep theirs.
 */
export function isSameModel(one: string, other: string): boolean {
  return foldModel(one) === foldModel(other) || unordered(one) === unordered(other)
}

function unordered(name: string): string {
  const parts = partsOf(name)
  const isWord = (part: string): boolean => [...part].every((letter) => letter < '0' || letter > '9')
  return JSON.stringify([parts.filter(isWord).toSorted(), parts.filter((part) => !isWord(part))])
}

/** The parts of a model's name, without what vendors and servers put around it. */
function partsOf(name: string): readonly string[] {
  const tokens = split(withoutRegion(lastSegment(plain(name))))
  let end = tokens.length
  for (let shorter = trimmed(tokens, end); shorter < end && shorter > 0; shorter = trimmed(tokens, end)) end = shorter
  return tokens.slice(0, end)
}

/** Case, width, accents and look-alikes folded; ASCII punctuation kept. */
function plain(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  let folded = text
  // Lower case and decomposition each may need the other once more (final sigma, dotted capitals); three rounds settle every code point.
  for (let round = 0; round < 4; round++) {
    const next = onePass(folded)
    if (next === folded) break
    folded = next
  }
  return folded
}

function onePass(text: string): string {
  let folded = ''
  for (const letter of text.normalize('NFKD').toLowerCase()) {
    const code = letter.codePointAt(0) ?? 0
    const plainer = LOOK_ALIKES.get(letter) ?? BOXED[code - FIRST_BOXED]
    if (plainer !== undefined) folded += plainer
    else if (code < 0x80 || !isRemoved(code)) folded += letter
    else if (DASHES.has(code)) folded += '-'
  }
  return folded.normalize('NFC')
}

/** Letters in circles and squares, white on black, which decompose into nothing. */
const FIRST_BOXED = 0x1f150
const BOXED = 'abcdefghijklmnopqrstuvwxyz      abcdefghijklmnopqrstuvwxyz'

/** Dashes and spaces beyond ASCII still separate the parts of a name. */
const DASHES = new Set([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0x3000])

function withoutPunctuation(text: string): string {
  let kept = ''
  for (const letter of text) if (!isRemoved(letter.codePointAt(0) ?? 0)) kept += letter
  // Letters of a Hangul syllable may have stood apart.
  return kept.normalize('NFC')
}

function isRemoved(code: number): boolean {
  let low = 0
  let high = REMOVED.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const [from, to] = REMOVED[middle] ?? [0, 0]
    if (code < from) high = middle - 1
    else if (code > to) low = middle + 1
    else return true
  }
  return false
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}

/** `a/b/c:tag` gives `c`. A fine-tune (`ft:base:org::id`) is another model than its base and keeps its whole name. */
function lastSegment(text: string): string {
  const colon = text.startsWith('ft:') ? -1 : text.indexOf(':')
  const head = colon > 0 ? text.slice(0, colon) : text
  return head.split('/').findLast((segment) => withoutPunctuation(segment) !== '') ?? text
}

const REGIONS = new Set(['us', 'eu', 'apac', 'jp', 'au', 'ca', 'global', 'us-gov'])

/** Bedrock's inference profiles: `us.deepseek.r1-v1`. */
function withoutRegion(segment: string): string {
  const dot = segment.indexOf('.')
  const rest = segment.slice(dot + 1)
  return dot > 0 && REGIONS.has(segment.slice(0, dot)) && withoutPunctuation(rest) !== '' ? rest : segment
}

function split(segment: string): string[] {
  const tokens: string[] = []
  let token = ''
  for (const letter of segment) {
    if (!isRemoved(letter.codePointAt(0) ?? 0)) token += letter
    else if (token !== '') {
      tokens.push(token)
      token = ''
    }
  }
  return token === '' ? tokens : [...tokens, token]
}

const SUFFIXES = new Set(
  (
    'latest cloud free batch fp4 fp8 fp16 fp32 bf16 f16 nvfp4 mxfp4 mxfp8 awq gptq gguf ggml mlx exl2 exl3 int4 int8 w4a16 w8a8 w8a16 ' +
    '3bit 4bit 5bit 6bit 8bit bnb'
  ).split(' '),
)
const QUANT_TAIL = new Set(['k', 's', 'm', 'l', 'xl', 'xs', 'xxs', 'nl', '0', '1'])

/** How many tokens are left when one suffix is taken off, or `end`. */
function trimmed(tokens: readonly string[], end: number): number {
  const last = tokens[end - 1] ?? ''
  if (SUFFIXES.has(last)) return end - 1
  const dated = end - dateTokens(tokens, end)
  if (dated < end) return dated
  let start = end - 1
  while (start > 0 && QUANT_TAIL.has(tokens[start] ?? '')) start--
  return isQuant(tokens[start] ?? '') ? start : end
}

function isQuant(token: string): boolean {
  const digits = token.startsWith('iq') ? token.slice(2) : token.startsWith('q') ? token.slice(1) : ''
  return digits.length === 1 && digits >= '2' && digits <= '8'
}

/** How many tokens at the end are a date: `20260813`, `2026-08-13`, `08-2024`, `1017` (month and day), `2512` (year and month). */
function dateTokens(tokens: readonly string[], end: number): number {
  const [third = '', second = '', last = ''] = [tokens[end - 3], tokens[end - 2], tokens[end - 1]]
  if (isYear(third) && isMonth(second) && isDay(last)) return 3
  if ((isMonth(second) && isYear(last)) || (isYear(second) && isMonth(last))) return 2
  if (last.length === 8 && isYear(last.slice(0, 4)) && isMonth(last.slice(4, 6)) && isDay(last.slice(6))) return 1
  if (last.length !== 4) return 0
  const [front, back] = [last.slice(0, 2), last.slice(2)]
  return (isMonth(front) && isDay(back)) || (within(front, 23, 39) && isMonth(back)) ? 1 : 0
}

function isYear(token: string): boolean {
  return token.length === 4 && within(token, 2020, 2039)
}

function isMonth(token: string): boolean {
  return token.length === 2 && within(token, 1, 12)
}

function isDay(token: string): boolean {
  return token.length === 2 && within(token, 1, 31)
}

function within(token: string, low: number, high: number): boolean {
  for (const digit of token) if (digit < '0' || digit > '9') return false
  return Number(token) >= low && Number(token) <= high
}

function pairs(letters: string): ReadonlyMap<string, string> {
  const list = [...letters]
  const map = new Map<string, string>()
  for (let index = 0; index + 1 < list.length; index += 2) map.set(list[index] ?? '', list[index + 1] ?? '')
  return map
}
