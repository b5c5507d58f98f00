import { BodyAnalysisError } from '../../schema/errors.ts';

/**
 * So many clients may live in a page at once: each has a worker, with threads and a
 * hundred megabytes and more of its own.
 */
export const MAX_CLIENTS = 8;

let taken = 0;

/**
 * Takes a client's place among those that live.
 * @returns gives it back; to be called once
 * @throws BodyAnalysisError `too-many-clients`
 */
export function takePlace(): () => void {
  if (taken >= MAX_CLIENTS) {
    throw new BodyAnalysisError(
      'too-many-clients',
      `There are ${MAX_CLIENTS} clients in this page, which is the most. Use one for all calls, or dispose of those that are not needed any more.`,
    );
  }
  taken++;
  return () => {
    taken--;
  };
}
