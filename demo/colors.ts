import { personColors } from 'body21';
import type { JudgedPerson } from './state.ts';

/** Of everyone whom the filter leaves out: no person's, so that none of them looks like one they lie over. */
const DOUBTFUL = '#c9d1d3';

/** The colours of a photo's people. Only who counts as a person has one of their own: there are not many. */
export function colorsOf(judged: readonly Pick<JudgedPerson, 'person' | 'valid'>[]): string[] {
  const valid = judged.filter((each) => each.valid);
  const colors = personColors(valid.map(({ person }) => person));
  return judged.map((each) => colors[valid.indexOf(each)] ?? DOUBTFUL);
}
