import type { Encode, Encoded } from '#src/core/adapter.ts'
import { contentTypeOf, editForm, type Form, type FormEdit, type FormPart } from '#src/core/multipart.ts'
import type { Quirks } from './definition.ts'
import { addressFor, requestHeaders, steers } from './encode-request.ts'

/**
 * A form for one upstream: the caller's own bytes with the upstream's model id, and without the fields that would choose who answers. Files
 * are not looked into.
 */
export function encodeForm(input: Encode, form: Form, quirks: Quirks): Encoded {
  const { request, account } = input
  const edits: FormEdit[] = []
  const warnings = new Set<string>()
  for (const part of form.parts) {
    const why = whyNot(part, quirks)
    if (part.name === 'model') edits.push(...named(part, input.model))
    else if (why !== undefined) {
      edits.push({ start: part.from, end: part.to, text: '' })
      warnings.add(`\`${part.name}\` was not sent: ${why}`)
    }
  }
  return {
    upstream: {
      method: 'POST',
      url: addressFor(request.endpoint, account, quirks),
      // The boundary is the body's: no header of the operator's can stand in its place.
      headers: { ...requestHeaders(account, request, quirks), 'content-type': contentTypeOf(form) },
      bytes: editForm(form, edits),
    },
    warnings: [...warnings],
  }
}

function whyNot({ name }: FormPart, quirks: Quirks): string | undefined {
  // `model[]`, `models[0]` and `provider.order` are lists and objects, for those who read forms so.
  const bare = name.split('[', 1)[0]?.split('.', 1)[0] ?? ''
  if (steers(bare, quirks) || (bare === 'model' && name !== bare)) return 'it would choose who answers'
  return quirks.removed.includes(bare) ? 'the provider does not take it' : undefined
}

/** The id, and its length where the part says one. */
function named({ start, end, length }: FormPart, model: string): readonly FormEdit[] {
  const edit = { start, end, text: model }
  if (!length) return [edit]
  return [edit, { ...length, text: String(new TextEncoder().encode(model).length) }]
}
