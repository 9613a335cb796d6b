// Law 1, by whatever rule: each way to write that DeepSeek is out keeps every request from what it names.
import { describe, expect, test } from 'vitest'
import { ALL } from '#src/core/endpoint.ts'
import { attacksSoFar, DENY, startAttacked } from '../support/evasion-attacker.ts'
import { ASTRAY, SAME } from '../support/evasion-names.ts'
import { jsonAttack, plainAttack } from '../support/evasion-requests.ts'
import { DENIED, type Denied } from '../support/evasion-world.ts'

const refusedOnly = (status: number): void => expect([400, 403, 404]).toContain(status)

describe('whatever the rule is written by', () => {
  const named = ({ named: is }: Denied): boolean => is
  const known = [{ developer: 'tutti-test' }, { developer: 'openai' }, { developer: 'google' }]
  const SERVICE = ({ by }: Denied): boolean => by === 'operator'
  const RULES: readonly (readonly [name: string, policy: object, denies: (target: Denied) => boolean])[] = [
    ['a preset, everywhere', { preset: 'deepseek-everywhere' }, () => true],
    ['a preset, for ministries', { preset: 'korea-public-sector' }, () => true],
    ['an allow-list', { name: 'x', require: { anyOf: known } }, () => true],
    ['a developer alone', { name: 'x', deny: { developer: 'DeepSeek' } }, ({ developer }) => developer === 'deepseek'],
    [
      'a family',
      { name: 'x', deny: { family: 'deep-seek', derived: true } },
      ({ developer }) => developer === 'deepseek',
    ],
    [
      'a lineage',
      { name: 'x', deny: { lineage: 'deepseek*', derived: true } },
      ({ developer }) => developer === 'another',
    ],
    ['a wildcard', { name: 'x', deny: { model: '*deepseek*' } }, named],
    ['a wildcard that unknown names pass', { name: 'x', deny: { model: '*deepseek*' }, unknown: 'allow' }, named],
    ['a developer that unknown names pass', { ...DENY, unknown: 'allow' }, () => true],
    ['an operator', { name: 'x', deny: { operator: 'deepseek' } }, SERVICE],
    ['its country', { name: 'x', deny: { operatorCountry: 'CN' } }, SERVICE],
    ['a provider', { name: 'x', deny: { provider: 'DEEP SEEK' } }, SERVICE],
    ['a condition', { ...DENY, when: 'request.model != ""' }, () => true],
    ['a condition that breaks', { ...DENY, when: 'client.country == "KR"' }, () => true],
  ]

  test.each(RULES)('%s', async (_, policy, denies) => {
    const attacked = await startAttacked([policy])
    const own = [...DENIED.entries()].filter(([, target]) => denies(target))
    expect(own.length).toBeGreaterThan(2)
    for (const [index, { id }] of own) {
      for (const endpoint of ALL) {
        expect(await attacked.attack(plainAttack(endpoint, id)), `${endpoint} ${id}`).toBe(403)
        expect(await attacked.attack(plainAttack(endpoint, `alias-${index}`))).toBe(403)
      }
      expect(attacked.taken()).toEqual([])
      await attacked.attack(plainAttack('chat', `behind-${index}`))
      expect(new Set(attacked.taken().map(({ provider }) => provider))).toEqual(new Set(['broken']))
    }
  })

  test.each(Object.entries(SAME))('a name alone is evidence, spelled with %s', async (_, spell) => {
    const attacked = await startAttacked([{ ...DENY, unknown: 'allow' }])
    for (const name of ['deepseek-chat', 'DeepSeek-V3.2', 'deepseek-r1-distill-llama-70b', 'deepseek'])
      refusedOnly(await attacked.attack(jsonAttack({ endpoint: 'chat', model: `good/${spell(name)}` })))
    expect(attacked.taken()).toEqual([])
  })

  test('names under models alone', async () => {
    const attacked = await startAttacked([DENY], { direct: false })
    for (const { id } of DENIED) {
      for (const spell of [...Object.values(SAME), ...Object.values(ASTRAY)])
        refusedOnly(await attacked.attack(jsonAttack({ endpoint: 'chat', model: spell(id) })))
    }
    expect(attacked.taken()).toEqual([])
  })
})

test('they are many, none counted twice', () => {
  console.log(`evasion, by rules: ${attacksSoFar()} distinct requests`)
  expect(attacksSoFar()).toBeGreaterThanOrEqual(1500)
})
