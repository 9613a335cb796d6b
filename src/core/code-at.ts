/** `text.charCodeAt(at)` for loops over texts of many origins: an engine that has met more than a few kinds of string looks that method up at each unit. */
export function codeAt(text: string, at: number): number {
  return String.prototype.charCodeAt.call(text, at)
}
