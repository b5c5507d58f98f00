import type { PersonInfo } from '../schema/result.ts';
import type { Mark } from './marks.ts';

/** One person's marks, in the order they are painted. */
export interface PersonPlan {
  index: number;
  person: PersonInfo;
  marks: Mark[];
}

/** Everything to be painted, in this order. */
export interface Plan {
  persons: PersonPlan[];
  /** And notes: over everyone, so that no bone crosses them. */
  names: Mark[];
}

/** One who is drawn, and how strongly. */
export interface Subject {
  person: PersonInfo;
  index: number;
  color: string;
  /** `0 … 1`. */
  opacity: number;
}
