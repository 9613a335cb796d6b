/** Another way to write a model's name. */
export type Spelling = (name: string) => string

/** Puts something between the letters of a name. */
const between =
  (mark: string): Spelling =>
  (name) =>
    [...name].join(mark)
const swapped =
  (letters: Readonly<Record<string, string>>): Spelling =>
  (name) =>
    Array.from(name, (letter) => letters[letter] ?? letter).join('')
const shifted =
  (first: number, last: number, by: number): Spelling =>
  (name) =>
    Array.from(name, (letter) => {
      const code = letter.codePointAt(0) ?? 0
      return code >= first && code <= last ? String.fromCodePoint(code + by) : letter
    }).join('')

/** Spellings that a reader, or an upstream that is lenient, takes for the same name: rules must see through them. */
export const SAME: Readonly<Record<string, Spelling>> = {
  'as it is': (name) => name,
  'upper case': (name) => name.toUpperCase(),
  'capitals first': (name) => name.replace(/\b[a-z]/gu, (letter) => letter.toUpperCase()),
  'full width': shifted(0x21, 0x7e, 0xfee0),
  'mathematical bold': shifted(0x61, 0x7a, 0x1d41a - 0x61),
  'mathematical script': shifted(0x61, 0x7a, 0x1d4ea - 0x61),
  'mathematical monospace': shifted(0x61, 0x7a, 0x1d68a - 0x61),
  circled: shifted(0x61, 0x7a, 0x24d0 - 0x61),
  parenthesised: shifted(0x61, 0x7a, 0x249c - 0x61),
  superscript: swapped({ e: 'ᵉ', p: 'ᵖ', s: 'ˢ', k: 'ᵏ', d: 'ᵈ' }),
  'Cyrillic e': swapped({ e: 'е' }),
  'Cyrillic all': swapped({ e: 'е', p: 'р', s: 'ѕ', k: 'к', d: 'ԁ', a: 'а', c: 'с', o: 'о' }),
  'Greek all': swapped({ e: 'ε', p: 'ρ', k: 'κ', a: 'α', o: 'ο' }),
  Armenian: swapped({ s: 'ѕ', o: 'օ', u: 'ս', g: 'ց' }),
  Cherokee: swapped({ d: 'ꭰ', e: 'ꭼ', p: 'ꮲ', s: 'ꮪ', k: 'ꮶ' }),
  Lisu: swapped({ d: 'ꓓ', e: 'ꓰ', p: 'ꓑ', s: 'ꓢ', k: 'ꓗ' }),
  'small capitals': swapped({ d: 'ᴅ', e: 'ᴇ', p: 'ᴘ', s: 'ꜱ', k: 'ᴋ' }),
  Coptic: swapped({ e: 'ⲉ', p: 'ⲣ', k: 'ⲕ', o: 'ⲟ', c: 'ⲥ' }),
  hooks: swapped({ d: 'ɗ', e: 'ҽ', p: 'ƥ', k: 'ƙ', s: 'ʂ' }),
  strokes: swapped({ d: 'đ', e: 'ɇ', p: 'ᵽ', k: 'ꝁ', s: 'ꞩ' }),
  'the estimated sign': swapped({ e: '℮' }),
  'a rho of APL': swapped({ p: '⍴' }),
  'a dotless schwa': swapped({ e: 'ɘ' }),
  'a long s': swapped({ s: 'ſ' }),
  'a Kelvin sign': swapped({ k: 'K' }),
  'a reversed e': swapped({ e: 'ǝ' }),
  'a Ukrainian ie': swapped({ e: 'є' }),
  'a blackletter e': swapped({ e: 'ꬲ' }),
  'descenders and hooks': swapped({ k: 'ӄ', p: 'ꝑ' }),
  'Canadian syllables': swapped({ d: 'ᗪ', p: 'ᑭ', s: 'ᔕ', k: 'ᛕ' }),
  'Berber and Georgian': swapped({ d: 'ძ', e: 'ⴹ' }),
  'a tone five': swapped({ s: 'ƽ' }),
  'squared, white on black': shifted(0x61, 0x7a, 0x1f170 - 0x61),
  'circled, white on black': shifted(0x61, 0x7a, 0x1f150 - 0x61),
  accents: swapped({ e: 'é', s: 'š', p: 'ṗ', k: 'ķ', d: 'ḍ' }),
  'combining marks': between('\u0301'),
  'combining overlays': between('\u0336'),
  'zero-width space': between('\u200b'),
  'zero-width joiner': between('\u200d'),
  'word joiner': between('\u2060'),
  'byte order mark': between('\ufeff'),
  'soft hyphen': between('\u00ad'),
  'variation selectors': between('\ufe0f'),
  'invisible tags': between('\u{e0020}'),
  'right to left': (name) => `\u202e${name}\u202c`,
  'Hangul filler': between('\u3164'),
  'Braille blank': between('\u2800'),
  'Mongolian vowel separator': between('\u180e'),
  'combining grapheme joiner': between('\u034f'),
  'spaces around': (name) => ` ${name} `,
  'no-break spaces': (name) => name.replaceAll('-', '\u00a0'),
  spaces: (name) => name.replaceAll('-', ' '),
  underscores: (name) => name.replaceAll('-', '_'),
  dots: (name) => name.replaceAll('-', '.'),
  'no hyphens': (name) => name.replaceAll('-', ''),
  'other hyphens': (name) => name.replaceAll('-', '\u2011'),
  'minus signs': (name) => name.replaceAll('-', '\u2212'),
  'hyphens everywhere': between('-'),
  'a tag': (name) => `${name}:latest`,
  'a date': (name) => `${name}-20251201`,
  'a quantisation': (name) => `${name}-q4_K_M`,
  'an fp8': (name) => `${name}-FP8`,
  online: (name) => `${name}:online`,
  nitro: (name) => `${name}:nitro`,
  floor: (name) => `${name}:floor`,
  'a preset': (name) => `${name}@preset/mine`,
  cloud: (name) => `${name}-cloud`,
  latest: (name) => `~${name}-latest`,
  'a vendor before it': (name) => `somebody/${name}`,
  'a region before it': (name) => `us.${name}`,
  'a fine-tune of it': (name) => `ft:${name}:org::id`,
  'a path before it': (name) => `accounts/fireworks/models/${name}`,
  'a Bedrock ARN': (name) => `arn:aws:bedrock:us-east-1::foundation-model/${name}`,
  'a distillation': (name) => `${name}-distill-qwen-7b`,
  'a list with it': (name) => `tiny,${name}`,
  'a list of it': (name) => `${name},tiny`,
  'a LoRA of it': (name) => `tiny#${name}`,
}

