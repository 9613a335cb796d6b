import { expect, test } from 'vitest'
import { openaiEmbeddings } from './index.ts'

test('an answer comes in the encoding that was asked for, and is left alone when it has it', () => {
  const ask = (more: string) =>
    openaiEmbeddings.read(`{"model":"m","input":"a"${more}}`, { id: 'r', tags: [], metadata: {} })
  const floats = '{"data":[{"embedding":[1]}]}'
  const base64 = '{"data":[{"embedding":"AACAPw=="}]}'
  const wanting = ask(',"encoding_format":"base64"')
  expect(openaiEmbeddings.adapt?.(floats, wanting)).toBe(base64)
  expect(openaiEmbeddings.adapt?.(base64, wanting)).toBeUndefined()
  expect(openaiEmbeddings.adapt?.(base64, ask(''))).toBe(floats)
  expect(openaiEmbeddings.adapt?.(floats, ask(''))).toBeUndefined()
})
