import type { Settled, Settlement } from '#src/core/state-store.ts'
import { createDurableStore, type StateNamespace } from '#src/state/durable-store.ts'
import { TuttiState as Served, type StateBindings } from '#src/state/durable-object.ts'
import { decode, encode } from './state-wire.ts'

/** A worker that asks the state for whoever asks it, so that the tests of stores can ask what lies in workerd. */

/** The objects of each world that were asked: tests do not share any. In '' they have the names that the gateway gives them. */
const asked = new Map<string, Set<string>>()

const BETWEEN = '//'

function inWorld(namespace: StateNamespace, world: string): StateNamespace {
  return {
    getByName(name) {
      asked.set(world, (asked.get(world) ?? new Set()).add(name))
      return namespace.getByName(world === '' ? name : world + BETWEEN + name)
    },
  }
}

/** Its time is what it is told. */
export class TuttiState extends Served {
  #woken: number | undefined
  #stumbles = false

  constructor(ctx: ConstructorParameters<typeof Served>[0], env: StateBindings) {
    const world = ctx.id.name.includes(BETWEEN) ? ctx.id.name.slice(0, ctx.id.name.indexOf(BETWEEN)) : ''
    super(ctx, { ...env, TUTTI_STATE: inWorld(env.TUTTI_STATE, world) })
  }

  protected override clock(given: number): number {
    return this.#woken ?? given
  }

  /** As if the runtime had let it go: what is not written is lost. */
  async crash(): Promise<void> {
    this.ctx.abort('crashed by a test')
  }

  /** As a newer version would leave it: this one cannot read it. */
  async outdate(): Promise<void> {
    this.ctx.storage.kv.put('schema', 1000)
  }

  /** As a worker with schema 5 left it. */
  async predate(): Promise<void> {
    this.ctx.storage.sql.exec(`
      alter table lease rename to newer;
      drop index lease_expires;
      create table lease (
        kind text not null, id text not null, places text not null, amount integer not null, expires integer not null, done integer not null,
        primary key (kind, id)
      ) without rowid;
      create index lease_expires on lease (expires);
      insert into lease select * from newer;
      drop table newer;
    `)
    this.ctx.storage.kv.put('schema', 5)
  }

  /** As it should never be. */
  async damage(text: string): Promise<void> {
    this.ctx.storage.sql.exec(text)
  }

  /** The next settlement is carried out, and nobody is told. */
  async stumble(): Promise<void> {
    this.#stumbles = true
  }

  override async settle(settlement: Settlement): Promise<Settled> {
    const settled = await super.settle(settlement)
    if (this.#stumbles) this.ctx.abort('stumbled for a test')
    return settled
  }

  /** What the runtime does at its time; answers when it is to do it again. */
  async wake(now: number): Promise<boolean> {
    this.#woken = now
    await this.ctx.storage.deleteAlarm()
    await this.alarm()
    this.#woken = undefined
    return this.wakes()
  }

  async wakes(): Promise<boolean> {
    return (await this.ctx.storage.getAlarm()) !== null
  }

  /** Rows of each table. */
  async rows(): Promise<ReadonlyMap<string, number>> {
    const { sql } = this.ctx.storage
    const names = sql
      .exec("select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'")
      .toArray()
    return new Map(
      names.map(({ name }) => [
        String(name),
        Number(sql.exec(`select count(*) as n from "${String(name)}"`).toArray()[0]?.['n']),
      ]),
    )
  }
}

interface Asked {
  readonly world: string
  /** An object by its name; absent: the store. */
  readonly object?: string
  readonly method: string
  readonly args: readonly unknown[]
}

type Callable = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

async function answer({ world, object, method, args }: Asked, namespace: StateNamespace): Promise<unknown> {
  const objects = inWorld(namespace, world)
  if (method === 'crash') {
    for (const name of asked.get(world) ?? []) await call(objects.getByName(name), 'crash', []).catch(() => undefined)
    return true
  }
  return call(object === undefined ? createDurableStore(objects) : objects.getByName(object), method, args)
}

async function call(target: unknown, method: string, args: readonly unknown[]): Promise<unknown> {
  return (target as Callable)[method]?.(...args)
}

export default {
  async fetch(request: Request, { TUTTI_STATE }: { readonly TUTTI_STATE: StateNamespace }): Promise<Response> {
    try {
      return new Response(encode({ answer: await answer(decode(await request.text()) as Asked, TUTTI_STATE) }))
    } catch (error) {
      return new Response(encode({ error: String(error), cause: String((error as Error).cause) }), { status: 500 })
    }
  },
}
