import { createSeed, type Draw } from '#src/core/seed.ts'
import { follow, GOOD, MARGIN, serve, type Ask, type Habits, type Job, type Told } from './protocol.ts'
import {
  apply,
  createShard,
  KEPT,
  type Promises,
  type Reply,
  type Row,
  type Shard,
  type Step,
  type Tick,
} from './shards.ts'

/** How a world may go wrong. */
export interface World {
  readonly promises?: Promises
  readonly habits?: Habits
  /** Bills may be larger than what was held for them. */
  readonly overHolds?: boolean
}

/** What was found in one interleaving. `broken`: a promise that did not hold, with what it says; the seed gives the same one again. */
export interface Found {
  readonly steps: number
  readonly answered: number
  readonly refused: number
  readonly crashes: number
  readonly broken?: string
}

/** Two trees of three levels, and a provider's limit that both meet. */
const TREES = [
  { root: 'a', accounts: ['a', 'a/team', 'a/team/k1'] },
  { root: 'a', accounts: ['a', 'a/team', 'a/team/k2'] },
  { root: 'b', accounts: ['b', 'b/team', 'b/team/k3'] },
] as const
const PROVIDER = 'provider'
/** Who is let in at one time. */
const GATE = 'gate'

/** Ticks that a hold lives, and the most that an answer takes. */
const LIFE = 100
const LONGEST_ANSWER = LIFE - MARGIN

/** A request, or whoever books what was left open, on its instance. */
interface Task {
  readonly job?: Job
  readonly instance: Instance
  readonly run: Generator<Ask, unknown, Told>
  /** What it is told next. */
  told: Told | undefined
  /** It waits for a reply under this number, or until a time. */
  waits: { readonly message: number } | { readonly until: Tick } | undefined
  outcome: unknown
}

interface Instance {
  dead: boolean
  /** It does nothing before: a pause of its machine. */
  pausedUntil: Tick
}

/** A step on its way to its store. It arrives sometime, whoever waits for it, or never. */
interface Message {
  readonly number: number
  readonly step: Step
  readonly from: Task
}

interface State {
  readonly draw: Draw
  readonly world: Required<World>
  readonly shards: ReadonlyMap<string, Shard>
  readonly limits: ReadonlyMap<string, number>
  readonly instances: readonly Instance[]
  readonly tasks: Task[]
  readonly messages: Message[]
  now: Tick
  numbers: number
  crashes: number
  steps: number
  /** What bills took beyond what was held, by account. */
  readonly beyond: Map<string, number>
}

/** One interleaving of a few requests of some instances over three shards, with lost, late and repeated messages, pauses and crashes. */
export function simulate(seed: string, world: World = {}): Found {
  const state = begin(seed, { promises: KEPT, habits: GOOD, overHolds: false, ...world })
  let broken: string | undefined
  for (let turns = 0; turns < MOST_TURNS && broken === undefined && !isQuiet(state); turns++) broken = turn(state)
  broken ??= settleDown(state) ?? inTheEnd(state)
  const outcomes = state.tasks.map(({ outcome }) => outcome)
  return {
    steps: state.steps,
    answered: outcomes.filter((outcome) => outcome === 'answered').length,
    refused: outcomes.filter((outcome) => outcome === 'refused').length,
    crashes: state.crashes,
    ...(broken !== undefined && { broken }),
  }
}

const MOST_TURNS = 1500

