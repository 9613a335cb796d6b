import type { Account } from '#src/core/adapter.ts'
import {
  ANY,
  hostedModel,
  nameOfPath,
  type HostedModel,
  type Inquiry,
  type InquiryAnswer,
  type InventoryReader,
} from '#src/core/inventory.ts'
import { arrayAt, stringAt, type Json } from '#src/core/json.ts'
import { headersFor } from './encode-request.ts'
import { quirksOf } from './definition.ts'

/** As for any host of the dialect: a bearer token, where there is one. */
const QUIRKS = quirksOf({ type: 'openai-compatible', title: '' })

/** A question by GET, at `path` behind `base`. */
export function inquiry(account: Account, base: string, path: string): Inquiry {
  const { 'content-type': _, ...headers } = headersFor(account, false, QUIRKS)
  return { about: path, upstream: { method: 'GET', url: base + path, headers } }
}

/** The address of the host's own interface, which stands beside the dialect's `/v1`. */
export function hostOf({ baseUrl }: Account): string {
  return baseUrl.endsWith('/v1') ? baseUrl.slice(0, -'/v1'.length) : baseUrl
}

/** The bodies of the answers to one question. */
export function bodiesOf(answers: readonly InquiryAnswer[], about: string): readonly Json[] {
  return answers.filter((answer) => answer.about === about).map(({ body }) => body)
}

export const MODELS = '/models'

/** The list of models as vLLM writes it: `root` is always the weights, `parent` the model that an adapter (LoRA) was put on. */
export const rooted: InventoryReader = listing(rootOf)

/** As others write it, of whom some repeat the name that is served as its root. */
export const listed: InventoryReader = listing((row) =>
  stringAt(row, 'root') === stringAt(row, 'id') ? undefined : rootOf(row),
)

function listing(weightsOf: (row: Json) => string | undefined): InventoryReader {
  return {
    ask: (account) => [inquiry(account, account.baseUrl, MODELS)],
    read(answers) {
      const rows = bodiesOf(answers, MODELS).flatMap((body) => arrayAt(body, 'data') ?? [])
      const weights = new Map(rows.map((row) => [stringAt(row, 'id'), weightsOf(row)]))
      return rows.flatMap((row) => {
        const id = stringAt(row, 'id')
        if (id === undefined) return []
        const parent = stringAt(row, 'parent')
        const parents = parent === undefined ? [] : [weights.get(parent), parent]
        return [hostedModel(id, { names: [weightsOf(row)], parents })]
      })
    },
  }
}

function rootOf(row: Json): string | undefined {
  return nameOfPath(stringAt(row, 'root'))
}

/** The weights at a path, at a host that has one model and answers to any name. */
export function whatever(path: string | undefined, architectures: readonly (string | undefined)[] = []): HostedModel {
  return hostedModel(ANY, { names: [nameOfPath(path)], architectures })
}
