import { defineProvider } from '#providers/openai-compatible/index.ts'

/** CLOVA Studio's OpenAI-compatible interface; `gov` is the government cloud's. */
export const hyperclovaX = defineProvider({
  type: 'hyperclova-x',
  title: 'NAVER HyperCLOVA X',
  endpoints: ['chat', 'embeddings'],
  baseUrl: 'https://clovastudio.stream.ntruss.com/v1/openai',
  regions: { gov: { baseUrl: 'https://api.clovastudio.go.kr/api/v1', facts: { region: 'KR' } } },
  facts: { operator: 'naver cloud', operatorCountry: 'KR' },
  streamEnd: 'done-optional',
  quirks: { developerRole: 'system', contentNull: '""', temperatureMax: 1, embeddingsBase64: 'unsupported' },
})
