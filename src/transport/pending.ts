/** Bytes in a store that grows by doubling. Stores are shared by states: a byte is written once, behind everything that any state sees. */
export interface Pending {
  readonly store: { readonly bytes: Uint8Array; used: number }
  readonly size: number
}

const SMALLEST_STORE = 1024

/** How many bytes wait; 0 without any. */
export function sizeOf(pending: Pending | undefined): number {
  return pending === undefined ? 0 : pending.size
}

/** The bytes that wait, as a view: they are never written again. */
export function bytesOf(pending: Pending): Uint8Array {
  return pending.store.bytes.subarray(0, pending.size)
}

/** The bytes with more behind them; what was there stays as it was for every state that holds it. */
export function append(pending: Pending | undefined, part: Uint8Array): Pending {
  const before = sizeOf(pending)
  const size = before + part.length
  let store = pending?.store
  // Another state that began from the same one may have written here already: then this one takes a copy.
  if (store === undefined || store.used !== before || store.bytes.length < size) {
    const bytes = new Uint8Array(Math.max(SMALLEST_STORE, 2 * size))
    if (store !== undefined) bytes.set(store.bytes.subarray(0, before))
    store = { bytes, used: before }
  }
  store.bytes.set(part, before)
  store.used = size
  return { store, size }
}
