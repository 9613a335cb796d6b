/**
 * A member's name as those read it who do not care how it is spelled: with humps, with underscores and in any case. Upper case first: it also
 * folds the long s and the Kelvin sign, as Go does.
 */
export function foldMember(name: string): string {
  return name.toUpperCase().toLowerCase().replaceAll('_', '').replaceAll('-', '')
}