/** Spellings by which a path, a parser or a database may be led astray: they name nothing here. */
export const ASTRAY: Readonly<Record<string, Spelling>> = {
  'percent-encoded': (name) => name.replaceAll('e', '%65'),
  'percent-encoded slash': (name) => name.replaceAll('/', '%2F'),
  'encoded twice': (name) => name.replaceAll('/', '%252F'),
  'a dot segment': (name) => name.replace('/', '/./'),
  'two dot segments': (name) => name.replace('/', '/x/../'),
  'climbing out': (name) => `../${name}`,
  'encoded climbing': (name) => `%2e%2e/${name}`,
  'two slashes': (name) => name.replace('/', '//'),
  backslashes: (name) => name.replaceAll('/', '\\'),
  'a fraction slash': (name) => name.replaceAll('/', '\u2044'),
  'a full-width slash': (name) => name.replaceAll('/', '\uff0f'),
  'a slash before it': (name) => `/${name}`,
  'a slash behind it': (name) => `${name}/`,
  'a null behind it': (name) => `${name}\0`,
  'a null before it': (name) => `\0${name}`,
  'a line break': (name) => `${name}\n`,
  'a carriage return': (name) => `${name}\r\nx: y`,
  'a lone surrogate': (name) => `${name}\ud800`,
  'a query': (name) => `${name}?x=1`,
  'a fragment': (name) => `${name}#x`,
  'an action': (name) => `${name}:generateContent`,
  'models before it': (name) => `models/${name}`,
  'a preset only': () => '@preset/deepseek',
  'a router': () => 'openrouter/auto',
  'a route of the upstream': (name) => `route/${name}`,
  'a template': (name) => `\${${name}}`,
  'a wildcard': (name) => `${name.slice(0, 4)}*`,
  'a prototype': () => '__proto__/constructor',
  'another provider before it': (name) => `good/${name}`,
  'a router before it': (name) => `openrouter/${name}`,
  'Hugging Face before it': (name) => `huggingface/${name}`,
  'Vercel’s gateway before it': (name) => `vercel-ai-gateway/${name}`,
  'Cloudflare’s gateway before it': (name) => `cloudflare-ai-gateway/${name}`,
  'a dynamic route': (name) => `cloudflare-ai-gateway/dynamic/${name}`,
  'Cloudflare’s own choice': () => 'cloudflare-ai-gateway/cloudflare/auto',
  'another tutti before it': (name) => `inner/${name}`,
  'the last segment only': (name) => name.split('/').at(-1) ?? name,
  reversed: (name) => [...name].toReversed().join(''),
}

/** Writes a target's id another way: what stands before its first slash is our own name of a provider, which stays. */
export function respelled(id: string, spell: Spelling): string {
  const slash = id.indexOf('/')
  return `${id.slice(0, slash)}/${spell(id.slice(slash + 1))}`
}
