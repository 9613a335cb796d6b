import { viewOf } from './pii/view.ts'

/** A text as guards read it: width, case and characters without width make no difference, nor does which dash or space it is. */
export function guardedText(text: string): string {
  return viewOf(text).text.toLowerCase()
}