function begin(seed: string, world: Required<World>): State {
  const draw = createSeed(seed)
  const upTo = (most: number): number => 1 + Math.floor(draw() * most)
  const limits = new Map<string, number>([
    [PROVIDER, 6 + upTo(14)],
    [GATE, 1 + upTo(5)],
  ])
  for (const { accounts } of TREES)
    for (const account of accounts) limits.set(account, limits.get(account) ?? 4 + upTo(12))
  const instances = Array.from({ length: upTo(8) }, () => ({ dead: false, pausedUntil: 0 }))
  const tasks = Array.from({ length: 3 + upTo(5) }, (_, at): Task => {
    const tree = TREES[Math.floor(draw() * TREES.length)] ?? TREES[0]
    const amount = upTo(6)
    const bill = world.overHolds && draw() < 0.3 ? amount + upTo(4) : upTo(amount)
    const line = (account: string) => ({ account, amount, limit: limits.get(account) ?? 0 })
    const shards = [
      { shard: tree.root, lines: tree.accounts.map(line) },
      { shard: PROVIDER, lines: [line(PROVIDER)] },
    ]
    const gate = { shard: GATE, lines: [{ ...line(GATE), amount: 1 }] }
    const job = { id: `r${at}`, gate, shards, bill, expires: LIFE + upTo(LIFE) }
    const instance = instances[Math.floor(draw() * instances.length)] ?? { dead: false, pausedUntil: 0 }
    return {
      job,
      instance,
      run: serve(job, world.habits),
      told: undefined,
      waits: undefined,
      outcome: undefined,
    }
  })
  const shards = new Map(['a', 'b', PROVIDER, GATE].map((name) => [name, createShard()]))
  const start = {
    now: 0,
    numbers: 0,
    crashes: 0,
    steps: 0,
    messages: [],
    beyond: new Map<string, number>(),
  }
  return { draw, world, shards, limits, instances, tasks, ...start }
}

function isQuiet({ tasks, messages }: State): boolean {
  return messages.length === 0 && tasks.every(isOver)
}

function isOver({ outcome, instance }: Task): boolean {
  return outcome !== undefined || instance.dead
}

/** One thing happens. A sentence: what must not be. */
function turn(state: State): string | undefined {
  const { draw, tasks, messages, instances, now } = state
  const dice = draw()
  if (dice < 0.004) return crash(state, pick(draw, instances))
  if (dice < 0.01) return pause(state, pick(draw, instances))
  if (dice < 0.04) return void (state.now += 1 + Math.floor(draw() * (draw() < 0.1 ? 8 * LIFE : LIFE / 3)))
  if (dice < 0.06) return giveUp(pick(draw, messages))
  if (dice < 0.07) return lose(state, pick(draw, messages))
  if (dice < 0.08) return sweep(state, pick(draw, instances))
  const ready = tasks.filter((task) => isReady(task, now))
  const arrives = messages.length > 0 && (ready.length === 0 || draw() < 0.5)
  if (arrives) return arrive(state, pick(draw, messages))
  const task = pick(draw, ready)
  if (task) return goOn(state, task)
  state.now += 1
  return undefined
}

function pick<Item>(draw: Draw, items: readonly Item[]): Item | undefined {
  return items[Math.floor(draw() * items.length)]
}

function isReady(task: Task, now: Tick): boolean {
  if (isOver(task) || task.instance.pausedUntil > now) return false
  return task.waits === undefined || ('until' in task.waits && task.waits.until <= now)
}

function crash(state: State, instance: Instance | undefined): undefined {
  if (!instance || instance.dead) return
  instance.dead = true
  state.crashes++
}

function pause(state: State, instance: Instance | undefined): undefined {
  if (!instance) return
  instance.pausedUntil = state.now + Math.floor(state.draw() * 3 * LIFE)
}

/** Whoever waits for it waits no longer; it may arrive all the same. */
function giveUp(message: Message | undefined): undefined {
  if (message) tell(message, 'unknown')
}

/** It never arrives. */
function lose({ messages }: State, message: Message | undefined): undefined {
  if (!message) return
  messages.splice(messages.indexOf(message), 1)
  tell(message, 'unknown')
}

function tell({ number, from }: Message, told: Told): void {
  if (!from.waits || !('message' in from.waits) || from.waits.message !== number) return
  from.told = told
  from.waits = undefined
}

function arrive(state: State, message: Message | undefined): string | undefined {
  if (!message) return
  const { messages, draw } = state
  messages.splice(messages.indexOf(message), 1)
  const reply = carryOut(state, message.step, message.from.job)
  // The step was carried out, and its reply is lost.
  const lost = draw() < 0.03
  tell(message, lost ? 'unknown' : reply)
  return overspent(state, message.step.shard) ?? heldTwice(state, message.step.shard)
}

