import { describe, expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import type { Signals } from '#src/core/request.ts'
import { makeRequest } from '../../../test/support/world.ts'
import { openaiSpeech } from '../openai-audio-speech/index.ts'
import { openaiTranscriptions } from '../openai-audio-transcriptions/index.ts'
import { openaiImageEdits } from '../openai-image-edits/index.ts'

describe('what a sound may cost', () => {
  const sense = (body: JsonObject): Signals => openaiTranscriptions.sense(makeRequest(body, 'transcriptions'))

  test('grows with the bytes of its file: a second of MP3 is ten tokens, and speech of 6 kbit/s fits into its worst', () => {
    const minute = sense({ model: 'm', file: { filename: 'a.mp3', bytes: 60 * 16_000 } })
    expect(minute).toMatchObject({ inputTokens: 600, choices: 1 })
    expect(minute.outputLimit).toBeUndefined()
    const packed = sense({ model: 'm', file: { filename: 'a.ogg', bytes: 60 * 750 } })
    expect(packed.inputTokensWorst).toBeGreaterThanOrEqual(60 * 25)
  })

  test('counts what is written beside it', () => {
    const bare = sense({ model: 'm', file: { bytes: 16_000 } })
    const prompted = sense({ model: 'm', file: { bytes: 16_000 }, prompt: '서울'.repeat(100) })
    expect(prompted.inputTokensWorst - bare.inputTokensWorst).toBe(600)
    expect(prompted.inputTokens).toBeGreaterThan(bare.inputTokens + 100)
  })

  test('is bounded by nothing where the upstream fetches it, whatever file stands beside the address', () => {
    for (const more of [{}, { file: { bytes: 1 } }])
      expect(sense({ model: 'm', url: 'https://host.example/a', ...more }).inputTokensWorst).toBeGreaterThanOrEqual(1e9)
  })
})

test('a text to be spoken counts by its characters, and at worst by its bytes', () => {
  const sense = (body: JsonObject): Signals => openaiSpeech.sense(makeRequest(body, 'speech'))
  expect(sense({ model: 'm', input: '안녕 👋!', instructions: 'gently' })).toMatchObject({
    inputTokens: 11,
    inputTokensWorst: 18,
    outputTokens: 16,
    needs: [{ capability: 'speech', param: 'model' }],
  })
  expect(sense({ model: 'm', input: '' })).toMatchObject({ inputTokens: 0, outputTokens: 0 })
})

test('an edit counts its pictures, under every name, and the answers asked for', () => {
  const sense = (body: JsonObject): Signals => openaiImageEdits.sense(makeRequest(body, 'imageEdits'))
  const picture = { filename: 'a.png', bytes: 5_000_000 }
  const edit = sense({ model: 'm', prompt: 'cat!', 'image[]': [picture, picture], mask: picture, n: '3' })
  expect(edit).toMatchObject({ inputTokens: 3002, inputTokensWorst: 30_005, choices: 3 })
  expect(sense({ model: 'm', prompt: '', image: picture }).inputTokensWorst).toBe(10_000)
  expect(sense({ model: 'm', prompt: '', images: [{ image_url: 'https://host.example/a' }] }).inputTokensWorst).toBe(
    10_000,
  )
  expect(sense({ model: 'm', prompt: '', image: picture, n: 2 }).choices).toBe(2)
})
