import { compileRegex } from './pattern.ts'

/** A part of an expression, as the library of conditions has it. */
interface Node {
  readonly op: string
  readonly args: unknown
  readonly input: string
  /** Offsets into `input`. */
  readonly start: number
  readonly end: number
}

/** What that library hands to a macro, as far as this one uses it. */
interface Walker {
  check(node: Node, context: unknown): { readonly name: string }
  getType(name: string): unknown
  run(node: Node, context: unknown): unknown
}

/**
 * `re(text, "pattern")` in a condition: true where the pattern is found anywhere in the text. A macro and no function, so that the pattern is compiled
 * once, where it stands. Throws what is wrong with it, with its `range`; the answer throws for what is no text.
 */
export function searchMacro({ ast, args: [text = ast, pattern = ast] }: { ast: Node; args: readonly Node[] }) {
  const foundIn = searchFor(pattern)
  return {
    typeCheck(checker: Walker, _macro: unknown, context: unknown) {
      const { name } = checker.check(text, context)
      if (name === 'string' || name === 'dyn') return checker.getType('bool')
      throw fault(`\`re\` searches a text, and this is of type \`${name}\``, text.start)
    },
    evaluate(evaluator: Walker, _macro: unknown, context: unknown) {
      const value = evaluator.run(text, context)
      if (typeof value !== 'string') throw new TypeError('`re` searches a text')
      return foundIn(value)
    },
  }
}

function searchFor({ op, args, input, start, end }: Node): (text: string) => boolean {
  if (op !== 'value' || typeof args !== 'string')
    throw fault('`re` takes a text and a pattern written out, like `re(request.model, "^gpt-")`', start)
  const compiled = compileRegex(args)
  if (compiled.ok) return compiled.foundIn
  // Where nothing is escaped, the pattern stands in the expression as it is.
  const inside = input.slice(start, end).indexOf(args)
  throw fault(compiled.message, inside < 0 ? start : start + inside + compiled.at)
}

function fault(message: string, start: number): Error {
  return Object.assign(new Error(message), { range: { start } })
}
