import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldModel, foldText } from './fold.ts'

const spellings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        'us.',
        '~',
        'a/',
        ':',
        '-',
        '2026-08-13',
        '1017',
        'latest',
        'fp8',
        'q4_k_m',
        'Ａ',
        'σ',
        'ς',
        'İ',
        'ft:',
        'v3',
        '.',
      ),
      { maxLength: 8 },
    )
    .map((list) => list.join('')),
)

describe('foldText', () => {
  test('is idempotent', () => {
    fc.assert(
      fc.property(spellings, (text) => foldText(foldText(text)) === foldText(text)),
      { numRuns: 5_000 },
    )
  })

  test.each([
    '믿음',
    '\u1106\u1175\u11ae-\u110b\u1173\u11b7',
    '\u1106.\u1175.\u11ae.\u110b-\u1173-\u11b7',
    '\u3204\uffdc\u11ae \u110b\u1173\u11b7',
  ])('letters of a syllable that stand apart are the syllable: %s', (text) => {
    expect(foldText(text)).toBe('믿음')
    expect(foldModel(text)).toBe('믿음')
  })

  test('is idempotent for every code point', () => {
    for (let code = 0; code <= 0x2ffff; code++) {
      const once = foldText(String.fromCodePoint(code))
      if (foldText(once) !== once) expect.fail(`U+${code.toString(16)}`)
    }
  })

  test.each([
    ['DeepSeek'],
    ['deep-seek'],
    ['deep_seek'],
    ['Deep Seek'],
    ['ＤｅｅｐＳｅｅｋ'],
    ['dеерѕееk'],
    ['deep\u200bseek'],
    ['deep\u00adseek'],
    ['ＤＥＥＰ－ＳＥＥＫ'],
    ['d\u0301eepseek'],
    ['ԁeepseek'],
    ['DΕΕPSΕΕK'],
    ['deep·seek'],
    ['deep—seek'],
    ['𝐝𝐞𝐞𝐩𝐬𝐞𝐞𝐤'],
    ['ⓓⓔⓔⓟⓢⓔⓔⓚ'],
    ['deep\u{e0041}seek'],
  ])('%s', (text) => {
    expect(foldText(text)).toBe('deepseek')
  })

  test('keeps Korean, Arabic, Chinese and digits', () => {
    expect(foldText('믿:음 2.0')).toBe('믿음20')
    expect(foldText('علام 34B')).toBe('علام34b')
    expect(foldText('深度求索')).toBe('深度求索')
    expect(foldText('믿음'.normalize('NFD'))).toBe('믿음')
  })

  test('different names stay different', () => {
    expect(new Set(['deepsea', 'seeker-deep', 'solar', 'k-exaone', 'deepseek'].map(foldText)).size).toBe(5)
  })
})

describe('foldModel', () => {
  test('is idempotent', () => {
    fc.assert(
      fc.property(spellings, (text) => foldModel(foldModel(text)) === foldModel(text)),
      { numRuns: 5_000 },
    )
  })

  test.each([
    ['deepseek-ai/DeepSeek-V3.2', 'deepseekv32'],
    ['accounts/fireworks/models/deepseek-v4p1-flash-1017', 'deepseekv4p1flash'],
    ['workers-ai/@cf/deepseek-ai/deepseek-v4-pro-0813', 'deepseekv4pro'],
    ['us.deepseek.r1-v1:0', 'deepseekr1v1'],
    ['~deepseek/deepseek-flash-latest', 'deepseekflash'],
    ['deepseek-r1:7b', 'deepseekr1'],
    ['deepseek-v3.1:671b-cloud', 'deepseekv31'],
    ['gpt-oss-120b-cloud', 'gptoss120b'],
    ['deepseek/deepseek-v4.1-flash:batch', 'deepseekv41flash'],
    ['nvidia/DeepSeek-V3.2-NVFP4', 'deepseekv32'],
    ['hf.co/x/DeepSeek-R1-GGUF:Q4_K_M', 'deepseekr1'],
    ['qwen2.5-7b-instruct-q4_k_m.gguf', 'qwen257binstruct'],
    ['route/deepseek-v4-flash-6bit', 'deepseekv4flash'],
    ['gpt-4o-2024-08-06', 'gpt4o'],
    ['claude-haiku-4-5-20251001', 'claudehaiku45'],
    ['command-r-08-2024', 'commandr'],
    ['mistral-large-2512', 'mistrallarge'],
    ['claude-sonnet-4-5@20250929', 'claudesonnet45'],
    ['r1-1776', 'r11776'],
    ['ft:gpt-4o-mini:org::id', 'ftgpt4ominiorgid'],
    ['latest', 'latest'],
    ['gpt-5.1', 'gpt51'],
    ['o3', 'o3'],
  ])('%s becomes %s', (name, folded) => {
    expect(foldModel(name)).toBe(folded)
  })
})
