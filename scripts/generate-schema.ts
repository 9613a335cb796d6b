// Writes tutti.schema.json from the schema of the configuration, for editors: `node scripts/generate-schema.ts`.
import { writeFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { fileSchema } from '#src/config/schema.ts'

/** The text of tutti.schema.json. Draft 7 is what editors' YAML and JSON modes read best. */
export function schemaText(): string {
  const schema = z.toJSONSchema(fileSchema, { target: 'draft-7', io: 'input' })
  const head = { $schema: schema.$schema, title: 'tutti', description: "tutti's configuration: tutti.yaml" }
  return `${JSON.stringify({ ...head, ...schema }, withoutRefused, 2)}\n`
}

/** A field that this version refuses is one that an editor need not offer. */
function withoutRefused(name: string, value: unknown): unknown {
  if (name !== 'properties' || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, field]: [string, unknown]) => !isRefused(field)))
}

function isRefused(field: unknown): boolean {
  return typeof field === 'object' && field !== null && 'not' in field
}

if (import.meta.main) writeFileSync(new URL('../tutti.schema.json', import.meta.url), schemaText())
