import { defineProvider } from '#providers/openai-compatible/index.ts'

/**
 * Residency belongs to a project there, the host only follows it. A project of the US or the EU always processes at home; those of the other
 * regions may only store there, so their host alone makes no `region` known: the file says it.
 */
export const openai = defineProvider({
  type: 'openai',
  title: 'OpenAI',
  endpoints: [
    'chat',
    'completions',
    'embeddings',
    'responses',
    'moderations',
    'imageGenerations',
    'imageEdits',
    'speech',
    'transcriptions',
    'translations',
    'decisions',
  ],
  baseUrl: 'https://api.openai.com/v1',
  regions: {
    us: { baseUrl: 'https://us.api.openai.com/v1', facts: { region: 'US' } },
    eu: { baseUrl: 'https://eu.api.openai.com/v1', facts: { region: 'EU' } },
    ae: { baseUrl: 'https://ae.api.openai.com/v1' },
    au: { baseUrl: 'https://au.api.openai.com/v1' },
    in: { baseUrl: 'https://in.api.openai.com/v1' },
    jp: { baseUrl: 'https://jp.api.openai.com/v1' },
  },
  facts: { operator: 'openai', operatorCountry: 'US' },
  quirks: { members: 'openai', foreignMembers: 'refused' },
})
