import type OpenAI from 'openai'

/** A small app: one sentence about a text, read as it is written. Tries once more when the provider is busy. */
export async function summarise(client: OpenAI, text: string): Promise<string> {
  const stream = await client.chat.completions.create(
    { model: 'gpt-6-luna', stream: true, messages: [{ role: 'user', content: `Summarise in one sentence: ${text}` }] },
    { maxRetries: 1 },
  )
  let summary = ''
  let finished = false
  for await (const chunk of stream) {
    summary += chunk.choices[0]?.delta.content ?? ''
    finished ||= chunk.choices[0]?.finish_reason === 'stop'
  }
  if (!finished) throw new Error('the summary is not whole')
  return summary
}
