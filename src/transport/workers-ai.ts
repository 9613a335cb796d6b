import { isObject, parseJson } from '#src/core/json.ts'
import type { Fetch } from './fetch.ts'

/** As much of a worker's binding to Workers AI as is used here. */
interface Ai {
  run(model: string, inputs: object, options: object): Promise<Response>
}

const PATH = '/run/'

/** The binding as a fetch: the model stands in the path, its input is the body. Undefined: it is no such binding. */
export function createAiFetch(binding: unknown): Fetch | undefined {
  if (!isAi(binding)) return undefined
  return (url, { body, signal }) => {
    const { pathname } = new URL(url)
    const inputs = typeof body === 'string' ? parseJson(body) : undefined
    if (!pathname.startsWith(PATH) || !isObject(inputs)) throw new TypeError('a binding of Workers AI runs models only')
    const model = decodeURIComponent(pathname.slice(PATH.length))
    // The answer as it came: else an error is an exception, whose text alone says which.
    return binding.run(model, inputs, { returnRawResponse: true, ...(signal && { signal }) })
  }
}

function isAi(value: unknown): value is Ai {
  return typeof value === 'object' && value !== null && 'run' in value && typeof value.run === 'function'
}
