// Writes tutti.schema.json from the schema of the configuration, for editors: `node scripts/generate-schema.ts`.
import { writeFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { fileSchema } from '#src/config/schema.ts'

/** The text of tutti.schema.json. Draft 7 is what editors' YAML and JSON modes read best. */
export function schemaText(): string {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // A field that no version takes yet is one that an editor need not offer.
      for (const [name, field] of Object.entries(jsonSchema.properties ?? {})) {
        if (typeof field === 'object' && field.not !== undefined) delete jsonSchema.properties?.[name]
      }
    },
  })
  const head = { $schema: schema.$schema, title: 'tutti', description: "tutti's configuration: tutti.yaml" }
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`
}

if (import.meta.main) writeFileSync(new URL('../tutti.schema.json', import.meta.url), schemaText())
