import { personColor } from 'body21';

/** Of everyone whom the filter leaves out: no person's, so that none of them looks like one they lie over. */
const DOUBTFUL = '#c9d1d3';

/** The colours of a photo's people. Only who counts as a person has one of their own: there are not many. */
export function colorsOf(judged: readonly { readonly valid: boolean }[]): string[] {
  let persons = 0;
  return judged.map(({ valid }) => (valid ? personColor(persons++) : DOUBTFUL));
}
