import type { TuttiGateway } from '#src/index.ts'
import { requestOf, type Attack } from './evasion-requests.ts'
import { startEvasionWorld, whatLeaked, type Taken } from './evasion-world.ts'

export const DENY = { name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } }

/** Every request of a file, each once. */
const distinct = new Set<string>()

/** How many distinct requests were sent so far. */
export const attacksSoFar = (): number => distinct.size

export interface Attacked {
  readonly gateway: TuttiGateway
  /** Sends it, reads the answer to its end and gives its status. */
  attack(attack: Attack): Promise<number>
  /** What went out since the last look. */
  taken(): readonly Taken[]
  /** What is wrong with it. */
  leaks(): readonly string[]
}

export async function startAttacked(policies: readonly object[] = [DENY], more: object = {}): Promise<Attacked> {
  const { gateway, taken } = await startEvasionWorld(policies, more)
  const name = JSON.stringify(policies)
  return {
    gateway,
    taken,
    async attack(attack) {
      distinct.add(`${name}${JSON.stringify(attack)}`)
      const response = await gateway.fetch(requestOf(attack))
      await response.text()
      return response.status
    },
    leaks: () => taken().flatMap((one) => whatLeaked(one) ?? []),
  }
}
