import { arrayAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { missing, OPENAI_ERRORS } from './error-openai.ts'
import { postAt } from './openai.ts'
import { draw } from './random.ts'
import { responseUsage } from './render-responses.ts'
import { jsonBody, PLAIN_WISH, type Render, type Surface } from './surface.ts'

/** OpenAI's decisions: typed questions in, probabilities out, no text. */
export const decisions: Surface = {
  endpoint: 'decisions',
  asksModel: true,
  find: postAt('/decisions'),
  refuse: ({ body }) => missing(body, ['model', 'input', 'questions']),
  wish: ({ body }) => ({ ...PLAIN_WISH, prompt: [body['input'] ?? null, body['questions'] ?? null] }),
  whole: (render) => jsonBody(renderDecisions(render)),
  errors: OPENAI_ERRORS,
}

const NOTHING = { text: undefined, reasoning: [], refusal: undefined, tools: [], finish: 'stop' }

function renderDecisions(render: Render): JsonObject {
  const questions = arrayAt(render.body, 'questions') ?? []
  const usage = responseUsage(render, NOTHING)
  return {
    model: render.model,
    answers: questions.map((question, at) => answerOf(question, at, render)),
    ...(usage !== null && { usage }),
  }
}

/** Answers stand in the order of their questions, each with the name that its question has. */
function answerOf(question: Json, at: number, { reply, body }: Render): JsonObject {
  const name = stringAt(question, 'name') ?? null
  const type = stringAt(question, 'type') ?? 'predicate'
  if (reply.refusal !== undefined) return { type: 'refusal', name }
  const score = reply.scores?.[at] ?? draw(`${at}/${JSON.stringify([body['input'], question])}`)
  switch (type) {
    case 'choice':
      return { type, name, ...choiceOf(arrayAt(question, 'choices') ?? [], score) }
    case 'score':
      return { type, name, ...scoreOf(arrayAt(question, 'levels') ?? [], score) }
    default:
      return { type: 'predicate', name, probability: score }
  }
}

/** The first choice is so probable, the others share the rest. */
function choiceOf(choices: readonly Json[], score: number): JsonObject {
  const probabilities = choices.map((choice, at) => ({
    value: valueOf(choice),
    probability: share(choices, at, score),
  }))
  const best = mostProbable(probabilities)
  return { choice: best?.value ?? '', confidence: best?.probability ?? 0, probabilities }
}

/** Levels count from 0: how high it is as a share of the highest, and how sure that is. */
function scoreOf(levels: readonly Json[], score: number): JsonObject {
  const near = score * Math.max(0, levels.length - 1)
  const probabilities = levels.map((level, value) => ({
    label: stringAt(level, 'label') ?? '',
    value,
    probability: Math.max(0, 1 - Math.abs(near - value)),
  }))
  return { score: near, confidence: mostProbable(probabilities)?.probability ?? 0, probabilities }
}

function share({ length }: readonly Json[], at: number, score: number): number {
  if (length === 1) return 1
  return at === 0 ? score : (1 - score) / (length - 1)
}

function mostProbable<T extends { readonly probability: number }>(all: readonly T[]): T | undefined {
  return all.toSorted((a, b) => b.probability - a.probability)[0]
}

/** A choice's value may be a switch; a bare one is its own. */
function valueOf(choice: Json): Json {
  if (typeof choice === 'string' || typeof choice === 'boolean') return choice
  const [, value = ''] = Object.entries(choice ?? {}).find(([name]) => name === 'value') ?? []
  return value
}