/** Money that nobody could hold back: more than was held, or what came after its hold had died. */
function carryOut(state: State, step: Step, job: Job | undefined): Reply {
  const { shards, now, world, beyond } = state
  const shard = shards.get(step.shard)
  if (!shard) return 'late'
  state.steps++
  const rows = shard.rows.length
  const reply = apply(shard, step, { now, promises: world.promises })
  const row = shard.rows[rows]
  if (!row) return reply
  const amount = job?.shards[0]?.lines[0]?.amount ?? 0
  const more = row.late ? row.bill : Math.max(0, row.bill - amount)
  for (const account of row.accounts) beyond.set(account, (beyond.get(account) ?? 0) + more)
  return reply
}

/** Law 2: what is spent and held, but for what nobody could hold back, is within every limit. */
function overspent({ shards, limits, now, beyond }: State, name: string): string | undefined {
  const shard = shards.get(name)
  if (!shard) return undefined
  const taken = new Map(shard.spent)
  for (const { lines, expires } of shard.holds.values()) {
    if (expires <= now) continue
    for (const { account, amount } of lines) taken.set(account, (taken.get(account) ?? 0) + amount)
  }
  for (const [account, sum] of taken)
    if (sum > (limits.get(account) ?? 0) + (beyond.get(account) ?? 0))
      return `law 2: ${account} has ${sum} spent and held of ${limits.get(account)}`
  return undefined
}

/** Law 3: one request holds its room once, however often it asks. */
function heldTwice({ shards }: State, name: string): string | undefined {
  const { holds } = shards.get(name) ?? createShard()
  for (const id of holds.keys()) if (holds.has(`${id}'`)) return `law 3: ${id} holds twice on ${name}`
  return undefined
}

function accountsIn({ spent, holds }: Shard): ReadonlyMap<string, number> {
  const accounts = new Map(spent)
  for (const { lines } of holds.values())
    for (const { account } of lines) if (!accounts.has(account)) accounts.set(account, 0)
  return accounts
}

/** The task does what it does between two steps: what it asks the time for it does at that time. */
function goOn(state: State, task: Task): string | undefined {
  const { told = state.now } = task
  task.told = undefined
  task.waits = undefined
  let next = task.run.next(told)
  while (!next.done && next.value === 'time') next = task.run.next(state.now)
  if (next.done) {
    task.outcome = next.value ?? 'done'
    return undefined
  }
  if (next.value === 'send') return send(state, task)
  if (next.value === 'time') return undefined
  const message = { number: ++state.numbers, step: next.value.step, from: task }
  state.messages.push(message)
  task.waits = { message: message.number }
  return undefined
}

/** Law 2: nothing goes over the wire that is not held for, on every shard. */
function send(state: State, task: Task): string | undefined {
  const { now, shards } = state
  const { id = '', shards: own = [], expires = 0 } = task.job ?? {}
  task.waits = { until: now + Math.min(Math.floor(state.draw() * LONGEST_ANSWER), Math.max(0, expires - now - 1)) }
  const bare = own.find(({ shard }) => (shards.get(shard)?.holds.get(id)?.expires ?? 0) <= now)
  return bare && `law 2: ${id} is sent and holds nothing on ${bare.shard}`
}

/** What a ledger says is still to be booked elsewhere is booked by whoever looks, for as long as the other shard would know it again. */
function sweep(state: State, instance: Instance | undefined): undefined {
  if (!instance || instance.dead) return
  for (const { root, row, other } of openRows(state)) {
    const lines = [{ account: other, amount: 0, limit: 0 }]
    const run = follow({ shard: other, lines }, { id: row.id, bill: row.bill, root, at: row.at })
    state.tasks.push({ instance, run, told: undefined, waits: undefined, outcome: undefined })
  }
}

function openRows({ shards }: State): readonly { readonly root: string; readonly row: Row; readonly other: string }[] {
  const rows = [...shards].flatMap(([root, shard]) => shard.rows.map((row) => ({ root, row })))
  return rows.flatMap(({ root, row }) => [...row.open].map((other) => ({ root, row, other })))
}

