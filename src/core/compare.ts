/** Which of two comes first, for sorting: texts by code units, the same in every locale. */
export function compare<Item extends string | bigint | number>(a: Item, b: Item): number {
  return a < b ? -1 : a > b ? 1 : 0
}
