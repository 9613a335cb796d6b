/** Three values: what is not known is neither true nor false (INTERFACE.md section 9). */
export type Truth = true | false | 'unknown'

/** All must hold: false if any is false, else unknown if any is, else true. */
export function all(values: Iterable<Truth>): Truth {
  let result: Truth = true
  for (const value of values) {
    if (value === false) return false
    if (value === 'unknown') result = 'unknown'
  }
  return result
}

/** Any may hold: true if any is true, else unknown if any is, else false. */
export function any(values: Iterable<Truth>): Truth {
  let result: Truth = false
  for (const value of values) {
    if (value === true) return true
    if (value === 'unknown') result = 'unknown'
  }
  return result
}