/** Whoever is left finishes; what was left open is booked, or counted anew from the ledgers where it is too old; then every hold dies. */
function settleDown(state: State): string | undefined {
  const { tasks, instances, shards } = state
  const fresh = { dead: false, pausedUntil: 0 }
  for (const instance of instances) instance.pausedUntil = 0
  let broken: string | undefined
  for (let turns = 0, swept = false; turns < MOST_TURNS && broken === undefined; turns++) {
    const message = state.messages[0]
    const task = tasks.find((one) => isReady(one, state.now))
    if (message) broken = arrive(state, message)
    else if (task) broken = goOn(state, task)
    else if (!tasks.every(isOver)) state.now++
    else if (swept) break
    else swept = sweep(state, fresh) ?? true
  }
  broken ??= heldByNobody(state)
  if (openRows(state).length > 0) shards.get(PROVIDER)?.spent.set(PROVIDER, ledgersOf(state))
  state.now += 10 * LIFE
  return broken
}

/** Law 3: nobody who lives leaves anything held until it dies, unless for a bill that it could not book. */
function heldByNobody({ shards, tasks, now }: State): string | undefined {
  const excused = tasks.filter(({ instance, outcome }) => instance.dead || outcome === 'abandoned')
  const theirs = new Set(excused.map(({ job }) => job?.id))
  for (const [name, { holds }] of shards)
    for (const [id, { expires }] of holds)
      if (expires > now && !theirs.has(id)) return `law 3: all is over, and ${id} still holds on ${name}`
  return undefined
}

function inTheEnd(state: State): string | undefined {
  return ledgersDiffer(state) ?? billedTwice(state) ?? unbilled(state) ?? phantom(state)
}

/** Law 4: what the provider's shard has spent is the sum of the ledgers. */
function ledgersDiffer(state: State): string | undefined {
  const [spent, booked] = [state.shards.get(PROVIDER)?.spent.get(PROVIDER) ?? 0, ledgersOf(state)]
  return spent === booked ? undefined : `law 4: the provider has ${spent} spent, the ledgers say ${booked}`
}

function ledgersOf({ shards }: State): number {
  const rows = TREES.flatMap(({ root }) => [...new Set([shards.get(root)])])
  return [...new Set(rows)].flatMap((shard) => shard?.rows ?? []).reduce((sum, { bill }) => sum + bill, 0)
}

function billedTwice({ shards }: State): string | undefined {
  for (const [name, { rows }] of shards) {
    const ids = rows.map(({ id }) => id)
    const twice = ids.find((id, at) => ids.indexOf(id) !== at)
    if (twice !== undefined) return `law 4: ${twice} is booked twice on ${name}`
  }
  return undefined
}

/** Who was answered, and lived, is in the ledger with what it cost; who was refused is not. */
function unbilled({ tasks, shards }: State): string | undefined {
  for (const { job, outcome } of tasks) {
    const row = job && shards.get(job.shards[0]?.shard ?? '')?.rows.find(({ id }) => id === job.id)
    if (outcome === 'answered' && row?.bill !== job?.bill) return `law 4: ${job?.id} was answered and is not booked`
    if (outcome === 'refused' && row) return `law 4: ${job?.id} was refused and is booked`
  }
  return undefined
}

/** Law 3: once all holds have died nothing is held, and what fits is admitted. */
function phantom({ shards, limits, now, world: { promises } }: State): string | undefined {
  for (const [name, shard] of shards) {
    for (const account of accountsIn(shard).keys()) {
      const amount = (limits.get(account) ?? 0) - (shard.spent.get(account) ?? 0)
      if (amount < 0) continue
      const step = { do: 'hold', id: `fresh ${account}`, shard: name, expires: now + LIFE } as const
      const lines = [{ account, amount, limit: limits.get(account) ?? 0 }]
      if (apply(shard, { ...step, lines }, { now, promises }) !== 'ok')
        return `law 3: ${account} has room for ${amount} and refuses it`
      shard.holds.delete(step.id)
    }
  }
  return undefined
}
