import type { PersonInfo, TrackedResult } from 'body21';
import { pairUp } from '../numbering.ts';

/**
 * A stored answer, with what one that was asked for afterwards tells of its people beyond their points. Their box is
 * that answer's as well, since a mask is drawn within it; whom it has not found stays as they were.
 * @param found everyone in the same frame
 */
export function withExtras(stored: TrackedResult, found: readonly PersonInfo[]): TrackedResult {
  const pairs = pairUp(stored.person_info, found);
  const person_info = stored.person_info.map((person) => {
    const { location = person.location, extras } = pairs.get(person) ?? {};
    return { ...person, location, ...(extras && { extras }) };
  });
  return { ...stored, person_info };
}
