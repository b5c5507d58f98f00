import type { FoundPerson, PersonInfo } from '../../schema/result.ts';
import type { Person } from '../person.ts';
import type { Found } from './findings.ts';
import type { Hypothesis } from './hypotheses.ts';

/**
 * Tells of each person once; once more, under the same number, of someone of whom a better look has been had.
 * @param infoOf the person as the answer has them
 */
export function teller(
  onPerson: (found: FoundPerson) => void,
  infoOf: (person: Person) => PersonInfo,
): (found: Found, wanted: readonly Person[]) => void {
  const numbers = new Map<Hypothesis, number>();
  let last = 0;
  return ({ personOf, duplicates }, wanted) => {
    for (const [hypothesis, person] of personOf) {
      if (numbers.has(hypothesis) || !wanted.includes(person)) continue;
      const [before] = [...numbers.keys()].filter((other) => duplicates.get(other) === hypothesis);
      const number = (before && numbers.get(before)) ?? ++last;
      numbers.set(hypothesis, number);
      onPerson({ number, person: infoOf(person) });
    }
  };
}
