import { defineProvider } from '#providers/openai-compatible/index.ts'

/** The v1 interface, `https://RESOURCE.openai.azure.com/openai/v1`: `model` is a deployment's name and says nothing about the model. */
export const azureOpenai = defineProvider({
  type: 'azure-openai',
  title: 'Azure OpenAI',
  endpoints: [
    'chat',
    'completions',
    'embeddings',
    'responses',
    'imageGenerations',
    'imageEdits',
    'speech',
    'transcriptions',
    'translations',
  ],
  modelsMustBeDeclared: true,
  facts: { operator: 'microsoft', operatorCountry: 'US' },
  quirks: { auth: 'api-key', members: 'openai', foreignMembers: 'refused' },
})
