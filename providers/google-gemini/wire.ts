import type { Json, JsonObject } from '#src/core/json.ts'

/** Whose signatures and opaque parts these are (`Signature`). */
export const VENDOR = 'google'

/** Stands where a call needs a signature and another model, or a client that kept none, made it (https://ai.google.dev/gemini-api/docs/thought-signatures, FAQ). */
export const NO_SIGNATURE = 'skip_thought_signature_validator'

/** What is asked of a model: events are wanted of every stream, whatever form the caller gets. */
export function generating(stream: boolean): string {
  return stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
}

/** Where a model is asked, behind the base address. An id of a caller's can neither leave its segment nor choose another action. */
export function actionPath(model: string, action: string): string {
  return `${collectionOf(model)}:${action}`
}

const COLLECTIONS = ['models/', 'tunedModels/'] as const

function collectionOf(model: string): string {
  const collection = COLLECTIONS.find((prefix) => model.startsWith(prefix))
  const id = collection === undefined ? model : model.slice(collection.length)
  return `/${collection ?? 'models/'}${encodeURIComponent(id.toWellFormed())}`
}

/** The newest: models that their name gives no generation (`gemini-flash-latest`) are of it. */
const NEWEST = Number.POSITIVE_INFINITY

/** The generation in a model's name: 2.5 of `gemini-2.5-flash`. undefined: it is no Gemini, and takes less. */
export function generationOf(model: string): number | undefined {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  const prefix = 'gemini-'
  if (!name.startsWith(prefix)) return undefined
  const generation = Number.parseFloat(name.slice(prefix.length))
  return Number.isNaN(generation) ? NEWEST : generation
}

/** From here on calls must carry signatures, thinking has levels, and results of tools may hold images. */
export const THIRD = 3

/** True for models that think, and let one say how much. */
export function isThinking(model: string): boolean {
  return (generationOf(model) ?? 0) >= 2.5
}

/** What has no value is not written. */
export function defined(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
