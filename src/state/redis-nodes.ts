/** Shards of a cluster of which something is remembered. */
const MOST = 10_000

/**
 * What is remembered of the node that has a shard. One server has all; which node of a cluster has a shard may change, so there each shard has its own.
 */
export function perNode<Value>(cluster: boolean, create: () => Value): (shard: string) => Value {
  const values = new Map<string, Value>()
  return (shard) => {
    const name = cluster ? shard : ''
    const known = values.get(name)
    if (known !== undefined) return known
    const value = create()
    values.set(name, value)
    for (const oldest of values.keys()) {
      if (values.size <= MOST) break
      values.delete(oldest)
    }
    return value
  }
}
