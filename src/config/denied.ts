import { badRequest } from '#src/core/failure.ts'
import type { Hash } from '#src/core/hash.ts'
import { isObject, parseJson, type Json } from '#src/core/json.ts'
import type { Rule } from '#src/core/policy.ts'
import type { Denial, Snapshot } from '#src/core/snapshot.ts'
import type { CompileOptions } from './context.ts'
import { MEANS } from './means.ts'
import { readShape } from './read-shape.ts'
import { policySchema } from './schema-policy.ts'

/** What a rule that was not in the file has in the place of one. */
const SOURCE = 'POST /-/deny'
/** Of what an operator may write there: a rule that always speaks. */
const FIELDS: ReadonlySet<string> = new Set(['name', 'deny', 'reason', 'unknown', 'subjects'])

type Compiler = Pick<CompileOptions, 'ruleKinds' | 'catalog' | 'hash'>

/** A configuration to which operators can add denials while it runs: each adding starts from the file again. */
export function deniable(build: (own: Pick<Snapshot, 'readDenial' | 'deny'>) => Snapshot, options: Compiler): Snapshot {
  const bare: Snapshot = build({
    readDenial: (value) => readDenial(value, options),
    deny: (denials) => denying(bare, denials, options),
  })
  return bare
}

/** As a rule of the file: `{ name, deny, reason, unknown, subjects }`. Throws FailureError 400 with `param`. */
function readDenial(value: Json | undefined, options: Compiler): Denial {
  if (!isObject(value)) throw badRequest('the body must be a JSON object: `{ "name": …, "deny": { … } }`', null)
  const { name, deny } = readShape(policySchema, value)
  const extra = Object.keys(value).find((field) => !FIELDS.has(field))
  if (extra !== undefined) throw badRequest(`\`${extra}\` has no meaning here: a denial always speaks`, extra)
  if (name === undefined) throw badRequest('`name` is missing', 'name')
  if (deny === undefined) throw badRequest('`deny` is missing', 'deny')
  const text = JSON.stringify(value)
  compile(text, options)
  return { name, text }
}

/** A stored denial as a rule; one that a newer version wrote and this one cannot read denies everything: it was meant to deny. */
function compile(text: string, { ruleKinds, catalog }: Compiler): Rule {
  const parsed = policySchema.safeParse(parseJson(text))
  const { name = 'a denial', deny, reason, unknown, subjects } = parsed.success ? parsed.data : {}
  const kind = ruleKinds.get('deny')
  if (!kind) throw new TypeError('there is no kind of rule `deny`')
  return kind.compile(
    {
      name,
      source: SOURCE,
      body: deny ?? { model: '*' },
      ...(reason !== undefined && { reason }),
      ...(unknown !== undefined && { unknown }),
      ...(subjects && { subjects: JSON.parse(JSON.stringify(subjects)) }),
    },
    catalog,
    MEANS,
  )
}

/** The same with further rules, under an epoch of its own: what decides is not the file alone any more. */
async function denying(bare: Snapshot, denials: readonly string[], options: Compiler): Promise<Snapshot> {
  if (denials.length === 0) return bare
  const epoch = await epochWith(bare.epoch, denials, options.hash)
  return withRules(
    bare,
    denials.map((text) => compile(text, options)),
    epoch,
  )
}

/** Whatever hosts say is heard beneath it. */
function withRules(bare: Snapshot, more: readonly Rule[], epoch: string): Snapshot {
  return {
    ...bare,
    epoch,
    rules: [...bare.rules, ...more],
    inform: (inventory) => withRules(bare.inform(inventory), more, epoch),
  }
}

const EPOCH_LENGTH = 12

async function epochWith(epoch: string, denials: readonly string[], hash: Hash): Promise<string> {
  return (await hash([epoch, ...denials].join('\n'))).slice(0, EPOCH_LENGTH)
}
